package io.twinport.agent.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Goes on with its channels when the jar it has its agent from is overwritten, or deleted. */
public final class LosesItsJar {
  private LosesItsJar() {}

  public static void main(String[] arguments) throws Exception {
    Path jar = Path.of(arguments[0]);
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      if (arguments[1].equals("before")) {
        Thread hook = new Thread(LosesItsJar::listenInHook);
        Runtime.getRuntime().addShutdownHook(hook);
        Files.delete(jar);
      }
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      exchange(server);
      if (arguments[1].equals("after")) {
        awaitClasses();
        Files.write(jar, new byte[1000]);
      }
      exchange(server);
      select(server);
      exchangeAsynchronously(server);
    }
    System.out.println("done");
  }

  /** They are loaded beside what the program does. */
  private static void awaitClasses() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("twinport-classes")) {
        thread.join();
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

  private static void select(ServerSocketChannel server) throws IOException {
    try (Selector selector = Selector.open();
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
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
