package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * An ordinary server of one thread and one selector that knows nothing of us. Connections that have
 * nothing to send share one buffer: many cost little memory of their own.
 */
final class SelectorServer implements Server {
  /** One connection, attached to its key. */
  private interface Session {
    void ready(SelectionKey key) throws IOException;
  }

  private static final int BUFFER_BYTES = 64 << 10;

  private final Service service;
  private final Selector selector = Selector.open();
  private final ServerSocketChannel listener;
  private final ByteBuffer shared = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Consumer<SelectionKey> ready = this::ready;

  SelectorServer(Service service, String address) throws IOException {
    if (service == Service.FILE) {
      throw new IllegalArgumentException("files are sent by servers that block");
    }
    this.service = service;
    listener = ChannelConnection.bind(address);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  @Override
  public String address() throws IOException {
    return Address.of(listener.getLocalAddress());
  }

  @Override
  public void serve() throws IOException {
    while (true) {
      selector.select(ready);
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (key.channel() == listener) {
        accept();
      } else {
        resume(key);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = listener.accept();
    if (channel == null) {
      return;
    }
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, session(channel));
  }

  private Session session(SocketChannel channel) throws IOException {
    return switch (service) {
      case GREET -> {
        channel.write(shared.clear().limit(1));
        yield this::farewell;
      }
      case ECHO -> {
        ChannelConnection.noDelay(channel);
        yield new Echo();
      }
      case DRAIN -> new Drain();
      case FILE -> throw new AssertionError(service);
    };
  }

  private static void resume(SelectionKey key) throws IOException {
    try {
      ((Session) key.attachment()).ready(key);
    } catch (IOException e) {
      // A client that went away is its own business; the benchmark sees its own failure.
      key.channel().close();
    }
  }

  private void farewell(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (channel.read(shared.clear()) != 0) {
      channel.close();
    }
  }

  /** Reads no more until everything has gone back. */
  private final class Echo implements Session {
    /** What the channel did not take; null if nothing. */
    private ByteBuffer rest;

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = (SocketChannel) key.channel();
      if (rest != null) {
        channel.write(rest);
        if (!rest.hasRemaining()) {
          rest = null;
          key.interestOps(SelectionKey.OP_READ);
        }
        return;
      }
      if (channel.read(shared.clear()) < 0) {
        channel.close();
        return;
      }
      channel.write(shared.flip());
      if (shared.hasRemaining()) {
        rest = ByteBuffer.allocateDirect(shared.remaining()).put(shared).flip();
        key.interestOps(SelectionKey.OP_WRITE);
      }
    }
  }

  private final class Drain implements Session {
    private long count;

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = (SocketChannel) key.channel();
      int n = channel.read(shared.clear());
      if (n >= 0) {
        count += n;
        return;
      }
      channel.write(shared.clear().putLong(count).flip());
      channel.close();
    }
  }
}
