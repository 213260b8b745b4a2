package io.twinport.core;

import io.twinport.capture.Tap;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.util.Objects;
import sun.nio.ch.SanEvents;

/**
 * The direction from the peer. What is read goes into a buffer, several, an array or a {@link
 * Region}; a socket whose path is TCP passes it on to the JDK's channel.
 */
public final class ReadHalf extends Half {
  private static final long serialVersionUID = 1;

  /** A place for bytes that is none of {@code java.nio}'s. */
  public interface Region {
    /** Takes what is there; 0 if nothing is, -1 at end of stream. Never waits. */
    int takeFrom(SanConnection connection) throws IOException;

    /** As a read from TCP's channel. */
    long takeFrom(TcpChannel tcp) throws IOException;
  }

  ReadHalf(SwitchSocket socket) {
    super(socket);
  }

  /** As {@link java.nio.channels.SocketChannel#read(ByteBuffer)}. */
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    return (int) readRecorded(dst, 0, 0);
  }

  /** As {@link java.nio.channels.SocketChannel#read(ByteBuffer[], int, int)}. */
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    return readRecorded(dsts, offset, length);
  }

  /**
   * Reads into a region; returns 0 also where this direction is shut down, and -1 at end of stream.
   */
  public long read(Region region) throws IOException {
    return readRecorded(region, 0, 0);
  }

  /**
   * Reads at least one byte, in blocking mode. Nothing of it is recorded.
   *
   * @param nanos how long to wait, or 0 for ever
   * @throws SocketTimeoutException if nothing arrives in time
   */
  public int read(byte[] b, int off, int len, long nanos) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      return len == 0 ? tcp.readBytes(b, off, 0, nanos) : (int) onTcp(tcp, b, off, len, nanos);
    }
    return len == 0 ? 0 : (int) onSan(b, off, len, nanos);
  }

  /** An estimate of the bytes that can be read without waiting. */
  public int available() throws IOException {
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      socket.ensureOpen();
      return tcp.readable();
    }
    synchronized (socket.stateLock) {
      SanConnection connection = socket.ensureOpenAndConnected();
      return shut ? 0 : connection.available();
    }
  }

  /** As {@link java.nio.channels.SocketChannel#shutdownInput}. */
  public void shutDown() throws IOException {
    TcpChannel tcp = socket.tcpPath;
    if (tcp == null) {
      shutDownOnSan();
      return;
    }
    socket.ensureOpen();
    tcp.shutdownInput();
  }

  @Override
  void shutDown(SanConnection connected) {} // The peer need not know.

  /** Whether this direction is not shut down. */
  public boolean isOpen() {
    TcpChannel tcp = socket.tcpPath;
    return tcp != null ? tcp.inputOpen() : !shut;
  }

  private long readRecorded(Object into, int offset, int length) throws IOException {
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      return onTcp(tcp, into, offset, length, 0);
    }
    long start = SanEvents.beginRead();
    if (start == 0) {
      return onSan(into, offset, length, 0);
    }
    long n = 0;
    boolean completed = false;
    try {
      n = onSan(into, offset, length, 0);
      completed = true;
      return n;
    } finally {
      if (socket.isRecorded(completed)) {
        SanEvents.endRead(start, n, socket.remoteAddress(), 0);
      }
    }
  }

  private long onTcp(TcpChannel tcp, Object into, int offset, int length, long nanos)
      throws IOException {
    socket.ensureOpen();
    try {
      return take(tcp, into, offset, length, nanos);
    } finally {
      socket.followTcp(tcp);
    }
  }

  private static long take(TcpChannel tcp, Object into, int offset, int length, long nanos)
      throws IOException {
    if (into instanceof ByteBuffer one) {
      return tcp.read(one);
    } else if (into instanceof byte[] bytes) {
      return tcp.readBytes(bytes, offset, length, nanos);
    } else if (into instanceof Region region) {
      return region.takeFrom(tcp);
    }
    return tcp.read((ByteBuffer[]) into, offset, length);
  }

  /** Reads what is there; if nothing is, and the mode is blocking, waits for some. */
  private long onSan(Object into, int offset, int length, long nanos) throws IOException {
    long start = nanos > 0 ? System.nanoTime() : 0;
    if (nanos == 0) {
      lock();
    } else if (!tryLock(nanos)) {
      throw timedOut();
    }
    try {
      SanConnection connection = socket.ensureOpenAndConnected();
      boolean blocking = socket.face.isBlocking();
      if (into instanceof byte[] && !blocking) {
        throw new IllegalBlockingModeException();
      }
      if (connection == null) {
        return take(socket.tcpPath, into, offset, length, nanos); // No close under the lock.
      }
      long n = 0;
      try {
        begin(blocking);
        if (shut) {
          return into instanceof Region ? 0 : -1;
        }
        n = take(connection, into, offset, length);
        while (blocking && n == 0 && !isOver() && hasRoom(into, offset, length)) {
          long left = nanos == 0 ? Long.MAX_VALUE : nanos - (System.nanoTime() - start);
          if (left <= 0) {
            throw timedOut();
          }
          await(connection, NetworkEvent.READ, left);
          // What has come is read even if this was closed meanwhile, as the JDK does; into files
          // not.
          n = into instanceof Region && isOver() ? 0 : take(connection, into, offset, length);
        }
      } finally {
        end(blocking, n > 0);
      }
      if (n > 0) {
        operations++;
      }
      return n <= 0 && shut && !(into instanceof Region) ? -1 : n;
    } finally {
      unlock();
    }
  }

  /** As {@link SanConnection#read(ByteBuffer)}. All that is read from the SAN passes here. */
  public static int read(SanConnection connection, ByteBuffer dst) throws IOException {
    Tap tapped = tap;
    return tapped == null ? connection.read(dst) : tapped.read(connection, dst);
  }

  /** As {@link #read(SanConnection, ByteBuffer)}. */
  private static int read(SanConnection connection, byte[] dst, int offset, int length)
      throws IOException {
    Tap tapped = tap;
    return tapped == null
        ? connection.read(dst, offset, length)
        : tapped.read(connection, dst, offset, length);
  }

  private static SocketTimeoutException timedOut() {
    return new SocketTimeoutException("Read timed out");
  }

  private static long take(SanConnection connection, Object into, int offset, int length)
      throws IOException {
    if (into instanceof ByteBuffer one) {
      checkWritable(one);
      return read(connection, one);
    } else if (into instanceof byte[] bytes) {
      return read(connection, bytes, offset, length);
    } else if (into instanceof Region region) {
      return connection.readyEvents(NetworkEvent.READ) == 0 ? 0 : region.takeFrom(connection);
    }
    return scatter(connection, (ByteBuffer[]) into, offset, length);
  }

  private static long scatter(SanConnection connection, ByteBuffer[] dsts, int offset, int length)
      throws IOException {
    for (int i = offset; i < offset + length; i++) {
      checkWritable(dsts[i]);
    }
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer dst = dsts[i];
      if (!dst.hasRemaining()) {
        continue;
      }
      int n;
      try {
        n = read(connection, dst);
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

  private static void checkWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  private static boolean hasRoom(Object into, int offset, int length) {
    return into instanceof ByteBuffer one
        ? one.hasRemaining()
        : !(into instanceof ByteBuffer[] several) || hasRemaining(several, offset, length);
  }
}
