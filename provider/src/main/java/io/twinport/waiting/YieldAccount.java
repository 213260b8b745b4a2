package io.twinport.waiting;

import java.util.concurrent.TimeUnit;

/**
 * What a waiter's yields have saved, and what they have lost. As long as it is overdrawn, each that
 * loses puts the next off by a multiple of what it has taken, which doubles.
 */
final class YieldAccount {
  /** About what both sides save by a yield behind which there is an answer. */
  private static final long SAVED_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  /**
   * A turn of another thread, the most that is saved up for or owed: of what others need beyond
   * that they would have had a part anyway.
   */
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  private static final int MOST_DOUBLINGS = 7;

  private long savedNanos; // Negative if more was lost.
  private int doublings;
  private long againNanos = System.nanoTime();

  boolean allows(long now) {
    return now - againNanos >= 0;
  }

  /** Enters a yield that has paid off, or has not, and what it took. */
  void enter(boolean pays, long took, long now) {
    long saved = savedNanos + (pays ? SAVED_NANOS : -took);
    savedNanos = Math.max(-TURN_NANOS, Math.min(saved, TURN_NANOS));
    if (saved >= 0) {
      doublings = 0;
    } else if (!pays) {
      doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
      againNanos = now + (took << doublings);
    }
  }
}
