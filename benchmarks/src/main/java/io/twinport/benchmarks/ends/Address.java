package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a server listens, as text: a port of the loopback address, or the path of a file. */
public final class Address {
  private static final Path MEMORY = Path.of("/dev/shm");

  private Address() {}

  /**
   * A place to listen on that nobody has yet.
   *
   * @return a free port as 0, or the path of a file that is not there
   */
  static String free(Transport transport) throws IOException {
    return switch (transport) {
      case TCP, SAN -> "0";
      case UNIX -> unused(Path.of(System.getProperty("java.io.tmpdir")));
      case RING ->
          unused(Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir")));
    };
  }

  private static String unused(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "twinport-benchmark", "");
    Files.delete(file);
    return file.toString();
  }

  /** Whether it is a port. */
  static boolean isPort(String address) {
    return !address.startsWith("/");
  }

  /** The port; only if it is one. */
  static int port(String address) {
    return Integer.parseInt(address);
  }

  /** The address of a channel. */
  static SocketAddress socketAddress(String address) {
    return isPort(address)
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port(address))
        : UnixDomainSocketAddress.of(address);
  }

  /** As text. */
  static String of(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? Integer.toString(inet.getPort())
        : address.toString();
  }
}
