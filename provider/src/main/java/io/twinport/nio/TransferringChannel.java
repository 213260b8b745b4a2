package io.twinport.nio;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import sun.nio.ch.SanEvents;
import sun.nio.ch.SanStream;
import sun.nio.ch.Util;

/**
 * The part of {@link TwinSocketChannel} that moves bytes between files and the connection (SPEC
 * D5). On TCP the kernel does; on the SAN a buffer outside the heap is between them, which nobody
 * holds while waiting: thousands of threads may wait here at once.
 */
abstract class TransferringChannel extends SanStreamChannel implements SanStream {
  /** Bytes moved at once: few enough to be in the processor's cache when they are copied on. */
  private static final int CHUNK = 64 * 1024;

  TransferringChannel(TwinSelectorProvider provider, boolean interruptible) {
    super(provider, interruptible);
  }

  @Override
  public final InputStream newInputStream() {
    return new ChannelInputStream(this, () -> 0);
  }

  @Override
  public final OutputStream newOutputStream() {
    return new ChannelOutputStream(this);
  }

  // -- From a file

  @Override
  public final long transferFromFile(FileChannel file, long position, int count)
      throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      try {
        return file.transferTo(position, count, tcp);
      } finally {
        followTcp(tcp);
      }
    }
    long total = 0;
    try {
      while (total < count) {
        int n = send(file, position + total, count - total);
        if (n <= 0) {
          break; // The file is shorter than it was, or there is no credit.
        }
        total += n;
      }
    } catch (IOException e) {
      interrupted(e, file);
      if (total == 0) {
        throw e;
      } // Else, as the JDK, what has been sent is told; the next call fails again.
    }
    return total;
  }

  /** Sends a chunk: waits for credit if that is the mode, then sends what there is credit for. */
  private int send(FileChannel file, long position, long count) throws IOException {
    writer.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return Math.toIntExact(file.transferTo(position, Math.min(count, CHUNK), tcpPath));
      }
      boolean blocking = isBlocking();
      int n = 0;
      try {
        writer.begin(blocking);
        if (writer.shut) {
          throw new ClosedChannelException();
        }
        do {
          while (blocking && isOutputUp() && connection.readyEvents(NetworkEvent.WRITE) == 0) {
            writer.await(connection, NetworkEvent.WRITE, Long.MAX_VALUE);
          }
          if (isOutputUp() && connection.readyEvents(NetworkEvent.WRITE) != 0) {
            n = sendNow(connection, file, position, count);
          }
        } while (blocking && n == 0 && isOutputUp());
      } finally {
        writer.end(blocking, n > 0);
      }
      if (n <= 0 && writer.shut) {
        throw new AsynchronousCloseException();
      }
      return n;
    } finally {
      writer.unlock();
    }
  }

  private boolean isOutputUp() {
    return isOpen() && !writer.shut;
  }

  private static int sendNow(SanConnection connection, FileChannel file, long position, long count)
      throws IOException {
    ByteBuffer buffer = Util.getTemporaryDirectBuffer((int) Math.min(count, CHUNK));
    try {
      if (file.read(buffer, position) <= 0) {
        return -1;
      }
      return connection.write(buffer.flip());
    } finally {
      Util.releaseTemporaryDirectBuffer(buffer);
    }
  }

  // -- To a file

  @Override
  public final long transferToFile(FileChannel file, long position, long count) throws IOException {
    if (tcpPath != null) {
      return -1;
    }
    long total = 0;
    try {
      while (total < count) {
        long at = position + total;
        long rest = count - total;
        long start = SanEvents.beginRead(); // The JDK reads here, and records that.
        long n =
            start == 0 ? receive(file, at, rest) : recordRead(start, () -> receive(file, at, rest));
        if (n <= 0) {
          break; // The end of the stream, or there is nothing.
        }
        total += n;
      }
    } catch (IOException e) {
      interrupted(e, file);
      if (total == 0) {
        throw e;
      }
    }
    return total;
  }

  /** Receives a chunk: waits for one if that is the mode, then takes what there is. */
  private int receive(FileChannel file, long position, long count) throws IOException {
    reader.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return Math.toIntExact(file.transferFrom(tcpPath, position, Math.min(count, CHUNK)));
      }
      boolean blocking = isBlocking();
      int n = 0;
      try {
        reader.begin(blocking);
        do {
          while (blocking && isInputUp() && connection.readyEvents(NetworkEvent.READ) == 0) {
            reader.await(connection, NetworkEvent.READ, Long.MAX_VALUE);
          }
          if (isInputUp()) {
            n = receiveNow(connection, file, position, count);
          }
        } while (blocking && n == 0 && isInputUp());
      } finally {
        reader.end(blocking, n > 0);
      }
      return n;
    } finally {
      reader.unlock();
    }
  }

  private boolean isInputUp() {
    return isOpen() && !reader.shut;
  }

  private static int receiveNow(
      SanConnection connection, FileChannel file, long position, long count) throws IOException {
    ByteBuffer buffer = Util.getTemporaryDirectBuffer((int) Math.min(count, CHUNK));
    try {
      int n = connection.read(buffer);
      buffer.flip();
      while (buffer.hasRemaining()) {
        file.write(buffer, position + buffer.position());
      }
      return n;
    } finally {
      Util.releaseTemporaryDirectBuffer(buffer);
    }
  }

  /** An interrupt in a transfer closes both of its ends. */
  private static void interrupted(IOException e, FileChannel file) throws IOException {
    if (e instanceof ClosedByInterruptException) {
      file.close();
    }
  }
}
