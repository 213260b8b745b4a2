package io.twinport.shm.connection;

import io.twinport.host.LocalAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The addresses that this process, as a server, sees its clients' ends at: ports of the blocks that
 * it gives to clients, and addresses that clients have bound.
 */
public final class ClientAddresses {
  private final LocalAddresses locals;
  private final PortBlocks blocks;

  /** Those that clients have bound, of live connections, and the slots that they are for. */
  private final Map<InetSocketAddress, Long> chosen = new ConcurrentHashMap<>();

  /**
   * @param locals the addresses of this host
   */
  public ClientAddresses(LocalAddresses locals) throws IOException {
    this.locals = locals;
    this.blocks = new PortBlocks();
  }

  /** The ports that clients' slots have. */
  PortBlocks blocks() {
    return blocks;
  }

  boolean isLocal(InetAddress address) {
    return locals.isLocal(address);
  }

  /**
   * Takes an address that a client has bound, if no other live connection of this process has it as
   * its remote address.
   *
   * @param slot where the connection's slot lies
   */
  boolean take(InetSocketAddress remote, long slot) {
    Long taken = chosen.putIfAbsent(remote, slot);
    if (taken != null) {
      return taken == slot; // Its own, from before an Error.
    }
    // This look at the blocks is behind the entry, and isTaken() is asked with the block taken: one
    // of the two sees the other.
    if (blocks.isTaken(remote.getPort())) {
      giveBack(remote, slot);
      return false;
    }
    return true;
  }

  /** Whether a client has bound this address, before the block that has its port was taken. */
  boolean isTaken(InetSocketAddress remote) {
    return !chosen.isEmpty() && chosen.containsKey(remote);
  }

  /** Which of the ports of a block, which was taken before, clients have bound. */
  BitSet chosenPorts(int first, int count) {
    BitSet some = new BitSet(count);
    for (InetSocketAddress address : chosen.keySet()) {
      int number = address.getPort() - first;
      if (number >= 0 && number < count) {
        some.set(number);
      }
    }
    return some;
  }

  void giveBack(InetSocketAddress remote, long slot) {
    chosen.remove(remote, slot);
  }
}
