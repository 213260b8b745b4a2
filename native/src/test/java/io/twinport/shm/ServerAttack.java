package io.twinport.shm;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.connection.Request;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;

/** A server that lies to a client. */
final class ServerAttack extends Attack {
  private static final int PORT_BASE = 20_000;

  /** A name that clients dial, held by nobody but such servers. */
  static final class Name implements AutoCloseable {
    private final ServerSocket port;
    private final InetSocketAddress address;
    private final int socket;

    Name() throws IOException {
      port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      address = (InetSocketAddress) port.getLocalSocketAddress();
      socket = UnixSocket.listen(TwinNames.of(address), 10);
    }

    /** Turns away whoever has dialled it and wants no answer any more. */
    void turnAway() throws IOException {
      for (int next = UnixSocket.accept(socket); next >= 0; next = UnixSocket.accept(socket)) {
        Posix.close(next);
      }
    }

    @Override
    public void close() throws IOException {
      Posix.close(socket);
      port.close();
    }
  }

  private final Name name;
  private int permitsSlot;

  ServerAttack(Listening listening, Name name, Choices choices) {
    super(listening, choices);
    this.name = name;
  }

  @Override
  boolean open() throws IOException {
    victim = listening.through.connect(name.address, null);
    int[] socket = {-1};
    eventually(
        () -> {
          dialAgainIfOver(); // The link of before may have ended just now.
          socket[0] = UnixSocket.accept(name.socket);
          return socket[0] >= 0;
        });
    peer = ForgedPeer.with(socket[0]);
    int stages = choices.below(8) == 0 ? choices.below(3) : 3;
    for (int stage = 0; stage < stages; stage++) {
      switch (stage) {
        case 0 -> peer.welcome();
        case 1 -> peer.grant(PORT_BASE);
        default -> permit(peer.expect(LinkMessages.ASK_PERMIT).body);
      }
    }
    if (stages < 3) {
      for (int i = choices.below(4); i >= 0; i--) {
        say();
      }
      listen();
      return false;
    }
    return eventually(this::isRequested) && confirm();
  }

  private void permit(ByteBuffer asked) throws IOException {
    int id = asked.getInt();
    asked.getInt();
    permitsSlot = asked.getInt();
    if (choices.below(2) == 0) {
      grant();
    }
    peer.send(LinkMessages.number(LinkMessages.PERMITTED, id));
  }

  /** Grants places that need not be there. */
  private void grant() {
    long at = peer.slot(permitsSlot) + LinkLayout.GRANTED;
    Memory.putLongRelease(at, not(Memory.getLong(at)));
  }

  /** Finds the victim's request. */
  private boolean isRequested() {
    for (int i = 0; i < ForgedPeer.SLOTS; i++) {
      long state = Memory.getLongAcquire(peer.victimsSlot(i) + LinkLayout.STATE);
      long verdict = Memory.getLong(peer.slot(i) + LinkLayout.VERDICT);
      int asked = LinkLayout.generation(state);
      boolean open =
          (state & (LinkLayout.REQUESTED | LinkLayout.CANCELLED)) == LinkLayout.REQUESTED;
      if (open && LinkLayout.generation(verdict) != asked) {
        slot = i;
        generation = asked;
        return true;
      }
    }
    return false;
  }

  /** Accepts it, most of the time. */
  private boolean confirm() {
    int code = choices.below(64) == 0 ? choices.below(256) : Request.CONFIRMED;
    long at = peer.slot(slot);
    Memory.fill(at, LinkLayout.VERDICT, (byte) 0);
    Memory.putLong(at + LinkLayout.READ_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(at + LinkLayout.SPACE_ARM, LinkLayout.NOT_ARMED);
    peer.state(slot, generation, LinkLayout.OPEN);
    Memory.putLongRelease(
        at + LinkLayout.VERDICT, LinkLayout.verdict(generation, code, choices.below(3)));
    peer.pushUnheard(slot);
    try {
      return victim.finishConnect();
    } catch (IOException e) {
      return false;
    }
  }

  private void dialAgainIfOver() throws IOException {
    boolean over;
    try {
      over = victim.finishConnect(); // With a place that was granted on the link of before.
    } catch (IOException e) {
      over = true;
    }
    if (over) {
      victim.abort();
      victim = listening.through.connect(name.address, null);
    }
  }

  @Override
  SanConnection connect() throws IOException {
    // So that the slot can be given out again.
    long over = LinkLayout.OPEN | LinkLayout.FIN | LinkLayout.CLOSED | LinkLayout.DONE;
    peer.state(slot, generation, over);
    peer.pushUnheard(slot);
    listening.through.poll(true);
    victim = listening.through.connect(name.address, null);
    if (isRequested() && confirm()) {
      return victim;
    }
    // Where it is looked up again, nobody answers: that would be another link.
    victim.abort();
    return null;
  }

  /** A verdict on what nobody has asked, or another one; or grants. */
  @Override
  void special() {
    mutated();
    if (choices.below(4) == 0) {
      grant();
      return;
    }
    int use = choices.below(4) == 0 ? (int) not(generation) : generation;
    int where = choices.below(2) == 0 ? slot : choices.below(ForgedPeer.SLOTS);
    long verdict = LinkLayout.verdict(use, choices.below(10), choices.below(256));
    Memory.putLongRelease(peer.slot(where) + LinkLayout.VERDICT, verdict);
    peer.pushUnheard(where);
  }
}
