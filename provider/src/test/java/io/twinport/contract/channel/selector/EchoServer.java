package io.twinport.contract.channel.selector;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;

/** An ordinary echo server of one thread and one selector, as textbooks write it. */
final class EchoServer implements Closeable {
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final AtomicInteger ended = new AtomicInteger();
  private volatile boolean closed;

  EchoServer(Selector selector, ServerSocketChannel listener) {
    this.selector = selector;
    this.listener = listener;
  }

  /** How many connections have come to their end of stream and were closed. */
  int ended() {
    return ended.get();
  }

  Void serve() throws IOException {
    listener.register(selector, SelectionKey.OP_ACCEPT);
    while (!closed) {
      selector.select();
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        if (key.isAcceptable()) {
          accept();
        } else {
          echo(key);
        }
      }
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
    return null;
  }

  private void accept() throws IOException {
    SocketChannel channel = listener.accept();
    if (channel != null) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(4096));
    }
  }

  private void echo(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    ByteBuffer buffer = (ByteBuffer) key.attachment();
    if (key.isReadable() && channel.read(buffer) < 0) {
      channel.close();
      ended.incrementAndGet();
      return;
    }
    buffer.flip();
    channel.write(buffer);
    key.interestOps(
        buffer.hasRemaining()
            ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
            : SelectionKey.OP_READ);
    buffer.compact();
  }

  /** Asks the serving thread to stop and close everything. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }
}
