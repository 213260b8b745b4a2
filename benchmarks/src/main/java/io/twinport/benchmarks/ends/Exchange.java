package io.twinport.benchmarks.ends;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A client of {@link Service#ECHO}: one message there and back, and again. Allocates nothing
 * itself: what is seen to be allocated is the connection's.
 */
public final class Exchange implements Closeable {
  private static final int MAX_BYTES = 1 << 20;

  /** Further ahead of the answer, both ends could be writing and nobody reading. */
  private static final int AHEAD_BYTES = 128 << 10;

  private final Connection connection;
  private final ByteBuffer out;
  private final ByteBuffer in;
  private long sequence;

  /**
   * Connects, and sends one message: then the server has accepted.
   *
   * @param size of a message, in bytes, from 1 to 1 MiB
   */
  public Exchange(Api api, String address, int size) throws IOException {
    this(api.connect(address), allocate(api, size), allocate(api, size));
  }

  private static ByteBuffer allocate(Api api, int size) {
    if (size < 1 || size > MAX_BYTES) {
      throw new IllegalArgumentException("size must be 1 to " + MAX_BYTES + ", is " + size);
    }
    return api.allocate(size);
  }

  /** Over a connection, with two buffers of a message's size that may be shared between turns. */
  Exchange(Connection connection, ByteBuffer out, ByteBuffer in) throws IOException {
    this.connection = connection;
    this.out = out;
    this.in = in;
    connection.noDelay();
    roundTrip();
  }

  /** Sends a message and waits until it is back. */
  public long roundTrip() throws IOException {
    prepare();
    int size = out.capacity();
    while (out.position() < size) {
      connection.write(out.limit(Math.min(size, in.position() + AHEAD_BYTES)));
      if (out.position() < size) {
        read();
      }
    }
    return receive();
  }

  /** Sends a message that is not long. */
  void send() throws IOException {
    prepare();
    connection.write(out);
  }

  private void prepare() {
    out.clear();
    in.clear();
    sequence++;
    if (out.capacity() >= Long.BYTES) {
      out.putLong(0, sequence);
    } else {
      out.put(0, (byte) sequence);
    }
  }

  private void read() throws IOException {
    if (connection.read(in) < 0) {
      throw new EOFException("The server closed after message " + (sequence - 1));
    }
  }

  /** Waits until the rest of the answer is here. */
  private long receive() throws IOException {
    while (in.hasRemaining()) {
      read();
    }
    boolean whole = in.capacity() >= Long.BYTES;
    long answer = whole ? in.getLong(0) : in.get(0);
    if (answer != (whole ? sequence : (byte) sequence)) {
      throw new IOException("Message " + sequence + " came back as " + answer);
    }
    return answer;
  }

  /** Waits until the message is back that was sent. */
  long answer() throws IOException {
    in.clear();
    return receive();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
