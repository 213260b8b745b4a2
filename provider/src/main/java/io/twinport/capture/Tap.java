package io.twinport.capture;

import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What the bytes of all SAN connections pass through while somebody looks. Called as the connection
 * is: by one reader and one writer at a time. Nothing but what the connection itself throws is ever
 * thrown, and nothing waits.
 */
public interface Tap {
  /** As {@link SanConnection#read(ByteBuffer)}, which it calls. */
  int read(SanConnection connection, ByteBuffer dst) throws IOException;

  /** As {@link SanConnection#read(byte[], int, int)}, which it calls. */
  int read(SanConnection connection, byte[] dst, int offset, int length) throws IOException;

  /** As {@link SanConnection#write(ByteBuffer)}, which it calls. */
  int write(SanConnection connection, ByteBuffer src) throws IOException;

  /** As {@link SanConnection#write(byte[], int, int)}, which it calls. */
  int write(SanConnection connection, byte[] src, int offset, int length) throws IOException;

  /** As {@link SanConnection#writeUrgent}, which it calls. */
  int writeUrgent(SanConnection connection, byte b) throws IOException;

  /** A connection is up, and has carried nothing yet. */
  void opened(SanConnection connection, boolean accepted);

  /** Its output is about to be shut down. */
  void ending(SanConnection connection);

  /**
   * It is about to be closed.
   *
   * @param reset whether it ends with a reset, whatever is unread
   * @param behindOutput whether it does not end with a reset, whatever is unread
   */
  void closing(SanConnection connection, boolean reset, boolean behindOutput);
}
