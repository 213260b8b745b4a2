package io.twinport.nio;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.SanCompletion;

/**
 * An asynchronous socket channel whose path, the SAN or TCP, is decided when it connects. What it
 * can't do at once, a thread of its group does later.
 */
final class TwinAsynchronousSocketChannel extends AsynchronousWaitingChannel {
  private static final Set<SocketOption<?>> OPTIONS = SanCompletion.socketOptions();

  /** An unconnected channel. */
  static TwinAsynchronousSocketChannel open(TwinPort port, TwinSocketChannel twin)
      throws IOException {
    return inGroup(port, twin, null);
  }

  /** The server's end of a connection that came over the SAN. */
  static TwinAsynchronousSocketChannel accepted(TwinPort port, TwinSocketChannel twin)
      throws IOException {
    try {
      return inGroup(port, twin, twin.remoteAddress());
    } catch (ShutdownChannelGroupException e) {
      throw new IOException(e); // As the JDK, whose accept fails with that.
    }
  }

  private static TwinAsynchronousSocketChannel inGroup(
      TwinPort port, TwinSocketChannel twin, InetSocketAddress remote) throws IOException {
    try {
      twin.configureBlocking(false);
      return new TwinAsynchronousSocketChannel(port, twin, remote);
    } catch (IOException | RuntimeException e) {
      twin.close();
      throw e;
    }
  }

  private TwinAsynchronousSocketChannel(
      TwinPort port, TwinSocketChannel twin, InetSocketAddress remote) {
    super(port, twin, remote);
  }

  // -- Data

  @Override
  public Future<Integer> read(ByteBuffer dst) {
    checkWritable(dst);
    return reading.begin(dst, null, 0, TimeUnit.MILLISECONDS, null, null);
  }

  @Override
  public <A> void read(
      ByteBuffer dst,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    checkHandler(handler);
    checkWritable(dst);
    var unused = reading.begin(dst, null, timeout, unit, attachment, handler);
  }

  @Override
  public <A> void read(
      ByteBuffer[] dsts,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    checkHandler(handler);
    ByteBuffer[] buffers = range(dsts, offset, length);
    for (ByteBuffer dst : buffers) {
      checkWritable(dst);
    }
    var unused = reading.begin(null, buffers, timeout, unit, attachment, handler);
  }

  @Override
  public Future<Integer> write(ByteBuffer src) {
    Objects.requireNonNull(src);
    return writing.begin(src, null, 0, TimeUnit.MILLISECONDS, null, null);
  }

  @Override
  public <A> void write(
      ByteBuffer src,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Integer, ? super A> handler) {
    checkHandler(handler);
    Objects.requireNonNull(src);
    var unused = writing.begin(src, null, timeout, unit, attachment, handler);
  }

  @Override
  public <A> void write(
      ByteBuffer[] srcs,
      int offset,
      int length,
      long timeout,
      TimeUnit unit,
      A attachment,
      CompletionHandler<Long, ? super A> handler) {
    checkHandler(handler);
    var unused =
        writing.begin(null, range(srcs, offset, length), timeout, unit, attachment, handler);
  }

  private static void checkHandler(CompletionHandler<?, ?> handler) {
    Objects.requireNonNull(handler, "'handler' is null");
  }

  private static void checkWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  private static ByteBuffer[] range(ByteBuffer[] buffers, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    return offset == 0 && length == buffers.length
        ? buffers
        : Arrays.copyOfRange(buffers, offset, offset + length);
  }

  // -- Addresses and options

  @Override
  public AsynchronousSocketChannel bind(SocketAddress local) throws IOException {
    ensureOpen();
    twin.bind(local);
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return SocketAddresses.revealed(twin.localAddress());
  }

  @Override
  public SocketAddress getRemoteAddress() throws IOException {
    ensureOpen();
    return remote();
  }

  @Override
  public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, OPTIONS);
    synchronized (lock) {
      ensureOpen();
      if (writing.isShut()) {
        throw new IOException("Connection has been shutdown for writing");
      }
    }
    if (value == null) {
      throw new IllegalArgumentException("Invalid option value");
    }
    twin.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, OPTIONS);
    ensureOpen();
    return twin.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return OPTIONS;
  }

  // -- Half-close

  @Override
  public AsynchronousSocketChannel shutdownInput() throws IOException {
    ensureOpen();
    ensureConnected();
    reading.shut();
    twin.shutdownInput();
    lookAgain(); // A read that waits returns -1.
    return this;
  }

  @Override
  public AsynchronousSocketChannel shutdownOutput() throws IOException {
    ensureOpen();
    ensureConnected();
    writing.shut();
    twin.shutdownOutput();
    lookAgain(); // A write that waits fails.
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("sun.nio.ch.UnixAsynchronousSocketChannelImpl[");
    synchronized (lock) {
      if (!isOpen()) {
        return text.append("closed]").toString();
      }
      text.append(stateName());
      text.append(reading.isShut() ? " ishut" : "").append(writing.isShut() ? " oshut" : "");
      InetSocketAddress local = twin.localAddress();
      if (local != null) {
        text.append(" local=").append(SocketAddresses.revealedText(local));
      }
      if (remote() != null) {
        text.append(" remote=").append(remote());
      }
    }
    return text.append(']').toString();
  }
}
