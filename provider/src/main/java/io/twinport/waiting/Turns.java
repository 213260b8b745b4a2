package io.twinport.waiting;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How one who waits shares his core. Whoever finds something whenever he looks does not sleep, and
 * has the core for as long as the kernel lets him: some milliseconds, in which others who need it
 * answer nobody. With TCP nearly each wait lets them have it.
 *
 * <p>So where a process has more waiters than there are cores, each yields now and then, which
 * costs next to nothing if he is alone on his core. Where it takes long, others had it; where that
 * is so again and again, it is crowded. For a while he does not spin then, and when he has been
 * awake for a turn he rests: he sleeps for as short a time as is possible. He does not yield there,
 * because that gives a part of the core away for good: the kernel lets everybody else have a turn
 * of its own length first. Behind that while the first yield decides whether there is another one,
 * twice as long.
 */
final class Turns {
  /** Who spins, or is awake, for as long finds out whether he is alone. */
  static final long ALONE_NANOS = TimeUnit.MICROSECONDS.toNanos(250);

  /**
   * The turn on a crowded core of one who waits for others. A round trip or some; where there are
   * sixteen of them, each has its turn within a millisecond.
   */
  static final long WAITER_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** The turn there of one whom others wait for: he has work whenever he looks. */
  static final long WORKER_NANOS = TimeUnit.MICROSECONDS.toNanos(250);

  /** A yield that takes as long has let others in, and is not only an interrupt. */
  static final long OTHERS_NANOS = TimeUnit.MICROSECONDS.toNanos(15);

  /** So many waits without a sleep may be accidents, of one who has slept elsewhere. */
  private static final int FEW_WAITS = 4;

  /** If {@link #CROWD} of so many yields have let others in, the core is crowded. */
  private static final int YIELDS = 8;

  private static final int CROWD = 3;
  private static final long FIRST_CROWDED_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_CROWDED_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** Waiters are counted for as long: log2 of nanoseconds. */
  private static final int WINDOW_LOG2 = 23;

  private static final AtomicLong WINDOW = new AtomicLong();
  private static final AtomicInteger WAITERS = new AtomicInteger();
  private static volatile int waitersBefore;

  private long countedIn;
  private long awakeSince = System.nanoTime();
  private long yieldedAt = awakeSince;
  private boolean slept;
  private int waits; // Since he was awake.

  private int yields;
  private int shared; // Those of them that have let others in.
  private boolean crowded;
  private long crowdedFor; // The last time; 0 if that is long ago.
  private long crowdedUntil;

  /** He has slept, so that others could have the core. */
  void slept() {
    slept = true;
  }

  /**
   * A wait begins, or one is over without a sleep.
   *
   * @param spins whether it is one that may spin
   * @param turn nanoseconds of a turn, if the core is crowded
   * @param cores how many there are
   * @return whether it is others' turn
   */
  boolean isOver(long now, boolean spins, long turn, int cores) {
    count(now >>> WINDOW_LOG2);
    if (Math.max(waitersBefore, WAITERS.get()) <= cores) {
      return false;
    }
    if (slept) {
      slept = false;
      begin(now);
    }
    waits++;
    if (spins && !isCrowded(now)) {
      return now - yieldedAt >= ALONE_NANOS;
    }
    return waits > FEW_WAITS && now - awakeSince >= (crowded ? turn : ALONE_NANOS);
  }

  /** Not exact where a window begins, and need not be. */
  private void count(long window) {
    if (window != countedIn) {
      countedIn = window;
      long before = WINDOW.get();
      if (before != window && WINDOW.compareAndSet(before, window)) {
        int waiters = WAITERS.getAndSet(0);
        waitersBefore = window == before + 1 ? waiters : 0;
      }
      WAITERS.incrementAndGet();
    }
  }

  private void begin(long now) {
    awakeSince = now;
    waits = 0;
  }

  /** Whether others need the core. */
  boolean isCrowded(long now) {
    if (crowded && now - crowdedUntil >= 0) {
      crowded = false;
    }
    return crowded;
  }

  /** He has rested. */
  void rested(long now) {
    begin(now);
  }

  /** He has yielded, which took so long. */
  void yielded(long took, long now) {
    begin(now);
    yieldedAt = now;
    yields++;
    shared += took >= OTHERS_NANOS ? 1 : 0;
    if (shared >= (crowdedFor == 0 ? CROWD : 1)) {
      crowded = true;
      crowdedFor = Math.min(Math.max(2 * crowdedFor, FIRST_CROWDED_NANOS), LONGEST_CROWDED_NANOS);
      crowdedUntil = now + crowdedFor;
    } else if (yields < YIELDS) {
      return;
    } else if (shared == 0) {
      crowdedFor = crowdedFor > FIRST_CROWDED_NANOS ? crowdedFor / 2 : 0;
    }
    yields = 0;
    shared = 0;
  }
}
