package io.twinport.it.apps;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.agrona.nio.TransportPoller;

/**
 * An echo server on Agrona's poller, which puts a key set of its own into the JDK's selector.
 * Argument: {@code host/port}.
 */
public final class AgronaEchoServer extends TransportPoller {
  private final Tally tally = new Tally();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
  private volatile boolean ending;

  private AgronaEchoServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    AgronaEchoServer server = new AgronaEchoServer();
    ServerSocketChannel listener =
        ServerSocketChannel.open().bind(Bindings.parse(arguments).get(0));
    listener.configureBlocking(false);
    listener.register(server.selector, SelectionKey.OP_ACCEPT);
    Thread loop = new Thread(server::loop, "poller");
    loop.start();
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    new Console().on("stats", words -> server.tally.report()).serve("ports=" + port);
    server.ending = true;
    server.selector.wakeup();
    loop.join();
    listener.close();
    server.close();
  }

  private void loop() {
    try {
      while (!ending) {
        selector.select();
        selectedKeySet.forEach(this::handle);
        selectedKeySet.reset();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int handle(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        SocketChannel channel = ((ServerSocketChannel) key.channel()).accept();
        if (channel != null) {
          tally.accepted(channel.getRemoteAddress());
          channel.configureBlocking(false);
          channel.register(selector, SelectionKey.OP_READ);
        }
      } else {
        echo((SocketChannel) key.channel());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return 1;
  }

  private void echo(SocketChannel channel) throws IOException {
    int length = channel.read(buffer.clear());
    if (length < 0) {
      tally.ended(channel.getRemoteAddress(), 1, false);
      channel.close();
      return;
    }
    buffer.flip();
    while (buffer.hasRemaining()) {
      // No client of this server sends more than the buffers take.
      channel.write(buffer);
    }
  }
}
