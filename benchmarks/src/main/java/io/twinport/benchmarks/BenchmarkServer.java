package io.twinport.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.Locale;

/**
 * The server's process: an ordinary selector server of one thread that knows nothing of us. It
 * listens on a free port of the loopback address, prints it, and ends when its standard input does.
 */
public final class BenchmarkServer {
  /** What the server does with its connections. */
  enum Service {
    /** Sends one byte as soon as it has accepted, and closes when one comes back. */
    GREET,
    /** Sends back what it gets. */
    ECHO,
    /** Reads to the end of the stream, then sends how many bytes there were, and closes. */
    DRAIN
  }

  /** One connection, attached to its key. */
  private interface Session {
    void ready(SelectionKey key) throws IOException;
  }

  private static final int BUFFER_BYTES = 64 << 10;

  private final Service service;
  private final Selector selector;

  private BenchmarkServer(Service service, Selector selector) {
    this.service = service;
    this.selector = selector;
  }

  /**
   * Runs the server.
   *
   * @param args the service's name
   */
  public static void main(String[] args) throws IOException {
    Service service = Service.valueOf(args[0].toUpperCase(Locale.ROOT));
    Lifeline.watch();
    try (Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      System.out.println(listener.socket().getLocalPort());
      new BenchmarkServer(service, selector).serve();
    }
  }

  private void serve() throws IOException {
    while (true) {
      selector.select();
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        if (key.isAcceptable()) {
          accept((ServerSocketChannel) key.channel());
        } else {
          resume(key);
        }
      }
    }
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    SocketChannel channel = listener.accept();
    if (channel == null) {
      return;
    }
    channel.configureBlocking(false);
    Session session =
        switch (service) {
          case GREET -> new GreetSession(channel);
          case ECHO -> new EchoSession(channel);
          case DRAIN -> new DrainSession();
        };
    channel.register(selector, SelectionKey.OP_READ, session);
  }

  private static void resume(SelectionKey key) throws IOException {
    try {
      ((Session) key.attachment()).ready(key);
    } catch (IOException e) {
      // A client that went away is its own business; the benchmark sees its own failure.
      key.channel().close();
    }
  }

  private static final class GreetSession implements Session {
    private final ByteBuffer buffer = ByteBuffer.allocate(1);

    GreetSession(SocketChannel channel) throws IOException {
      channel.write(buffer);
      buffer.clear();
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = (SocketChannel) key.channel();
      if (channel.read(buffer) != 0) {
        channel.close();
      }
    }
  }

  private static final class EchoSession implements Session {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private int interest = SelectionKey.OP_READ;

    EchoSession(SocketChannel channel) throws IOException {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = (SocketChannel) key.channel();
      if (buffer.hasRemaining() && channel.read(buffer) < 0) {
        channel.close();
        return;
      }
      buffer.flip();
      channel.write(buffer);
      buffer.compact();
      int wanted =
          (buffer.hasRemaining() ? SelectionKey.OP_READ : 0)
              | (buffer.position() > 0 ? SelectionKey.OP_WRITE : 0);
      if (wanted != interest) {
        interest = wanted;
        key.interestOps(wanted);
      }
    }
  }

  private static final class DrainSession implements Session {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long count;

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = (SocketChannel) key.channel();
      buffer.clear();
      int n = channel.read(buffer);
      if (n >= 0) {
        count += n;
        return;
      }
      buffer.clear();
      channel.write(buffer.putLong(count).flip());
      channel.close();
    }
  }
}
