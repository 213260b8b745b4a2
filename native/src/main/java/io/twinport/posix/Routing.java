package io.twinport.posix;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What the kernel's routing tables say. The JDK's {@code DatagramSocket} could be asked as well,
 * but its {@code connect} takes direct buffers, of which an application may have used up its limit;
 * and an application may have put classes of its own behind it.
 */
public final class Routing {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  private Routing() {}

  /**
   * The address that the kernel gives to the client's end of a connection to {@code destination}.
   * Sends nothing; takes a descriptor for a moment.
   *
   * @throws ErrnoException if there is no route
   */
  public static InetAddress sourceFor(InetSocketAddress destination) throws IOException {
    InetAddress host = destination.getAddress();
    boolean isV6 = host instanceof Inet6Address;
    int fd = LibC.socket(isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw LibC.failed("socket(SOCK_DGRAM)");
    }
    try {
      return sourceFor(fd, host, destination.getPort(), isV6);
    } finally {
      Posix.close(fd);
    }
  }

  private static InetAddress sourceFor(int fd, InetAddress host, int port, boolean isV6)
      throws IOException {
    int size = isV6 ? KernelLayout.SOCKADDR_IN6_SIZE : KernelLayout.SOCKADDR_IN_SIZE;
    int at = isV6 ? KernelLayout.SOCKADDR_IN6_ADDRESS : KernelLayout.SOCKADDR_IN_ADDRESS;
    long address = Memory.allocate(size + Integer.BYTES);
    try {
      Memory.fill(address, size, (byte) 0);
      Memory.putShort(address + KernelLayout.SOCKADDR_FAMILY, (short) (isV6 ? AF_INET6 : AF_INET));
      Memory.putShort(address + KernelLayout.SOCKADDR_PORT, Short.reverseBytes((short) port));
      byte[] bytes = host.getAddress();
      Memory.copy(bytes, 0, address + at, bytes.length);
      if (host instanceof Inet6Address v6) {
        Memory.putInt(address + KernelLayout.SOCKADDR_IN6_SCOPE, v6.getScopeId());
      }
      if (LibC.connect(fd, address, size) < 0) {
        throw LibC.failed("connect(" + host.getHostAddress() + ")");
      }
      long length = address + size;
      Memory.putInt(length, size);
      if (LibC.getsockname(fd, address, length) < 0) {
        throw LibC.failed("getsockname(" + fd + ")");
      }
      byte[] source = new byte[isV6 ? IPV6_BYTES : IPV4_BYTES];
      Memory.copy(address + at, source, 0, source.length);
      int scope = isV6 ? Memory.getInt(address + KernelLayout.SOCKADDR_IN6_SCOPE) : 0;
      return scope == 0
          ? InetAddress.getByAddress(source)
          : Inet6Address.getByAddress(null, source, scope); // Of a link, as the JDK's sockets say.
    } finally {
      Memory.free(address);
    }
  }
}
