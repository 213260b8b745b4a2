package io.twinport.waiting;

import java.util.concurrent.TimeUnit;

/**
 * When whoever finds something on the SAN again and again looks at the kernel, too, so that TCP
 * does not starve. One thread at a time.
 */
public final class KernelTurn {
  /** How much may be taken from the SAN before. */
  private static final int MOST_TAKEN = 16;

  /** The longest that the kernel is not looked at. A look is a system call. */
  private static final long MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private int taken;
  private long seenNanos = System.nanoTime() - MOST_NANOS;

  /** The kernel was looked at just now. */
  public void seen() {
    taken = 0;
    seenNanos = System.nanoTime();
  }

  /** Something was taken from the SAN. */
  public void taken() {
    taken++;
  }

  /** Whatever was seen before, the kernel is to be looked at next. */
  public void comesNext() {
    taken = MOST_TAKEN;
  }

  public boolean isDue() {
    return taken >= MOST_TAKEN || !isSeen();
  }

  /** Whether the last look is so recent that what it said may count. */
  public boolean isSeen() {
    return System.nanoTime() - seenNanos < MOST_NANOS;
  }
}
