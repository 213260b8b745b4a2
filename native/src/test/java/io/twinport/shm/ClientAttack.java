package io.twinport.shm;

import io.twinport.posix.Errno;
import io.twinport.posix.Memory;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.link.LinkMessages;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.rendezvous.TwinNames;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A client that attacks a server. */
final class ClientAttack extends Attack {
  private static final int PERMIT = 7;

  /** The generation that each slot was last used with. */
  private final int[] uses = new int[SLOTS_USED];

  ClientAttack(Listening listening, Choices choices) {
    super(listening, choices);
  }

  @Override
  boolean open() throws IOException {
    int[] socket = {-Errno.EAGAIN};
    eventually(
        () -> {
          socket[0] = UnixSocket.connect(TwinNames.of(listening.address()));
          return socket[0] != -Errno.EAGAIN;
        });
    peer = ForgedPeer.with(socket[0]);
    int stages = choices.below(8) == 0 ? choices.below(4) : 4;
    for (int stage = 0; stage < stages; stage++) {
      switch (stage) {
        case 0 -> peer.sayHello();
        case 1 -> peer.send(LinkMessages.board(), peer.boardFd, peer.bell);
        case 2 -> peer.segment(0);
        default -> peer.askPermit(PERMIT, listening.address());
      }
    }
    if (stages < 4) {
      for (int i = choices.below(4); i >= 0; i--) {
        say();
      }
      listen();
      return false;
    }
    victim = request();
    return victim != null;
  }

  /** With the next slot, of whose last use the victim is told that it is over. */
  @Override
  SanConnection connect() throws IOException {
    slot = (slot + 1) % SLOTS_USED;
    peer.state(slot, uses[slot], LinkLayout.OPEN | LinkLayout.FIN | LinkLayout.CLOSED);
    peer.pushUnheard(slot);
    listening.through.poll(true);
    generation++;
    return request();
  }

  private SanConnection request() throws IOException {
    uses[slot] = generation;
    peer.write(slot, generation, PERMIT);
    peer.pushUnheard(slot);
    listening.through.poll(true);
    return accept(new InetSocketAddress(InetAddress.getLoopbackAddress(), peer.port(slot)));
  }

  /** Another request, for the same listener or for what is none; or claims. */
  @Override
  void special() {
    mutated();
    if (choices.below(4) == 0) {
      peer.claimed(not(peer.granted()));
      return;
    }
    int other = choices.below(2) == 0 ? slot : ForgedPeer.SLOTS - 2;
    long at = peer.slot(other);
    Memory.putInt(at + LinkLayout.PORT, choices.below(4) == 0 ? choices.below(1 << 17) : 0);
    Memory.putInt(at + LinkLayout.FAMILY, choices.below(4) == 0 ? choices.below(18) : 0);
    Memory.putInt(at + LinkLayout.PERMIT, choices.below(4) == 0 ? (int) not(PERMIT) : PERMIT);
    Memory.putLong(at + LinkLayout.CLAIM, choices.below(2) == 0 ? not(peer.granted()) : 0);
    int use = generation + choices.below(3);
    long flags = LinkLayout.OPEN | LinkLayout.REQUESTED;
    peer.state(other, use, choices.below(4) == 0 ? flags | LinkLayout.CANCELLED : flags);
    peer.pushUnheard(other);
  }
}
