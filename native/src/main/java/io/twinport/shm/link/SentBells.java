package io.twinport.shm.link;

import io.twinport.config.Log;
import io.twinport.posix.Posix;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.Bell;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bells of this process that a link's peer can ring. A bell is sent when a seat that has it is
 * armed for the first time.
 */
public final class SentBells {
  /** A bell of this process, and the wire by which the peer may ring it; nulls if it can't. */
  private record SentBell(Bell bell, OwnWire wire) {
    static final SentBell NONE = new SentBell(null, null);

    void close() {
      if (wire != null && !wire.isClosed()) {
        bell.remove(wire);
        wire.close();
      }
    }
  }

  private final Links links;
  private final LinkSocket socket;
  private final PeerBells peer;

  // guarded by this, which is taken before the socket's monitor; by number
  private SentBell[] sent = {};

  SentBells(Links links, LinkSocket socket, PeerBells peer) {
    this.links = links;
    this.socket = socket;
    this.peer = peer;
  }

  /**
   * The number by which the peer rings {@code seat}; 0, this process's own thread, if the seat has
   * no bell, or one that can't be sent.
   */
  public int seatNumber(Seat seat) {
    Bell bell = seat.bell();
    if (bell == null || bell.number() >= LinkLayout.SEATS) {
      return 0;
    }
    int number = bell.number();
    synchronized (this) {
      if (number >= sent.length) {
        sent = Arrays.copyOf(sent, number + 1);
      }
      if (sent[number] == null) {
        if (!links.spares().areComplete()) {
          return 0; // Until there are descriptors again.
        }
        send(bell);
      }
      return sent[number].wire == null ? 0 : number;
    }
  }

  /**
   * Has the peer ring {@code bell} by a wire. Once that is noted it stays, whatever happens: a peer
   * that never hears of it rings seat 0, and one that has heard of it goes on ringing it. The
   * caller holds the monitor.
   */
  private void send(Bell bell) {
    SentBell noted = SentBell.NONE;
    OwnWire wire = null;
    try {
      ByteBuffer message = LinkMessages.number(LinkMessages.BELL, bell.number());
      int[] peers = {-1};
      // One that is made while the socket is closed is closed behind it, in close().
      wire = socket.isClosed() ? null : OwnWire.of(bell.number(), links.bounds().wires, peer);
      if (wire != null) {
        SentBell made = new SentBell(bell, wire);
        bell.add(wire);
        peers[0] = Posix.duplicate(wire.fd());
        noted = made;
        sent[bell.number()] = noted;
        socket.send(message, peers);
      }
    } catch (IOException e) {
      Log.debug(() -> "shm: bell " + bell.number() + " stays here: " + Log.cause(e));
    } finally {
      if (noted.wire == null && wire != null) {
        bell.remove(wire);
        wire.close();
      }
    }
    sent[bell.number()] = noted;
  }

  /** The socket was closed before. May be called again. */
  synchronized void close() {
    for (SentBell next : sent) {
      if (next != null) {
        next.close();
      }
    }
  }
}
