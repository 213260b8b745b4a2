package sun.nio.ch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;

/** What the JDK's files and streams ask of a channel that carries a stream and is not the JDK's. */
public interface SanStream {
  /**
   * Sends a part of the file.
   *
   * @return the bytes sent, or -1 if the JDK is to do it
   */
  long transferFromFile(FileChannel file, long position, int count) throws IOException;

  /**
   * Receives a part of the file.
   *
   * @return the bytes received, or -1 if the JDK is to do it
   */
  long transferToFile(FileChannel file, long position, long count) throws IOException;

  /** Returns a stream that reads from this channel. */
  InputStream newInputStream();

  /** Returns a stream that writes to this channel. */
  OutputStream newOutputStream();
}
