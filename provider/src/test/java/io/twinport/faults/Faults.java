package io.twinport.faults;

import java.util.BitSet;
import java.util.Set;

/** What woven code calls before each point. Does nothing but in the one thread that is armed. */
public final class Faults {
  private static final Set<String> WAYS_OUT =
      Set.of("unlock", "endRead", "endWrite", "endAccept", "announceAwake", "finishSleep");

  private static volatile Thread armed;

  // The armed thread's.
  private static Fault fault;
  private static long stepsLeft;
  private static int strikesLeft;
  private static int struck;
  private static final BitSet REACHED = new BitSet();

  private Faults() {}

  /**
   * Has the current thread meet the fault at its n-th step from now on, counted from 0.
   *
   * @param strikes at how many steps in a row; the second is where the first is cleaned up
   */
  static void arm(Fault what, long n, int strikes) {
    fault = what;
    stepsLeft = n;
    strikesLeft = strikes;
    struck = -1;
    armed = Thread.currentThread();
  }

  /** Returns the first point at which the fault was met, or -1. */
  static int disarm() {
    armed = null;
    return struck;
  }

  /** How many different points have been passed by armed threads. */
  static int reached() {
    return REACHED.cardinality();
  }

  /** Called by woven code. */
  public static void at(int step, int point) {
    if (armed == Thread.currentThread() && fault.strikes(step)) {
      meet(point);
    }
  }

  private static void meet(int point) {
    REACHED.set(point);
    if (stepsLeft > 0) {
      stepsLeft--;
      return;
    }
    if (fault == Fault.STACK_OVERFLOW && isOnWayOut()) {
      return; // Strikes at the next step.
    }
    if (struck < 0) {
      struck = point;
    }
    if (--strikesLeft <= 0) {
      armed = null;
    }
    Throwable thrown = fault.make();
    if (thrown == null) {
      Thread.currentThread().interrupt();
    } else {
      Faults.<RuntimeException>sneak(thrown);
    }
  }

  /**
   * Whether the thread is in the second half of a pair such as lock and unlock: a stack that had
   * room for the first, called from the same method, has room for the second, which needs less. The
   * JDK's own locks rely on that, and on a reserve behind the stack's end.
   */
  private static boolean isOnWayOut() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(frame -> WAYS_OUT.contains(frame.getMethodName())));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
