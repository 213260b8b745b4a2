package io.twinport.benchmarks.ends;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** One end of a connection, used by one thread. Its buffers come from {@link Api#allocate}. */
public interface Connection extends Closeable {
  /** Sends at once what is written, where the transport could do otherwise. */
  void noDelay() throws IOException;

  /** Writes all that remains. */
  void write(ByteBuffer buffer) throws IOException;

  /** Returns how many bytes were read into what remains, at least one, or -1 at the end. */
  int read(ByteBuffer buffer) throws IOException;

  /** Ends this direction; the other one goes on. */
  void finish() throws IOException;

  /**
   * Writes the first bytes of a file, with the kernel's help where there is any.
   *
   * @param buffer to copy through, where there is none
   */
  default void write(FileChannel file, long bytes, ByteBuffer buffer) throws IOException {
    for (long position = 0; position < bytes; position += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - position));
      file.read(buffer, position);
      write(buffer.flip());
    }
  }
}
