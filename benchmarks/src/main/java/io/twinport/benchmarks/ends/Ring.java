package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What memory itself can do: a connection of two byte rings in one file that both processes map.
 * Both ends spin, so each needs a processor of its own. Who finds nothing for a millisecond or so
 * looks less often, so that others can have the processor for a turn.
 *
 * <pre>
 * a direction:   0 tail    128 head    256 finished    512 ... bytes
 * the file:      client to server, server to client
 * </pre>
 */
final class Ring implements Connection {
  /** The bytes that fit into a direction. */
  private static final int CAPACITY = 256 << 10;

  private static final int TAIL = 0;
  private static final int HEAD = 128;
  private static final int FINISHED = 256;
  private static final int BYTES = 512;
  private static final int DIRECTION = BYTES + CAPACITY;

  /** Looks in vain, one behind the other, before a rest between two of them. */
  private static final int EAGER_LOOKS = 20_000;

  private static final long REST_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer out;
  private final ByteBuffer in;
  private long tail;
  private long headSeen;
  private long head;
  private long tailSeen;

  private Ring(ByteBuffer out, ByteBuffer in) {
    this.out = out;
    this.in = in;
  }

  /** The server's end, of a file that must not be there yet. */
  static Ring create(Path path) throws IOException {
    ByteBuffer file =
        map(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new Ring(file.slice(DIRECTION, DIRECTION), file.slice(0, DIRECTION));
  }

  /** The client's end. The file has no name from then on. */
  static Ring open(Path path) throws IOException {
    ByteBuffer file = map(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    return new Ring(file.slice(0, DIRECTION), file.slice(DIRECTION, DIRECTION));
  }

  private static ByteBuffer map(Path path, StandardOpenOption... options) throws IOException {
    try (FileChannel file = FileChannel.open(path, options)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, 2L * DIRECTION);
    }
  }

  @Override
  public void noDelay() {}

  @Override
  public void write(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      while (tail - headSeen == CAPACITY) {
        headSeen = (long) LONG.getAcquire(out, HEAD);
        if (tail - headSeen == CAPACITY) {
          Thread.onSpinWait();
        }
      }
      int offset = (int) (tail % CAPACITY);
      int n = (int) Math.min(CAPACITY - (tail - headSeen), CAPACITY - offset);
      n = Math.min(n, buffer.remaining());
      out.put(BYTES + offset, buffer, buffer.position(), n);
      buffer.position(buffer.position() + n);
      tail += n;
      LONG.setRelease(out, TAIL, tail);
    }
  }

  @Override
  public int read(ByteBuffer buffer) {
    for (int looks = 1; tailSeen == head; looks++) {
      // First, so that nothing written before the end is missed.
      boolean finished = (long) LONG.getAcquire(in, FINISHED) != 0;
      tailSeen = (long) LONG.getAcquire(in, TAIL);
      if (tailSeen == head) {
        if (finished) {
          return -1;
        }
        if (looks < EAGER_LOOKS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(REST_NANOS);
        }
      }
    }
    int offset = (int) (head % CAPACITY);
    int n = (int) Math.min(tailSeen - head, CAPACITY - offset);
    n = Math.min(n, buffer.remaining());
    buffer.put(buffer.position(), in, BYTES + offset, n);
    buffer.position(buffer.position() + n);
    head += n;
    LONG.setRelease(in, HEAD, head);
    return n;
  }

  @Override
  public void finish() {
    LONG.setRelease(out, FINISHED, 1L);
  }

  /** Ends this direction, as a process that goes away would not. */
  @Override
  public void close() {
    finish();
  }
}
