package io.twinport.nio;

import io.twinport.config.Settings;
import io.twinport.spi.Bell;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides for how long a waiter looks at the SAN before it sleeps.
 *
 * <p>Spinning pays when the other side runs on another core and answers at once; it harms when the
 * other side needs this core. A waiter finds out which of the two it is by trying for {@link
 * #TRIAL_NANOS}. If most of the spins of a trial were in vain, it tries again, a few times, and
 * then sleeps at once for a while, twice as long each time, before it tries again.
 *
 * <p>Two things can stand in the way of a trial although the cores are there. The other side may
 * sleep whenever it waits, as its own trials have failed, and wakes too late for a short spin; so
 * whoever tries again spins for {@link #WAKE_NANOS}, in which the other side wakes and answers, and
 * then finds this side awake in its own trial. And wakeups tend to leave both sides on one core
 * even where another is free: the kernel may take who rings to have done its work, and, on virtual
 * machines, an idle core for one that is not there. A bell tells on which core its ringer runs. A
 * waiter that was woken on that very core moves to another before it spins: at the begin of a trial
 * after a failed one, or at once if spinning has paid before and a sleep was but an accident. Where
 * the bell does not tell, a coin that the other side tosses too decides before a trial.
 *
 * <p>By the time that a waiter is back from such an accident the other side, in most cases, has
 * spun in vain and sleeps in its turn. So where one wait comes behind the other its next spin lasts
 * for {@link #REJOIN_NANOS}: else each would find the other asleep from then on.
 *
 * <p>Who does not spin, and was woken on the ringer's core, may let others have the core once
 * before it goes to the kernel. If the other side is among them and answers, the waiter is back
 * without having slept, and the other side has not had to wake it: that takes two thirds of the
 * time, and of the processor's. It does not pay if those who take the core are others. So there is
 * an account of what yields have saved and what they have lost; as long as it is overdrawn, each
 * that loses puts the next off by a multiple of what it has taken, which doubles.
 */
final class WaitPolicy {
  /**
   * What one waiter has learned. Used by one thread at a time, or nearly so: two threads that share
   * one learn a little from each other, and that is all.
   */
  static final class Past {
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
    static Past ofCurrentThread() {
      return BY_THREAD[(int) Thread.currentThread().getId() & (BY_THREAD.length - 1)];
    }

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
    private long savedByYieldsNanos; // Negative if more was lost.
    private int yieldDoublings;
    private long yieldAgainNanos = System.nanoTime();

    /** Says that the waiter has found something to do. */
    void event(long now) {
      sparse = seenEvent && now - lastEventNanos > BUSY_NANOS;
      lastEventNanos = now;
      seenEvent = true;
    }
  }

  /** Where who has woken a waiter runs. */
  private enum Ringer {
    /** On the waiter's core, or on none. */
    HERE,
    ELSEWHERE,
    UNKNOWN
  }

  /** The cores that the calling thread may run on. */
  interface Cores {
    /** The one it runs on; negative if that is not known. */
    int currentCore();

    /** Moves it to another, if that is possible. */
    void changeCore();

    /** Lets other threads have it, if there are any that want it. */
    void yieldCore();
  }

  /** How a spin has ended. */
  enum Spun {
    /** There is something to look at. */
    FOUND,

    /**
     * The epoll set has an event, TCP's, or of a bell that was rung for an earlier sleep, or is
     * outdated. That is to be seen to without a sleep being announced, or the peer would ring
     * again, and so on.
     */
    KERNEL,

    /** A sleep comes next. */
    IN_VAIN
  }

  /** One who looks at the SAN, and perhaps at the kernel, in which he sleeps. */
  interface Spinner {
    /** Whether there is anything to take that is not in the kernel. No system call. */
    boolean somethingToLookAt();

    /** Whether the spin is to end, in vain, because the sleep finds something. Asked first. */
    default boolean mustSleep() {
      return false;
    }

    /** Whether the kernel has an event. */
    default boolean kernelIsReady() throws IOException {
      return false;
    }

    /** Whether the epoll set lacks something that was asked for: a spin would not see it. */
    default boolean kernelIsOutdated() {
      return false;
    }
  }

  /** A wait that begins this soon after the last event is one on a busy SAN. */
  private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** {@code wait=spin} sleeps in the end, too: an idle process uses no processor. */
  private static final long LONGEST_SPIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long PROCESSORS_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Looks of a spin for which it asks the time once. */
  private static final int LOOKS_BETWEEN_CLOCKS = 8;

  private static final long NANOS_BETWEEN_KERNEL_LOOKS = TimeUnit.MICROSECONDS.toNanos(4);

  private static final long TRIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  /** What waking a thread on another core and its answer take, on virtual machines, too. */
  static final long WAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

  /** What waking a thread, its move to another core and its answer take. */
  static final long REJOIN_NANOS = TimeUnit.MICROSECONDS.toNanos(150);

  /**
   * A trial of fewer spins is of a waiter with little to wait for: there is nothing to be gained by
   * longer spins or by another core that would be worth their price.
   */
  static final int DENSE_SPINS = 12;

  /** Trials that may fail one behind the other. */
  private static final int TRIALS_BETWEEN_PAUSES = 4;

  /**
   * Hits one behind the other that make a trial a good one, whatever was before them: one side has
   * changed its core, and the other must not, too.
   */
  private static final int GOOD_HITS = 8;

  /** Misses one behind the other that end a further trial: each of them is a long one. */
  private static final int HOPELESS_MISSES = 16;

  /** About what both sides save by a yield behind which there is an answer. */
  private static final long SAVED_BY_YIELD_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  /**
   * A turn of another thread, the most that is saved up for or owed: of what others need beyond
   * that they would have had a part anyway.
   */
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  /** Two switches take longer: if a yield does not, nobody has had the core. */
  private static final long SWITCHES_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  /** One that takes longer has met something else: a process that was stopped, for example. */
  private static final long LONGEST_YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Who has less time than some turns of others does not yield: it would come back too late. */
  private static final long LEAST_TO_YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final int MOST_YIELD_DOUBLINGS = 7;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private static final AtomicInteger spinning = new AtomicInteger();
  private static volatile int processors = Runtime.getRuntime().availableProcessors();
  private static volatile long processorsAt = System.nanoTime();

  private final Settings.Wait mode;
  private final long spinNanos;
  private final Cores cores;

  WaitPolicy(Settings settings, Cores cores) {
    this.cores = cores;
    mode = settings.waitMode();
    spinNanos = TimeUnit.MICROSECONDS.toNanos(settings.spinMicros());
  }

  boolean spins() {
    return mode != Settings.Wait.BLOCK;
  }

  /**
   * Returns the nanoseconds to spin for, or 0; what a change of the core has taken comes on top. If
   * it is not 0, {@link #ended} has to follow, and else {@link #tryYield} may.
   *
   * @param now the time
   */
  long begin(Past past, long now) {
    past.missed = false;
    if (mode == Settings.Wait.BLOCK || processors(now) == 1) {
      return 0;
    }
    // Of virtual threads there may be thousands: one that spins on and on holds others up.
    boolean adaptive = mode == Settings.Wait.ADAPTIVE || VirtualThreads.isCurrent();
    if (adaptive) {
      if (spinNanos == 0 || !past.seenEvent || now - past.lastEventNanos > BUSY_NANOS) {
        return 0;
      }
      if (past.pause != 0 && now - past.pauseUntilNanos < 0) {
        return 0;
      }
    }
    long moved = 0;
    if (wantsOtherCore(past)) {
      past.ringer = Ringer.UNKNOWN;
      long before = System.nanoTime();
      cores.changeCore();
      moved = System.nanoTime() - before;
    } else if (ringer(past) == Ringer.HERE) {
      // The ringer needs this core to go on: a spin would only hold it up. Missed without trying.
      past.spinBegan = now;
      count(past, false, now);
      return 0;
    }
    if (spinning.incrementAndGet() > processors / 2 + 1) {
      spinning.decrementAndGet();
      return 0;
    }
    past.spinBegan = now + moved;
    if (!adaptive) {
      return moved + LONGEST_SPIN_NANOS;
    }
    if (past.rejoins) {
      return moved + Math.max(spinNanos, REJOIN_NANOS);
    }
    return moved + (past.failed != 0 || past.othersWake ? longestAdaptiveNanos() : spinNanos);
  }

  private boolean wantsOtherCore(Past past) {
    boolean trialAfterFailed = past.failed != 0 && past.spins == 0;
    return switch (ringer(past)) {
      case HERE -> trialAfterFailed || past.slippedIn;
      case ELSEWHERE -> false;
      case UNKNOWN -> trialAfterFailed && ThreadLocalRandom.current().nextBoolean();
    };
  }

  /**
   * Lets others have the core if the other side may be among them, unless that has not paid lately,
   * or the next event will be long in coming as the last one was. If it returns true, {@link
   * #yielded} has to follow.
   *
   * @param most nanoseconds that the wait may take
   * @param now the time
   */
  boolean tryYield(Past past, long most, long now) {
    // A virtual thread would let others have its carrier, and not the core.
    if (!spins()
        || past.sparse
        || now - past.lastEventNanos > BUSY_NANOS
        || most < LEAST_TO_YIELD_NANOS
        || now - past.yieldAgainNanos < 0
        || ringer(past) != Ringer.HERE
        || VirtualThreads.isCurrent()) {
      return false;
    }
    cores.yieldCore();
    return true;
  }

  /**
   * Says what a yield was good for. If it took long, others may have had the core, even if there is
   * an answer behind it.
   *
   * @param began when it did
   * @param now the time
   */
  void yielded(Past past, boolean hit, long began, long now) {
    long took = Math.min(now - began, LONGEST_YIELD_NANOS);
    if (hit) {
      past.event(now);
      if (took < SWITCHES_NANOS) {
        past.ringer = Ringer.UNKNOWN; // Whoever has answered runs elsewhere by now.
      }
    }
    boolean pays = hit && took <= WAKE_NANOS;
    long saved = past.savedByYieldsNanos + (pays ? SAVED_BY_YIELD_NANOS : -took);
    past.savedByYieldsNanos = Math.max(-TURN_NANOS, Math.min(saved, TURN_NANOS));
    if (saved >= 0) {
      past.yieldDoublings = 0;
    } else if (!pays) {
      past.yieldDoublings = Math.min(past.yieldDoublings + 1, MOST_YIELD_DOUBLINGS);
      past.yieldAgainNanos = now + (took << past.yieldDoublings);
    }
  }

  /**
   * Says that the waiter has slept.
   *
   * @param from what the bell that has woken it tells, see {@link Bell#from}
   */
  void slept(Past past, byte from) {
    past.slippedIn = past.missed && past.proven && 2 * past.hits >= past.spins;
    past.rejoins = past.slippedIn && past.backToBack;
    if (from != Bell.FROM_ANYWHERE) {
      past.from = from;
    }
  }

  /** Asks for the core only where the answer matters: many a wait neither spins nor yields. */
  private Ringer ringer(Past past) {
    byte from = past.from;
    if (from != Bell.FROM_ANYWHERE) {
      past.from = Bell.FROM_ANYWHERE;
      byte here = Bell.from(cores.currentCore());
      past.ringer =
          here == Bell.FROM_ANYWHERE
              ? Ringer.UNKNOWN
              : from == here ? Ringer.HERE : Ringer.ELSEWHERE;
    }
    return past.ringer;
  }

  /** The longest that an adaptive waiter spins, but to rejoin the other side. */
  long longestAdaptiveNanos() {
    return Math.max(spinNanos, WAKE_NANOS);
  }

  /**
   * Ends a spin that {@link #begin} has allowed.
   *
   * @param now the time
   */
  void ended(Past past, boolean hit, long now) {
    spinning.decrementAndGet();
    past.missed = !hit;
    past.rejoins = false;
    count(past, hit, now);
  }

  private void count(Past past, boolean hit, long now) {
    if (past.spins++ == 0) {
      past.trialBegan = past.spinBegan;
    }
    if (hit) {
      past.event(now);
      past.hits++;
      past.hitsInRow++;
      past.missesInRow = 0;
      past.lateHits += now - past.spinBegan > spinNanos ? 1 : 0;
    } else {
      past.hitsInRow = 0;
      past.missesInRow++;
    }
    boolean hopeless = past.failed != 0 && past.missesInRow == HOPELESS_MISSES;
    if (hopeless || now - past.trialBegan > TRIAL_NANOS) {
      endTrial(past, now);
    }
  }

  private void endTrial(Past past, long now) {
    past.backToBack = past.spins * spinNanos >= TRIAL_NANOS;
    if (2 * past.hits >= past.spins || past.hitsInRow >= GOOD_HITS) {
      past.failed = 0;
      past.proven = true;
      past.pause = 0;
      past.othersWake = 2 * past.lateHits >= past.hits;
    } else {
      boolean sparse = past.spins < DENSE_SPINS;
      past.failed = sparse ? 0 : past.failed + 1;
      past.proven = false;
      past.othersWake = false;
      if (past.failed % TRIALS_BETWEEN_PAUSES == 0) {
        past.pause = Math.min(Math.max(2 * past.pause, FIRST_PAUSE_NANOS), LONGEST_PAUSE_NANOS);
        past.pauseUntilNanos = now + past.pause;
      }
    }
    past.spins = 0;
    past.hits = 0;
    past.hitsInRow = 0;
    past.missesInRow = 0;
    past.lateHits = 0;
  }

  /**
   * Spins as allowed, or yields.
   *
   * @param most nanoseconds that it may take, but for a yield
   */
  Spun spin(Spinner spinner, Past past, long most) throws IOException {
    if (!spins()) {
      return Spun.IN_VAIN;
    }
    long start = System.nanoTime();
    long budget = begin(past, start);
    if (budget == 0) {
      return !spinner.kernelIsOutdated() && tryYield(past, most, start)
          ? lookBehindYield(spinner, past, start)
          : Spun.IN_VAIN;
    }
    if (spinner.kernelIsOutdated()) {
      spinning.decrementAndGet(); // Nothing was learned.
      return Spun.KERNEL;
    }
    Spun result = Spun.IN_VAIN;
    try {
      long end = start + Math.min(budget, most);
      long kernelAt = start + NANOS_BETWEEN_KERNEL_LOOKS;
      long now = start;
      for (int looks = 1; now - end < 0 && !spinner.mustSleep(); looks++) {
        if (spinner.somethingToLookAt()) {
          result = Spun.FOUND;
          return result;
        }
        if (now - kernelAt >= 0) {
          if (spinner.kernelIsReady()) {
            result = Spun.KERNEL;
            return result;
          }
          kernelAt = now + NANOS_BETWEEN_KERNEL_LOOKS;
        }
        if (looks % LOOKS_BETWEEN_CLOCKS == 0) {
          VirtualThreads.yieldIfCurrent();
          now = System.nanoTime();
        }
        Thread.onSpinWait();
      }
      return result;
    } finally {
      ended(past, result != Spun.IN_VAIN, System.nanoTime());
    }
  }

  private Spun lookBehindYield(Spinner spinner, Past past, long began) {
    boolean hit = !spinner.mustSleep() && spinner.somethingToLookAt();
    yielded(past, hit, began, System.nanoTime());
    return hit ? Spun.FOUND : Spun.IN_VAIN;
  }

  /** The processors this process may use, which can change while it runs. */
  private static int processors(long now) {
    if (now - processorsAt > PROCESSORS_NANOS) {
      processorsAt = now;
      processors = Runtime.getRuntime().availableProcessors();
    }
    return processors;
  }
}
