package io.twinport.waiting;

import io.twinport.config.Hints;
import io.twinport.settings.Settings;
import io.twinport.spi.Bell;
import io.twinport.waiting.Past.Ringer;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides for how long a waiter looks at the SAN before it sleeps.
 *
 * <p>Spinning pays when the other side runs on another core and answers at once; it harms when the
 * other side needs this core. A waiter finds out which of the two it is by trying for a few
 * milliseconds, which its {@link Past} remembers. If most of the spins of a trial were in vain, it
 * tries again, a few times, and then sleeps at once for a while, twice as long each time, before it
 * tries again.
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
 * an account of what yields have saved and what they have lost, the {@link YieldAccount}.
 *
 * <p>Where there are more threads than cores, spins are at the others' cost, and so are answers
 * that come too soon for a sleep. {@link Turns} finds out where that is, and sees to it that the
 * others have their turns.
 */
public final class WaitPolicy {
  /** The cores that the calling thread may run on. */
  public interface Cores {
    /** The one it runs on; negative if that is not known. */
    int currentCore();

    /** Moves it to another, if that is possible. */
    void changeCore();

    /** Lets other threads have it, if there are any that want it. */
    void yieldCore();

    /** Sleeps for as short a time as is possible. */
    void rest();

    /** The clock by which it is seen how long they have taken, {@link System#nanoTime}. */
    default long nanoTime() {
      return System.nanoTime();
    }
  }

  /** How a spin has ended. */
  public enum Spun {
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
  public interface Spinner {
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

  /** {@code wait=spin} sleeps in the end, too: an idle process uses no processor. */
  private static final long LONGEST_SPIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long PROCESSORS_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Looks of a spin for which it asks the time once. */
  private static final int LOOKS_BETWEEN_CLOCKS = 8;

  private static final long NANOS_BETWEEN_KERNEL_LOOKS = TimeUnit.MICROSECONDS.toNanos(4);

  /** What waking a thread on another core and its answer take, on virtual machines, too. */
  static final long WAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

  /** What waking a thread, its move to another core and its answer take. */
  static final long REJOIN_NANOS = TimeUnit.MICROSECONDS.toNanos(150);

  /** Two switches take longer: if a yield does not, nobody has had the core. */
  private static final long SWITCHES_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  /** One that takes longer has met something else: a process that was stopped, for example. */
  private static final long LONGEST_YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * Who has less time than some turns of others neither yields nor rests: it would come back too
   * late.
   */
  private static final long LEAST_TO_YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final AtomicInteger spinning = new AtomicInteger();
  private static volatile int processors = Runtime.getRuntime().availableProcessors();
  private static volatile long processorsAt = System.nanoTime();

  private final Settings.Wait mode;
  private final long spinNanos;
  private final Cores cores;

  /** As the settings say. */
  public WaitPolicy(Settings settings, Cores cores) {
    this.cores = cores;
    mode = settings.waitMode();
    spinNanos = TimeUnit.MICROSECONDS.toNanos(settings.spinMicros());
  }

  boolean spins() {
    return mode != Settings.Wait.BLOCK;
  }

