package io.twinport.shm;

import io.twinport.posix.Posix;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that does what it should not: this process survives, ends no more than that link or that
 * connection, waits for nothing, and keeps nothing of it.
 */
@Timeout(60)
abstract class HostilePeer {
  Listening listening;
  int descriptors;

  @BeforeEach
  void listen() throws IOException {
    listening = Listening.open(50);
    Listening.Pair pair = listening.pair();
    Flow.assertEchoes(pair); // What the link needs for that it keeps for a while.
    pair.close();
    descriptors = Flow.descriptors();
  }

  @AfterEach
  void othersAreUnharmedAndNothingIsLeft() throws Exception {
    SanConnection client = listening.connect();
    Listening.Pair pair = new Listening.Pair(client, accept(client.localAddress()));
    Flow.assertEchoes(pair);
    pair.close();
    Flow.eventually(10_000, () -> Flow.descriptors() <= descriptors, "descriptors stay");
    listening.close();
  }

  /** The connection that the peer has requested with slot 0. */
  SanConnection accept(ForgedPeer peer) throws IOException {
    return accept(new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.port(0)));
  }

  /**
   * Takes requests until there is one of that client's. Whatever a forger has written may have been
   * a request, too, and stands in the queue by right.
   */
  private SanConnection accept(InetSocketAddress client) throws IOException {
    SanConnection accepted = listening.accept();
    while (accepted == null || !accepted.remoteAddress().equals(client)) {
      if (accepted != null) {
        accepted.close();
      }
      accepted = listening.accept();
    }
    return accepted;
  }

  /** A half of a control segment, as it has to be; closed along with the peer. */
  static int half(ForgedPeer peer, int slots) throws IOException {
    return memory(peer, LinkLayout.halfBytes(slots));
  }

  /** Memory as it has to be; closed along with the peer. */
  static int memory(ForgedPeer peer, int bytes) throws IOException {
    int fd = peer.open(Posix.memfd("forged", bytes));
    Posix.seal(fd, Posix.PEER_SEALS);
    return fd;
  }
}
