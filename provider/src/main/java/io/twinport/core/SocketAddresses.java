package io.twinport.core;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import sun.nio.ch.SanAccess;

/** What the JDK's channels do to an address before they use it. */
public final class SocketAddresses {
  private SocketAddresses() {}

  /**
   * Checks the address of a connect and replaces a wildcard by the loopback address.
   *
   * @throws UnsupportedAddressTypeException if it is not of a type or family that can be used
   * @throws java.nio.channels.UnresolvedAddressException if it is not resolved
   */
  public static InetSocketAddress checkRemote(SocketAddress remote, ProtocolFamily family) {
    InetSocketAddress checked = SanAccess.checkAddress(remote);
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

  /**
   * Returns what the application may know of a local address: under a security manager that would
   * not let it connect there, the loopback address stands for it. Null for none.
   */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  public static InetSocketAddress revealed(InetSocketAddress local) {
    SecurityManager sm = System.getSecurityManager();
    if (local == null || sm == null) {
      return local;
    }
    try {
      sm.checkConnect(local.getAddress().getHostAddress(), -1);
      return local;
    } catch (SecurityException e) {
      return onLoopback(local);
    }
  }

  /** As {@link #revealed}, for texts, which under a security manager never tell the address. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  public static String revealedText(InetSocketAddress local) {
    return (System.getSecurityManager() == null ? local : onLoopback(local)).toString();
  }

  private static InetSocketAddress onLoopback(InetSocketAddress local) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), local.getPort());
  }

  /** As the JDK's server channel does before it hands a connection out. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  public static void checkAcceptPermission(InetSocketAddress remote) {
    SecurityManager sm = System.getSecurityManager();
    if (sm != null) {
      sm.checkAccept(remote.getAddress().getHostAddress(), remote.getPort());
    }
  }
}
