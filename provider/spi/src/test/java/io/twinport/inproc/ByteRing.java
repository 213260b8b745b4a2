package io.twinport.inproc;

import java.nio.ByteBuffer;

/** Bytes in one direction; grows to what TCP's loopback would take. Guarded by its wire's lock. */
final class ByteRing {
  private static final int FIRST_BYTES = 64 << 10;
  static final int MOST_BYTES = 4 << 20;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int head;
  private volatile int size;

  int size() {
    return size;
  }

  boolean isFull() {
    return size == MOST_BYTES;
  }

  void clear() {
    head = 0;
    size = 0;
  }

  int put(ByteBuffer src) {
    int before = size; // Written under the lock; volatile for those who only look.
    int n = Math.min(src.remaining(), MOST_BYTES - before);
    if (n > bytes.length - before) {
      grow(before + n);
    }
    int tail = (head + before) & (bytes.length - 1);
    int first = Math.min(n, bytes.length - tail);
    src.get(bytes, tail, first);
    src.get(bytes, 0, n - first);
    size = before + n;
    return n;
  }

  int take(ByteBuffer dst) {
    int before = size;
    int n = Math.min(dst.remaining(), before);
    int first = Math.min(n, bytes.length - head);
    dst.put(bytes, head, first);
    dst.put(bytes, 0, n - first);
    head = (head + n) & (bytes.length - 1);
    size = before - n;
    return n;
  }

  private void grow(int needed) {
    byte[] larger = new byte[Math.max(FIRST_BYTES, Integer.highestOneBit(needed - 1) << 1)];
    int first = Math.min(size, bytes.length - head);
    System.arraycopy(bytes, head, larger, 0, first);
    System.arraycopy(bytes, 0, larger, first, size - first);
    bytes = larger;
    head = 0;
  }
}
