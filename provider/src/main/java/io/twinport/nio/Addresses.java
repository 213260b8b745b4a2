package io.twinport.nio;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import sun.nio.ch.Net;

/** What the JDK's channels do to an address before they use it. */
final class Addresses {
  private Addresses() {}

  /**
   * Checks the address of a connect and replaces a wildcard by the loopback address.
   *
   * @throws UnsupportedAddressTypeException if it is not of a type or family that can be used
   * @throws java.nio.channels.UnresolvedAddressException if it is not resolved
   */
  static InetSocketAddress checkRemote(SocketAddress remote, ProtocolFamily family) {
    InetSocketAddress checked = Net.checkAddress(remote);
    InetAddress address = checked.getAddress();
    if (family == StandardProtocolFamily.INET && !(address instanceof Inet4Address)) {
      throw new UnsupportedAddressTypeException();
    }
    checkConnectPermission(checked);
    return address.isAnyLocalAddress()
        ? new InetSocketAddress(loopback(address), checked.getPort())
        : checked;
  }

  private static InetAddress loopback(InetAddress wildcard) {
    byte[] bytes = new byte[wildcard.getAddress().length];
    bytes[bytes.length - 1] = 1;
    if (bytes.length == 4) {
      bytes[0] = 127;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // Only for an illegal length.
    }
  }

  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private static void checkConnectPermission(InetSocketAddress remote) {
    SecurityManager sm = System.getSecurityManager();
    if (sm != null) {
      sm.checkConnect(remote.getAddress().getHostAddress(), remote.getPort());
    }
  }

  /** As the JDK's server channel does before it hands a connection out. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  static void checkAcceptPermission(InetSocketAddress remote) {
    SecurityManager sm = System.getSecurityManager();
    if (sm != null) {
      sm.checkAccept(remote.getAddress().getHostAddress(), remote.getPort());
    }
  }
}
