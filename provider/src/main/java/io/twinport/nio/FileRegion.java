package io.twinport.nio;

import io.twinport.core.ReadHalf;
import io.twinport.core.TcpChannel;
import io.twinport.core.WriteHalf;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import sun.nio.ch.Util;

/**
 * A part of a file that bytes are moved from, or to. On TCP the kernel moves them; on the SAN a
 * buffer outside the heap is between them, which nobody holds while waiting: thousands of threads
 * may wait at once.
 */
record FileRegion(FileChannel file, long position, long count)
    implements ReadHalf.Region, WriteHalf.Region {
  /** Bytes moved at once: few enough to be in the processor's cache when they are copied on. */
  private static final int CHUNK = 64 * 1024;

  @Override
  public int giveTo(SanConnection connection) throws IOException {
    ByteBuffer buffer = Util.getTemporaryDirectBuffer((int) Math.min(count, CHUNK));
    try {
      return file.read(buffer, position) <= 0 ? -1 : WriteHalf.write(connection, buffer.flip());
    } finally {
      Util.releaseTemporaryDirectBuffer(buffer);
    }
  }

  @Override
  public long giveTo(TcpChannel tcp) throws IOException {
    return file.transferTo(position, count, tcp);
  }

  @Override
  public int takeFrom(SanConnection connection) throws IOException {
    ByteBuffer buffer = Util.getTemporaryDirectBuffer((int) Math.min(count, CHUNK));
    try {
      int n = ReadHalf.read(connection, buffer);
      buffer.flip();
      while (buffer.hasRemaining()) {
        file.write(buffer, position + buffer.position());
      }
      return n;
    } finally {
      Util.releaseTemporaryDirectBuffer(buffer);
    }
  }

  @Override
  public long takeFrom(TcpChannel tcp) throws IOException {
    return file.transferFrom(tcp, position, Math.min(count, CHUNK));
  }
}
