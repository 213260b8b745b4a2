package io.twinport.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Which addresses are this host's, and which of them the kernel would put on a connection. */
public final class Addresses {
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Snapshot(Set<InetAddress> up, long takenAt) {}

  private volatile Snapshot snapshot;

  /**
   * Whether {@code address} is loopback, or an address of an interface that is up. At most a second
   * old.
   */
  public boolean isLocal(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return true;
    }
    if (address.isMulticastAddress() || address.isLinkLocalAddress()) {
      return false;
    }
    Snapshot known = snapshot;
    long now = System.nanoTime();
    if (known == null || now - known.takenAt > REFRESH_NANOS) {
      known = new Snapshot(upAddresses(), now);
      snapshot = known;
    }
    return known.up.contains(address);
  }

  private static Set<InetAddress> upAddresses() {
    Set<InetAddress> up = new HashSet<>();
    try {
      NetworkInterface.networkInterfaces()
          .filter(Addresses::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .forEach(up::add);
    } catch (SocketException e) {
      // no interface can be listed: loopback is all that is known to be local
      return Set.of();
    }
    return up;
  }

  private static boolean isUp(NetworkInterface device) {
    try {
      return device.isUp();
    } catch (SocketException e) {
      // it went away while we looked
      return false;
    }
  }

  /**
   * The address that the kernel's routing gives to the client's end of a connection to {@code
   * destination}. Both sides ask for themselves, in the same network namespace, so none has to
   * trust the other. Sends nothing.
   */
  public static InetAddress sourceFor(InetSocketAddress destination) throws IOException {
    try (DatagramSocket probe = new DatagramSocket(null)) {
      probe.connect(destination);
      return probe.getLocalAddress();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
