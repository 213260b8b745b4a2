package io.twinport.it.apps;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server that reads its configuration before it opens a socket, as most do. */
public final class FileReadingServer {
  private FileReadingServer() {}

  /** Runs the server; the argument is the file. */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    Files.readAllLines(file);
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = listener.socket().getLocalPort();
      new Console()
          .on("read", words -> "lines=" + Files.readAllLines(file).size())
          .serve(Bindings.report(List.of(port)));
    }
  }
}
