package io.twinport.agent.echo;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A server with one thread and one selector. Greets each client with one byte, and sends back what
 * comes until the client says {@link #GOODBYE}. Prints its port, and ends with its standard input.
 */
public final class EchoServer {
  /** What a client begins its last message with; the server closes first then. */
  static final byte GOODBYE = 4;

  private static final int BACKLOG = 128;

  private final Selector selector;
  private final ServerSocketChannel listener;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private final ByteBuffer greeting = ByteBuffer.allocateDirect(1);
  private volatile boolean ending;

  private EchoServer(Selector selector, ServerSocketChannel listener) {
    this.selector = selector;
    this.listener = listener;
  }

  /** Runs the server. */
  public static void main(String[] arguments) throws IOException {
    try (Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      System.out.println(listener.socket().getLocalPort());
      EchoServer server = new EchoServer(selector, listener);
      Thread end = new Thread(server::awaitEnd, "end");
      end.setDaemon(true);
      end.start();
      server.serve();
    }
  }

  private void awaitEnd() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("echo server: standard input: " + e.getMessage());
    }
    ending = true;
    selector.wakeup();
  }

  private void serve() throws IOException {
    while (!ending) {
      selector.select(this::handle);
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
  }

  private void handle(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        accept();
      } else if (!echo((SocketChannel) key.channel())) {
        key.channel().close();
      }
    } catch (IOException e) {
      // A client that went away in the middle: the others go on.
      hangUp(key);
    }
  }

  private static void hangUp(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      System.err.println("echo server: close: " + e.getMessage());
    }
  }

  private void accept() throws IOException {
    for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
      client.configureBlocking(false);
      SelectionKey key = client.register(selector, SelectionKey.OP_READ);
      try {
        client.write(greeting.clear());
      } catch (IOException e) {
        hangUp(key); // Gone already: the listener goes on.
      }
    }
  }

  /** Returns false at the end of the conversation. A client of this demo reads all it has sent. */
  private boolean echo(SocketChannel client) throws IOException {
    int n = client.read(buffer.clear());
    if (n < 0 || (n > 0 && buffer.get(0) == GOODBYE)) {
      return false;
    }
    buffer.flip();
    while (buffer.hasRemaining()) {
      if (client.write(buffer) == 0) {
        return false;
      }
    }
    return true;
  }
}
