package io.twinport.contract.support;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Waits for what comes true by itself: readiness, arrival, a resource being given back. There is no
 * event to wait for, so it looks again and again.
 */
public final class Eventually {
  /** How long a condition that must come true may take, on a machine that is busy. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final int PAUSE_MILLIS = 1;

  private Eventually() {}

  /** Waits until {@code condition} is true; fails if that takes too long. */
  public static void awaitTrue(String what, Callable<Boolean> condition) throws Exception {
    if (!isTrueWithin(PATIENCE_NANOS, TimeUnit.NANOSECONDS, condition)) {
      fail("never came true: " + what);
    }
  }

  /** Waits until {@code condition} is true, at most that long; returns whether it is. */
  public static boolean isTrueWithin(long time, TimeUnit unit, Callable<Boolean> condition)
      throws Exception {
    long deadline = System.nanoTime() + unit.toNanos(time);
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    return true;
  }
}
