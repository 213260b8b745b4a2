package io.twinport.shm.memory;

import java.util.concurrent.TimeUnit;

/**
 * Memory that this process has given up, and that peers may still have. Nothing here allocates:
 * what is given up while the heap is full is not lost.
 */
public final class KeptMemory {
  /** A peer that keeps much must not hold up who looks. */
  private static final int LOOKS_AT_A_TIME = 256;

  private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long SLOWEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(8);

  // guarded by this: a queue
  private OwnMemory first;
  private OwnMemory last;
  private int count;
  private long bytes;
  private boolean added;
  private long nextLook;
  private long interval;

  /** Takes what was given up. */
  synchronized void add(OwnMemory memory) {
    if (memory.isKept()) {
      append(memory);
      added = true;
    } else {
      memory.free();
    }
  }

  private void append(OwnMemory memory) {
    if (last == null) {
      first = memory;
    } else {
      last.next = memory;
    }
    last = memory;
    count++;
    bytes += memory.bytes();
  }

  /**
   * Frees what nobody has any more, soon after it was given up and then ever more rarely.
   *
   * @return the nanoseconds until the next look; {@link Long#MAX_VALUE} if nothing is left
   */
  public synchronized long look(long now) {
    if (added) {
      added = false;
      interval = FIRST_LOOK_NANOS;
      nextLook = now + interval;
    } else if (count > 0 && nextLook - now <= 0) {
      sweep();
      interval = Math.min(2 * interval, SLOWEST_LOOK_NANOS);
      nextLook = now + interval;
    }
    return count == 0 ? Long.MAX_VALUE : nextLook - now;
  }

  /**
   * Frees what nobody has any more, as far as it looks; the next call goes on from there.
   *
   * @return whether something is left
   */
  synchronized boolean sweep() {
    for (int looks = Math.min(count, LOOKS_AT_A_TIME); looks > 0; looks--) {
      OwnMemory memory = first;
      boolean kept = memory.isKept();
      first = memory.next;
      if (first == null) {
        last = null;
      }
      memory.next = null;
      count--;
      bytes -= memory.bytes();
      if (kept) {
        append(memory);
      } else {
        memory.free();
      }
    }
    return count > 0;
  }

  /** How much there is, in bytes. */
  synchronized long bytes() {
    return bytes;
  }
}
