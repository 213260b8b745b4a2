package io.twinport.benchmarks.ends;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A client of {@link Service#DRAIN}: writes as fast as it may. */
public final class Stream implements Closeable {
  private final Api api;
  private final Connection connection;
  private final ByteBuffer buffer;
  private long written;

  /**
   * Connects.
   *
   * @param size of a write, in bytes
   */
  public Stream(Api api, String address, int size) throws IOException {
    this.api = api;
    buffer = api.allocate(size);
    connection = api.connect(address);
    connection.noDelay();
  }

  /** Writes once. */
  public void write() throws IOException {
    connection.write(buffer.clear());
    written += buffer.capacity();
  }

  /**
   * Ends the stream and asks the server how many bytes there were.
   *
   * @throws IOException if it read another number than was written
   */
  public void finish() throws IOException {
    connection.finish();
    ByteBuffer count = api.allocate(Long.BYTES);
    while (count.hasRemaining()) {
      if (connection.read(count) < 0) {
        throw new EOFException("The server closed without a count");
      }
    }
    if (count.getLong(0) != written) {
      throw new IOException("Of " + written + " bytes the server read " + count.getLong(0));
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
