package io.twinport.agent.start.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Goes on with its channels when the jar it has its agent from is overwritten, before the first of
 * them or after; or listens in a shutdown hook.
 */
public final class LosesItsJar {
  private LosesItsJar() {}

  public static void main(String[] arguments) throws Exception {
    Path jar = Path.of(arguments[0]);
    switch (arguments[1]) {
      case "hook" -> Runtime.getRuntime().addShutdownHook(new Thread(LosesItsJar::listenInHook));
      case "before" -> overwrite(jar);
      default -> {}
    }
    try (Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      exchange(server);
      if (arguments[1].equals("after")) {
        overwrite(jar);
      }
      exchange(server);
      select(selector, server);
      exchangeSockets();
      exchangeAsynchronously(server);
    }
    System.out.println("done");
  }

  /** In place: whoever has the file open reads what is in it now. */
  private static void overwrite(Path jar) throws IOException {
    Files.write(jar, new byte[1000]);
  }

  private static void exchangeSockets() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.getOutputStream().write(1);
      if (accepted.getInputStream().read() != 1) {
        throw new IOException("another byte");
      }
    }
  }

  private static void listenInHook() {
    try {
      ServerSocketChannel.open().bind(null).close();
    } catch (IOException e) {
      System.out.println(e);
    }
  }

  private static void exchange(ServerSocketChannel server) throws IOException {
    try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
        SocketChannel accepted = server.accept()) {
      client.write(ByteBuffer.allocate(10));
      accepted.read(ByteBuffer.allocate(10));
    }
  }

  private static void select(Selector selector, ServerSocketChannel server) throws IOException {
    try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
        SocketChannel accepted = server.accept()) {
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ);
      accepted.write(ByteBuffer.allocate(10));
      selector.select();
    }
  }

  private static void exchangeAsynchronously(ServerSocketChannel server) throws Exception {
    try (AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
      client.connect(server.getLocalAddress()).get();
      try (SocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.allocate(10));
        client.read(ByteBuffer.allocate(10)).get();
      }
    }
  }
}
