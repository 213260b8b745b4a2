package io.twinport.stream;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock that is held while bytes are copied, and that hardly anybody ever waits for: the switch
 * lets one thread read and one write at a time, so all it keeps apart is such a thread and whoever
 * gives memory back or takes away what was written. Not reentrant; costs one compare-and-set.
 */
public class SpinLock {
  private static final int SPINS_BEFORE_YIELD = 100;
  private static final VarHandle HELD;

  static {
    try {
      HELD = MethodHandles.lookup().findVarHandle(SpinLock.class, "held", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // through HELD
  private boolean held;

  /** Takes the lock if nobody has it. */
  public final boolean tryLock() {
    return HELD.compareAndSet(this, false, true);
  }

  /** Takes the lock. Who has it may have lost its processor, perhaps to this thread: it yields. */
  @SuppressWarnings("ThreadPriorityCheck")
  public final void lock() {
    for (int spins = 0; !tryLock(); spins++) {
      if (spins < SPINS_BEFORE_YIELD) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  public final void unlock() {
    HELD.setRelease(this, false);
  }
}