  /**
   * Returns the nanoseconds to spin for, or 0; what others had of the core, and a change of it,
   * comes on top. If it is not 0, {@link #ended} has to follow, and else {@link #tryYield} may.
   *
   * @param most nanoseconds that the wait may take
   * @param now the time
   */
  long begin(Past past, long most, long now) {
    past.waits();
    boolean hasTime = most >= LEAST_TO_YIELD_NANOS;
    long then = hasTime ? now + takeTurn(past, now, Turns.WAITER_NANOS) : now;
    if (mode == Settings.Wait.BLOCK || processors(then) == 1) {
      return 0;
    }
    // Of virtual threads there may be thousands: one that spins on and on holds others up.
    boolean adaptive = mode == Settings.Wait.ADAPTIVE || VirtualThreads.isCurrent();
    if (adaptive) {
      if (spinNanos == 0
          || !past.isBusy(now)
          || past.isPaused(then)
          || past.turns.isCrowded(then)) {
        return 0;
      }
    }
    long moved = 0;
    if (wantsOtherCore(past)) {
      past.ringer(Ringer.UNKNOWN);
      long before = System.nanoTime();
      cores.changeCore();
      moved = System.nanoTime() - before;
    } else if (ringer(past) == Ringer.HERE) {
      // The ringer needs this core to go on: a spin would only hold it up.
      past.missesAtOnce(then, spinNanos);
      return 0;
    }
    if (spinning.incrementAndGet() > processors / 2 + 1) {
      spinning.decrementAndGet();
      return 0;
    }
    past.spins(then + moved);
    moved += then - now;
    if (!adaptive) {
      return moved + LONGEST_SPIN_NANOS;
    }
    if (past.rejoins()) {
      return moved + Math.max(spinNanos, REJOIN_NANOS);
    }
    return moved + (past.hasToWakeOthers() ? longestAdaptiveNanos() : spinNanos);
  }

  /**
   * Lets others have the core if it is their turn. To be called now and then by whoever always has
   * work, so that he neither sleeps nor spins.
   */
  public void worked(Past past) {
    takeTurn(past, System.nanoTime(), Turns.WORKER_NANOS);
  }

  /** Returns the nanoseconds that others had, or 0. */
  private long takeTurn(Past past, long now, long turn) {
    Turns turns = past.turns;
    // A virtual thread would rest on its carrier's account.
    if (mode == Settings.Wait.SPIN
        || !turns.isOver(now, mode == Settings.Wait.ADAPTIVE, turn, processors(now))
        || VirtualThreads.isCurrent()) {
      return 0;
    }
    boolean crowded = turns.isCrowded(now);
    long before = cores.nanoTime();
    if (crowded) {
      cores.rest();
    } else {
      cores.yieldCore();
    }
    long took = cores.nanoTime() - before;
    if (crowded) {
      turns.rested(now + took);
    } else {
      turns.yielded(took, now + took);
    }
    return took < Turns.OTHERS_NANOS ? 0 : took;
  }

  private boolean wantsOtherCore(Past past) {
    return switch (ringer(past)) {
      case HERE -> past.isTryingAgain() || past.hasSlippedIn();
      case ELSEWHERE -> false;
      case UNKNOWN -> past.isTryingAgain() && ThreadLocalRandom.current().nextBoolean();
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
        || past.isSparse()
        || !past.isBusy(now)
        || most < LEAST_TO_YIELD_NANOS
        || !past.yields.allows(now)
        || past.turns.isCrowded(now)
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
        past.ringer(Ringer.UNKNOWN); // Whoever has answered runs elsewhere by now.
      }
    }
    past.turns.slept();
    past.yields.enter(hit && took <= WAKE_NANOS, took, now);
  }

  /** Asks for the core only where the answer matters: many a wait neither spins nor yields. */
  private Ringer ringer(Past past) {
    byte from = past.takeFrom();
    if (from != Bell.FROM_ANYWHERE) {
      byte here = Bell.from(cores.currentCore());
      past.ringer(
          here == Bell.FROM_ANYWHERE
              ? Ringer.UNKNOWN
              : from == here ? Ringer.HERE : Ringer.ELSEWHERE);
    }
    return past.ringer();
  }

  /** The longest that an adaptive waiter spins, but to rejoin the other side. */
  public long longestAdaptiveNanos() {
    return Math.max(spinNanos, WAKE_NANOS);
  }

  /**
   * Ends a spin that {@link #begin} has allowed.
   *
   * @param now the time
   */
  void ended(Past past, boolean hit, long now) {
    spinning.decrementAndGet();
    past.spun(hit, now, spinNanos);
  }

  /**
   * Spins as allowed, or yields.
   *
   * @param most nanoseconds that it may take, but for a yield
   */
  public Spun spin(Spinner spinner, Past past, long most) throws IOException {
    if (!spins()) {
      return Spun.IN_VAIN;
    }
    long start = System.nanoTime();
    long budget = begin(past, most, start);
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
        Hints.onSpinWait();
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
