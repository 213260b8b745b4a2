package io.twinport.contract.peer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** Buffers as arrays of bytes, which can be sent. */
final class Buffers {
  private Buffers() {}

  static ByteBuffer[] range(ByteBuffer[] buffers, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    return Arrays.copyOfRange(buffers, offset, offset + length);
  }

  /** How many bytes can be read into {@code targets}. */
  static int room(ByteBuffer... targets) {
    int room = 0;
    for (ByteBuffer target : targets) {
      if (target.isReadOnly()) {
        throw new IllegalArgumentException("Read-only buffer");
      }
      room += target.remaining();
    }
    return room;
  }

  /** Puts {@code bytes} into {@code targets}, in order; returns how many there are. */
  static int scatter(byte[] bytes, ByteBuffer... targets) {
    int done = 0;
    for (ByteBuffer target : targets) {
      int n = Math.min(target.remaining(), bytes.length - done);
      target.put(bytes, done, n);
      done += n;
    }
    return done;
  }

  /** What is in {@code sources}, which stay as they are. */
  static byte[] gather(ByteBuffer... sources) {
    int size = 0;
    for (ByteBuffer source : sources) {
      size += source.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    for (ByteBuffer source : sources) {
      all.put(source.duplicate());
    }
    return all.array();
  }

  /** Takes {@code written} bytes from {@code sources}, in order; returns that number. */
  static int advance(int written, ByteBuffer... sources) {
    int left = written;
    for (ByteBuffer source : sources) {
      int n = Math.min(left, source.remaining());
      source.position(source.position() + n);
      left -= n;
    }
    return written;
  }
}
