package io.twinport.nio;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import sun.nio.ch.SanEvents;

/**
 * The part of {@link TwinSocketChannel} that moves bytes. A channel whose path is TCP passes
 * everything on to the JDK's channel.
 */
abstract class SanStreamChannel extends WaitingChannel {
  SanStreamChannel(TwinSelectorProvider provider, boolean interruptible) {
    super(provider, interruptible);
  }

  // -- Read

  @Override
  public final int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.read(dst);
      } finally {
        followTcp(tcp);
      }
    }
    long start = SanEvents.beginRead();
    return start == 0 ? readOnSan(dst) : (int) recordRead(start, () -> readOnSan(dst));
  }

  private int readOnSan(ByteBuffer dst) throws IOException {
    reader.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.read(dst);
      }
      boolean blocking = isBlocking();
      int n = 0;
      try {
        reader.begin(blocking);
        if (reader.shut) {
          return -1;
        }
        checkWritable(dst);
        n = connection.read(dst);
        while (blocking && n == 0 && dst.hasRemaining() && isOpen() && !reader.shut) {
          reader.await(connection, NetworkEvent.READ, Long.MAX_VALUE);
          n = connection.read(dst);
        }
      } finally {
        reader.end(blocking, n > 0);
      }
      return n <= 0 && reader.shut ? -1 : n;
    } finally {
      reader.unlock();
    }
  }

  @Override
  public final long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.read(dsts, offset, length);
      } finally {
        followTcp(tcp);
      }
    }
    long start = SanEvents.beginRead();
    return start == 0
        ? readOnSan(dsts, offset, length)
        : recordRead(start, () -> readOnSan(dsts, offset, length));
  }

  private long readOnSan(ByteBuffer[] dsts, int offset, int length) throws IOException {
    reader.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.read(dsts, offset, length);
      }
      boolean blocking = isBlocking();
      long n = 0;
      try {
        reader.begin(blocking);
        if (reader.shut) {
          return -1;
        }
        for (int i = offset; i < offset + length; i++) {
          checkWritable(dsts[i]);
        }
        n = scatter(connection, dsts, offset, length);
        while (blocking
            && n == 0
            && isOpen()
            && !reader.shut
            && hasRemaining(dsts, offset, length)) {
          reader.await(connection, NetworkEvent.READ, Long.MAX_VALUE);
          n = scatter(connection, dsts, offset, length);
        }
      } finally {
        reader.end(blocking, n > 0);
      }
      return n <= 0 && reader.shut ? -1 : n;
    } finally {
      reader.unlock();
    }
  }

  private static long scatter(SanConnection connection, ByteBuffer[] dsts, int offset, int length)
      throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer dst = dsts[i];
      if (!dst.hasRemaining()) {
        continue;
      }
      int n;
      try {
        n = connection.read(dst);
      } catch (IOException e) {
        if (total > 0) {
          return total; // The connection says so again at the next read.
        }
        throw e;
      }
      if (n < 0) {
        return total > 0 ? total : -1;
      }
      total += n;
      if (dst.hasRemaining()) {
        break;
      }
    }
    return total;
  }

  private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private static void checkWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  // -- Write

  @Override
  public final int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.write(src);
      } finally {
        followTcp(tcp);
      }
    }
    long start = SanEvents.beginWrite();
    return start == 0 ? writeOnSan(src) : (int) recordWrite(start, () -> writeOnSan(src));
  }

  private int writeOnSan(ByteBuffer src) throws IOException {
    writer.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.write(src);
      }
      boolean blocking = isBlocking();
      int total = 0;
      try {
        writer.begin(blocking);
        if (writer.shut) {
          throw new AsynchronousCloseException();
        }
        for (; ; ) {
          int n = connection.write(src);
          total += n;
          if (!blocking || !src.hasRemaining() || !isOpen() || writer.shut) {
            break;
          }
          if (isPartEnough(total)) {
            break;
          }
          writer.goOn(connection, NetworkEvent.WRITE, n > 0);
        }
      } finally {
        writer.end(blocking, total > 0);
      }
      return checkOutput(total);
    } finally {
      writer.unlock();
    }
  }

  @Override
  public final long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.write(srcs, offset, length);
      } finally {
        followTcp(tcp);
      }
    }
    long start = SanEvents.beginWrite();
    return start == 0
        ? writeOnSan(srcs, offset, length)
        : recordWrite(start, () -> writeOnSan(srcs, offset, length));
  }

  private long writeOnSan(ByteBuffer[] srcs, int offset, int length) throws IOException {
    writer.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.write(srcs, offset, length);
      }
      boolean blocking = isBlocking();
      long total = 0;
      try {
        writer.begin(blocking);
        if (writer.shut) {
          throw new AsynchronousCloseException();
        }
        for (int i = offset; i < offset + length; ) {
          ByteBuffer src = srcs[i];
          int n = src.hasRemaining() ? connection.write(src) : 0;
          total += n;
          boolean through = !src.hasRemaining();
          if (through) {
            i++;
          } else if (!blocking || isPartEnough(total)) {
            break;
          }
          if (!isOpen() || writer.shut) {
            break;
          }
          if (blocking) {
            writer.goOn(connection, NetworkEvent.WRITE, through || n > 0);
          }
        }
      } finally {
        writer.end(blocking, total > 0);
      }
      checkOutput(total > 0 ? 1 : 0);
      return total;
    } finally {
      writer.unlock();
    }
  }

  /**
   * Writes a byte of urgent data to a connection on the SAN.
   *
   * @return 1, or 0 if the channel does not block and there is no credit
   */
  final int writeUrgentOnSan(byte b) throws IOException {
    writer.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      boolean blocking = isBlocking();
      int n = 0;
      try {
        writer.begin(blocking);
        if (writer.shut) {
          throw new AsynchronousCloseException();
        }
        n = connection.writeUrgent(b);
        while (blocking && n == 0 && isOpen() && !writer.shut) {
          writer.await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          n = connection.writeUrgent(b);
        }
      } finally {
        writer.end(blocking, n > 0);
      }
      return checkOutput(n);
    } finally {
      writer.unlock();
    }
  }

  /**
   * Whether a write in blocking mode may end before its time: the JDK's sockets don't block under a
   * virtual thread, which waits for room for a first part only. One that goes on to wait would be
   * told of a close by what it has written, instead of by an exception.
   */
  private static boolean isPartEnough(long written) {
    return written > 0 && VirtualThreads.isCurrent();
  }

  private int checkOutput(int n) throws AsynchronousCloseException {
    if (n <= 0 && writer.shut) {
      throw new AsynchronousCloseException();
    }
    return n;
  }

  // -- For the flight recorder

  /** A call on the SAN that moves bytes. */
  @FunctionalInterface
  interface Call {
    long move() throws IOException;
  }

  final long recordRead(long start, Call call) throws IOException {
    long n = 0;
    boolean completed = false;
    try {
      n = call.move();
      completed = true;
      return n;
    } finally {
      if (isRecorded(completed)) {
        SanEvents.endRead(start, n, remoteAddress(), 0);
      }
    }
  }

  private long recordWrite(long start, Call call) throws IOException {
    long n = 0;
    boolean completed = false;
    try {
      n = call.move();
      completed = true;
      return n;
    } finally {
      if (isRecorded(completed)) {
        SanEvents.endWrite(start, n, remoteAddress());
      }
    }
  }

  /** As the JDK does; what turned out to be TCP's the JDK has recorded itself. */
  private boolean isRecorded(boolean completed) {
    return tcpPath == null
        && state >= CONNECTED
        && (completed || (SanEvents.recordsFailures() && isOpen()));
  }

  /** The remote address, also after the channel is closed, or null. */
  abstract InetSocketAddress remoteAddress();

  // -- For the socket adaptor

  /**
   * Reads at least one byte.
   *
   * @param nanos how long to wait, or 0 for ever
   * @throws SocketTimeoutException if nothing arrives in time
   */
  final int blockingRead(byte[] b, int off, int len, long nanos) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      if (len > 0) {
        ensureOpen();
      }
      try {
        return tcp.readBytes(b, off, len, nanos);
      } finally {
        followTcp(tcp);
      }
    }
    if (len == 0) {
      return 0;
    }
    long start = nanos > 0 ? System.nanoTime() : 0;
    if (nanos == 0) {
      reader.lock();
    } else if (!reader.tryLock(nanos)) {
      throw new SocketTimeoutException("Read timed out");
    }
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      int n = 0;
      try {
        reader.begin(true);
        if (reader.shut) {
          return -1;
        }
        n = connection.read(b, off, len);
        while (n == 0 && isOpen() && !reader.shut) {
          long remaining = Long.MAX_VALUE;
          if (nanos > 0) {
            remaining = nanos - (System.nanoTime() - start);
            if (remaining <= 0) {
              throw new SocketTimeoutException("Read timed out");
            }
          }
          reader.await(connection, NetworkEvent.READ, remaining);
          n = connection.read(b, off, len);
        }
      } finally {
        reader.end(true, n > 0);
      }
      return n <= 0 && reader.shut ? -1 : n;
    } finally {
      reader.unlock();
    }
  }

  /** Writes all of the bytes. */
  final void blockingWriteFully(byte[] b, int off, int len) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      if (len > 0) {
        ensureOpen();
      }
      try {
        tcp.writeBytes(b, off, len);
      } finally {
        followTcp(tcp);
      }
      return;
    }
    if (len == 0) {
      return;
    }
    writer.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      int written = 0;
      try {
        writer.begin(true);
        if (writer.shut) {
          throw new ClosedChannelException();
        }
        while (written < len && isOpen()) {
          if (writer.shut) {
            throw new AsynchronousCloseException();
          }
          int n = connection.write(b, off + written, len - written);
          written += n;
          if (n == 0) {
            writer.await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          }
        }
      } finally {
        writer.end(true, written == len);
      }
    } finally {
      writer.unlock();
    }
  }

  final int available() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      return tcp.readable();
    }
    synchronized (stateLock) {
      SanConnection connection = ensureOpenAndConnected();
      return reader.shut ? 0 : connection.available();
    }
  }

  // -- Half-close

  @Override
  public final SocketChannel shutdownInput() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      tcp.shutdownInput();
      return this;
    }
    synchronized (stateLock) {
      ensureOpen();
      if (state != CONNECTED) {
        throw new NotYetConnectedException();
      }
      if (!reader.shut) {
        reader.shut = true;
        reader.wake();
      }
    }
    sanKeys().changed(); // End of stream is readable now.
    return this;
  }

  @Override
  public final SocketChannel shutdownOutput() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      tcp.shutdownOutput();
      return this;
    }
    synchronized (stateLock) {
      ensureOpen();
      if (state != CONNECTED) {
        throw new NotYetConnectedException();
      }
      if (!writer.shut) {
        san.shutdownOutput();
        writer.shut = true;
        writer.wake();
      }
    }
    sanKeys().changed(); // A selector that waits for credit has nothing to wait for any more.
    return this;
  }

  final boolean isInputOpen() {
    TcpChannel tcp = tcpPath;
    return tcp != null ? tcp.inputOpen() : !reader.shut;
  }

  final boolean isOutputOpen() {
    TcpChannel tcp = tcpPath;
    return tcp != null ? tcp.outputOpen() : !writer.shut;
  }
}
