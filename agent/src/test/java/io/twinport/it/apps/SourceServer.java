package io.twinport.it.apps;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A server that writes to each of its clients as much as they take. Arguments: {@code selector} or
 * {@code threads}, and {@code host/port}.
 */
public final class SourceServer {
  private static final int BACKLOG = 1024;
  private static final int BYTES_AT_ONCE = 16 << 10;

  private SourceServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(Bindings.parse(arguments[1]).get(0), BACKLOG);
      boolean selects = arguments[0].equals("selector");
      start(selects ? () -> select(listener) : () -> accept(listener));
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      new Console().serve("ports=" + port);
    }
  }

  /** What a thread does until its channel is closed. */
  private interface Task {
    void run() throws IOException;
  }

  private static void start(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (ClosedChannelException e) {
                // The program ends.
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "source");
    thread.setDaemon(true);
    thread.start();
  }

  private static void accept(ServerSocketChannel listener) throws IOException {
    while (true) {
      SocketChannel channel = listener.accept();
      start(() -> write(channel));
    }
  }

  private static void write(SocketChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES_AT_ONCE);
    try (channel) {
      while (channel.write(bytes.clear()) > 0) {
        // As fast as it goes.
      }
    } catch (IOException e) {
      return; // The client has gone.
    }
  }

  private static void select(ServerSocketChannel listener) throws IOException {
    listener.configureBlocking(false);
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES_AT_ONCE);
    try (Selector selector = Selector.open()) {
      listener.register(selector, SelectionKey.OP_ACCEPT);
      while (true) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            SocketChannel channel = listener.accept();
            if (channel != null) {
              channel.configureBlocking(false);
              channel.register(selector, SelectionKey.OP_WRITE);
            }
          } else {
            try {
              ((SocketChannel) key.channel()).write(bytes.clear());
            } catch (IOException e) {
              key.channel().close(); // The client has gone.
            }
          }
        }
        selector.selectedKeys().clear();
      }
    }
  }
}
