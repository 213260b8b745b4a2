package io.twinport.benchmarks.ends;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A client of {@link Service#FILE}. */
final class Download implements Closeable {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Connection connection;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  Download(String address) throws IOException {
    connection = Api.CHANNEL.connect(address);
    connection.noDelay();
    receive();
  }

  /** Asks for the file and reads it. */
  void receive() throws IOException {
    connection.write(buffer.clear().putLong(BlockingServer.FILE_BYTES).flip());
    for (int left = BlockingServer.FILE_BYTES; left > 0; ) {
      int n = connection.read(buffer.clear().limit(Math.min(left, BUFFER_BYTES)));
      if (n < 0) {
        throw new EOFException("The server closed before the end of the file");
      }
      left -= n;
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
