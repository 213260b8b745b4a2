package io.twinport.waiting;

import io.twinport.spi.Bell;
import java.util.concurrent.TimeUnit;

/**
 * What one waiter has learned of its spins, for {@link WaitPolicy}. Used by one thread at a time,
 * or nearly so: two threads that share one learn a little from each other, and that is all.
 */
public final class Past {
  /** Where who has woken a waiter runs. */
  enum Ringer {
    /** On the waiter's core, or on none. */
    HERE,
    ELSEWHERE,
    UNKNOWN
  }

  /** A wait that begins this soon after the last event is one on a busy SAN. */
  private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long TRIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  /**
   * A trial of fewer spins is of a waiter with little to wait for: there is nothing to be gained by
   * longer spins or by another core that would be worth their price.
   */
  private static final int DENSE_SPINS = 12;

  /** Trials that may fail one behind the other. */
  private static final int TRIALS_BETWEEN_PAUSES = 4;

  /**
   * Hits one behind the other that make a trial a good one, whatever was before them: one side has
   * changed its core, and the other must not, too.
   */
  private static final int GOOD_HITS = 8;

  /** Misses one behind the other that end a further trial: each of them is a long one. */
  private static final int HOPELESS_MISSES = 16;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private static final Past[] BY_THREAD = new Past[64];

  static {
    for (int i = 0; i < BY_THREAD.length; i++) {
      BY_THREAD[i] = new Past();
    }
  }

  /**
   * The past of the blocked waits of the current thread. A thread's, not a channel's: one that
   * connects and reads, again and again, finds the SAN busy although each channel is new to it.
   */
  public static Past ofCurrentThread() {
    return BY_THREAD[(int) Thread.currentThread().getId() & (BY_THREAD.length - 1)];
  }

  final YieldAccount yields = new YieldAccount();
  final Turns turns = new Turns();

  private long lastEventNanos;
  private boolean seenEvent;
  private boolean sparse; // The last event came long after the one before.
  private long spinBegan;
  private long trialBegan;
  private int spins;
  private int hits;
  private int hitsInRow;
  private int missesInRow;
  private int lateHits; // Those that a short spin would have missed.
  private boolean othersWake; // Most hits are late: the other side sleeps.
  private int failed; // Trials since the last that did not.
  private boolean proven; // The last trial has not failed.
  private boolean backToBack; // The last trial had one wait behind the other.
  private byte from = Bell.FROM_ANYWHERE; // What a bell told, until the ringer is asked for.
  private Ringer ringer = Ringer.UNKNOWN;
  private boolean missed; // The last wait has spun, in vain.
  private boolean slippedIn; // Into a sleep where spinning pays.
  private boolean rejoins; // The next spin is the first behind such a sleep.
  private long pause;
  private long pauseUntilNanos;

  /** Says that the waiter has found something to do. */
  public void event(long now) {
    sparse = seenEvent && now - lastEventNanos > BUSY_NANOS;
    lastEventNanos = now;
    seenEvent = true;
  }

  // -- What to do

  /** Whether the last event was so lately that the next may come soon. */
  boolean isBusy(long now) {
    return seenEvent && now - lastEventNanos <= BUSY_NANOS;
  }

  /** Whether the last event came long after the one before. */
  boolean isSparse() {
    return sparse;
  }

  boolean isPaused(long now) {
    return pause != 0 && now - pauseUntilNanos < 0;
  }

  /** Whether the next spin is the first of a trial behind one that has failed. */
  boolean isTryingAgain() {
    return failed != 0 && spins == 0;
  }

  /** Whether the other side may sleep, and needs the time to wake. */
  boolean hasToWakeOthers() {
    return failed != 0 || othersWake;
  }

  /** Whether the last sleep was but an accident: spinning pays. */
  boolean hasSlippedIn() {
    return slippedIn;
  }

  /** Whether the other side, in most cases, sleeps by now in its turn. */
  boolean rejoins() {
    return rejoins;
  }

  /** What a bell has told since this was asked last; see {@link Bell#from}. */
  byte takeFrom() {
    byte told = from;
    from = Bell.FROM_ANYWHERE;
    return told;
  }

  Ringer ringer() {
    return ringer;
  }

  void ringer(Ringer where) {
    ringer = where;
  }

  // -- What was done

  /** A wait begins. */
  void waits() {
    missed = false;
  }

  /** A spin begins. */
  void spins(long now) {
    spinBegan = now;
  }

  /** A spin has ended, or was not worth a try. */
  void spun(boolean hit, long now, long spinNanos) {
    missed = !hit;
    rejoins = false;
    count(hit, now, spinNanos);
  }

  /** The ringer needs this core: missed without trying. */
  void missesAtOnce(long now, long spinNanos) {
    spinBegan = now;
    count(false, now, spinNanos);
  }

  /**
   * The waiter has slept.
   *
   * @param told what the bell that has woken it tells, see {@link Bell#from}
   */
  public void slept(byte told) {
    turns.slept();
    slippedIn = missed && proven && 2 * hits >= spins;
    rejoins = slippedIn && backToBack;
    if (told != Bell.FROM_ANYWHERE) {
      from = told;
    }
  }

  private void count(boolean hit, long now, long spinNanos) {
    if (spins++ == 0) {
      trialBegan = spinBegan;
    }
    if (hit) {
      event(now);
      hits++;
      hitsInRow++;
      missesInRow = 0;
      lateHits += now - spinBegan > spinNanos ? 1 : 0;
    } else {
      hitsInRow = 0;
      missesInRow++;
    }
    boolean hopeless = failed != 0 && missesInRow == HOPELESS_MISSES;
    if (hopeless || now - trialBegan > TRIAL_NANOS) {
      endTrial(now, spinNanos);
    }
  }

  private void endTrial(long now, long spinNanos) {
    backToBack = spins * spinNanos >= TRIAL_NANOS;
    if (2 * hits >= spins || hitsInRow >= GOOD_HITS) {
      failed = 0;
      proven = true;
      pause = 0;
      othersWake = 2 * lateHits >= hits;
    } else {
      failed = spins < DENSE_SPINS ? 0 : failed + 1;
      proven = false;
      othersWake = false;
      if (failed % TRIALS_BETWEEN_PAUSES == 0) {
        pause = Math.min(Math.max(2 * pause, FIRST_PAUSE_NANOS), LONGEST_PAUSE_NANOS);
        pauseUntilNanos = now + pause;
      }
    }
    spins = 0;
    hits = 0;
    hitsInRow = 0;
    missesInRow = 0;
    lateHits = 0;
  }
}
