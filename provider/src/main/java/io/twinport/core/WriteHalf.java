package io.twinport.core;

import io.twinport.capture.Tap;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import sun.nio.ch.SanEvents;

/** The direction towards the peer; as {@link ReadHalf}. */
public final class WriteHalf extends Half {
  private static final long serialVersionUID = 1;

  /** A place that bytes come from, which is none of {@code java.nio}'s. */
  public interface Region {
    /** Gives what there is credit for; 0 if there is none, -1 if there are no more bytes. */
    int giveTo(SanConnection connection) throws IOException;

    /** As a write to TCP's channel. */
    long giveTo(TcpChannel tcp) throws IOException;
  }

  /** No more than that goes nowhere: larger buffers find the peer's answer, as over TCP. */
  private static final int MOST_DROPPED = 128 << 10;

  WriteHalf(SwitchSocket socket) {
    super(socket);
  }

  /** As {@link java.nio.channels.SocketChannel#write(ByteBuffer)}. */
  public int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    return (int) writeRecorded(src, 0, 0);
  }

  /** As {@link java.nio.channels.SocketChannel#write(ByteBuffer[], int, int)}. */
  public long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    return writeRecorded(srcs, offset, length);
  }

  private long writeRecorded(Object from, int offset, int length) throws IOException {
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      return onTcp(tcp, from, offset, length);
    }
    long start = SanEvents.beginWrite();
    if (start == 0) {
      return onSan(from, offset, length);
    }
    long n = 0;
    boolean completed = false;
    try {
      n = onSan(from, offset, length);
      completed = true;
      return n;
    } finally {
      if (socket.isRecorded(completed)) {
        SanEvents.endWrite(start, n, socket.remoteAddress());
      }
    }
  }

  private long onTcp(TcpChannel tcp, Object from, int offset, int length) throws IOException {
    socket.ensureOpen();
    try {
      return give(tcp, from, offset, length);
    } finally {
      socket.followTcp(tcp);
    }
  }

  private static long give(TcpChannel tcp, Object from, int offset, int length) throws IOException {
    if (from instanceof ByteBuffer one) {
      return tcp.write(one);
    } else if (from instanceof byte[] bytes) {
      tcp.writeBytes(bytes, offset, length);
      return length;
    } else if (from instanceof Region region) {
      return region.giveTo(tcp);
    }
    return tcp.write((ByteBuffer[]) from, offset, length);
  }

  /** Writes all if the mode is blocking, else what there is credit for. */
  private long onSan(Object from, int offset, int length) throws IOException {
    lock();
    try {
      SanConnection connection = socket.ensureOpenAndConnected();
      if (connection == null) {
        return give(socket.tcpPath, from, offset, length); // No close under the lock.
      }
      boolean blocking = socket.face.isBlocking();
      long total = 0;
      try {
        begin(blocking);
        if (shut) {
          throw new AsynchronousCloseException();
        }
        for (; ; ) {
          long n = give(connection, from, offset, length, blocking);
          total += n;
          if (!blocking || !hasMore(from, offset, length) || isOver()) {
            break;
          }
          if (isPartEnough(total) && !isInterrupted()) {
            break;
          }
          goOn(connection, NetworkEvent.WRITE, n > 0);
          if (total > 0 && isOver(connection)) {
            break; // As in the kernel, whoever calls next is told why.
          }
        }
      } finally {
        end(blocking, total > 0);
      }
      return checkOutput(total);
    } finally {
      unlock();
    }
  }

  private long give(SanConnection connection, Object from, int offset, int length, boolean blocking)
      throws IOException {
    if (from instanceof ByteBuffer one) {
      return one.hasRemaining() ? write(connection, one) : 0; // Nothing can't fail.
    }
    return gather(connection, (ByteBuffer[]) from, offset, length, blocking);
  }

  /** In blocking mode looks for a close and an interrupt between two buffers: there may be many. */
  private long gather(
      SanConnection connection, ByteBuffer[] srcs, int offset, int length, boolean blocking)
      throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer src = srcs[i];
      if (src.hasRemaining()) {
        if (total > 0 && isOver(connection)) {
          return total + drop(srcs, i, offset + length);
        }
        total += write(connection, src);
        if (src.hasRemaining() || (blocking && (isOver() || isInterrupted()))) {
          break;
        }
      }
    }
    return total;
  }

  /** Whether the peer takes nothing any more. Tells nobody, unlike a write. */
  private static boolean isOver(SanConnection connection) {
    return connection.readyEvents(NetworkEvent.CLOSE) != 0;
  }

  /**
   * Takes what is left of buffers whose first ones went, or seemed to go, to a peer that has ended:
   * the kernel takes the bytes of one write together, as far as they find room, and they go
   * nowhere.
   */
  private static long drop(ByteBuffer[] srcs, int from, int to) {
    int total = 0;
    for (int i = from; i < to && total < MOST_DROPPED; i++) {
      int taken = Math.min(srcs[i].remaining(), MOST_DROPPED - total);
      srcs[i].position(srcs[i].position() + taken);
      total += taken;
    }
    return total;
  }

  /** As {@link SanConnection#write(ByteBuffer)}. All that is written to the SAN passes here. */
  public static int write(SanConnection connection, ByteBuffer src) throws IOException {
    Tap tapped = tap;
    return tapped == null ? connection.write(src) : tapped.write(connection, src);
  }

  /** As {@link #write(SanConnection, ByteBuffer)}. */
  private static int write(SanConnection connection, byte[] src, int offset, int length)
      throws IOException {
    Tap tapped = tap;
    return tapped == null
        ? connection.write(src, offset, length)
        : tapped.write(connection, src, offset, length);
  }

  private static boolean hasMore(Object from, int offset, int length) {
    return from instanceof ByteBuffer one
        ? one.hasRemaining()
        : hasRemaining((ByteBuffer[]) from, offset, length);
  }

  /**
   * Whether a write in blocking mode may end before its time: the JDK's sockets don't block under a
   * virtual thread, which waits for room for a first part only. One that goes on to wait would be
   * told of a close by what it has written, instead of by an exception.
   */
  private static boolean isPartEnough(long written) {
    return written > 0 && VirtualThreads.isCurrent();
  }

  private long checkOutput(long n) throws AsynchronousCloseException {
    if (n > 0) {
      operations++;
    } else if (shut) {
      throw new AsynchronousCloseException();
    }
    return n;
  }

  /** Writes all of the bytes, in blocking mode. Nothing of it is recorded. */
  public void write(byte[] b, int off, int len) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      if (len == 0) {
        tcp.writeBytes(b, off, 0);
      } else {
        onTcp(tcp, b, off, len);
      }
      return;
    }
    if (len == 0) {
      return;
    }
    lock();
    try {
      SanConnection connection = socket.ensureOpenAndConnected();
      if (!socket.face.isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      if (connection == null) {
        give(socket.tcpPath, b, off, len);
        return;
      }
      int written = 0;
      try {
        begin(true);
        if (shut) {
          throw new ClosedChannelException();
        }
        while (written < len && socket.isOpen()) {
          if (shut) {
            throw new AsynchronousCloseException();
          }
          int n = write(connection, b, off + written, len - written);
          written += n;
          if (n == 0) {
            await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          }
        }
      } finally {
        end(true, written == len);
      }
      operations++;
    } finally {
      unlock();
    }
  }

  /**
   * Writes a part of a region: waits for credit if the mode is blocking, then writes what there is
   * credit for.
   *
   * @return how many bytes; 0 if there is no credit, -1 if the region has no more
   */
  public long write(Region region) throws IOException {
    TcpChannel tcp = socket.tcpPath;
    return tcp != null ? onTcp(tcp, region, 0, 0) : writeSome(region, (byte) 0, true);
  }

  /**
   * Sends a byte of urgent data, which counts only at a peer that takes it into the stream.
   *
   * @param waits whether it waits for credit, if the mode is blocking
   * @return 1, or 0 if there is no credit and it does not wait
   */
  public int sendUrgent(byte b, boolean waits) throws IOException {
    socket.ensureOpen();
    TcpChannel tcp = socket.tcpPath;
    if (tcp != null) {
      return tcp.sendUrgent(b);
    }
    if (!socket.isConnected()) {
      throw new NotYetConnectedException();
    }
    return (int) writeSome(null, b, waits);
  }

  /** As {@link java.nio.channels.SocketChannel#shutdownOutput}. */
  public void shutDown() throws IOException {
    TcpChannel tcp = socket.tcpPath;
    if (tcp == null) {
      shutDownOnSan();
      return;
    }
    socket.ensureOpen();
    tcp.shutdownOutput();
  }

  @Override
  void shutDown(SanConnection connected) {
    Tap tapped = tap;
    if (tapped != null) {
      tapped.ending(connected);
    }
    connected.shutdownOutput();
  }

  /** Whether this direction is not shut down. */
  public boolean isOpen() {
    TcpChannel tcp = socket.tcpPath;
    return tcp != null ? tcp.outputOpen() : !shut;
  }

  private long writeSome(Region region, byte urgent, boolean waits) throws IOException {
    lock();
    try {
      SanConnection connection = socket.ensureOpenAndConnected();
      if (connection == null) {
        TcpChannel tcp = socket.tcpPath;
        return region == null ? tcp.sendUrgent(urgent) : region.giveTo(tcp);
      }
      boolean blocking = socket.face.isBlocking();
      long n = 0;
      try {
        begin(blocking);
        if (shut) {
          throw region == null ? new AsynchronousCloseException() : new ClosedChannelException();
        }
        n = giveSome(connection, region, urgent);
        while (waits && blocking && n == 0 && !isOver()) {
          await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          n = isOver() ? 0 : giveSome(connection, region, urgent);
        }
      } finally {
        end(blocking, n > 0);
      }
      return checkOutput(n);
    } finally {
      unlock();
    }
  }

  private static long giveSome(SanConnection connection, Region region, byte urgent)
      throws IOException {
    if (region == null) {
      Tap tapped = tap;
      return tapped == null
          ? connection.writeUrgent(urgent)
          : tapped.writeUrgent(connection, urgent);
    }
    return connection.readyEvents(NetworkEvent.WRITE) == 0 ? 0 : region.giveTo(connection);
  }
}
