package io.twinport.it.support;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * Waits for what another process does. There is no event to wait for, so it looks again and again.
 */
public final class Eventually {
  public interface Look<T> {
    T look() throws Exception;
  }

  private static final int PAUSE_MILLIS = 5;

  private Eventually() {}

  /**
   * Returns the first value that is as wanted; fails with the last one if there is none in that
   * time.
   */
  public static <T> T within(Duration patience, Look<T> look, Predicate<T> wanted)
      throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      T value = look.look();
      if (wanted.test(value)) {
        return value;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("after " + patience + " still: " + value);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
