package io.twinport.it.apps;

import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;

/** What a server saw of its connections. */
final class Tally {
  private final Set<SocketAddress> open = new HashSet<>();
  private int accepted;
  private int duplicates;
  private int silent;
  private int resets;
  private long bytes;

  synchronized void accepted(SocketAddress remote) {
    accepted++;
    if (!open.add(remote)) {
      duplicates++;
    }
  }

  /** A connection ended, by a reset or by end of stream, after so many bytes came in. */
  synchronized void ended(SocketAddress remote, long received, boolean reset) {
    open.remove(remote);
    bytes += received;
    if (received == 0) {
      silent++;
    }
    if (reset) {
      resets++;
    }
  }

  /** The counts; {@code silent} are connections that ended without a byte having come in. */
  synchronized String report() {
    return "accepted="
        + accepted
        + " open="
        + open.size()
        + " duplicates="
        + duplicates
        + " silent="
        + silent
        + " resets="
        + resets
        + " bytes="
        + bytes;
  }
}
