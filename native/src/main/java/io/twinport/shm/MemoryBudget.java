package io.twinport.shm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The shared memory that this process owns, against {@code twinport.shm.max-bytes}. Counts whole
 * segments.
 */
final class MemoryBudget {
  private final long maxBytes;
  private final AtomicLong used = new AtomicLong();

  MemoryBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes {@code bytes} if they are there. */
  boolean tryReserve(long bytes) {
    long before = used.getAndAdd(bytes);
    if (before + bytes <= maxBytes) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  /**
   * Takes {@code bytes} past the limit: what keeps a connection that exists from standing still.
   */
  void reserve(long bytes) {
    used.addAndGet(bytes);
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Whether a new connection may be made. */
  boolean hasRoom() {
    return used.get() < maxBytes;
  }

  long used() {
    return used.get();
  }

  long maxBytes() {
    return maxBytes;
  }
}
