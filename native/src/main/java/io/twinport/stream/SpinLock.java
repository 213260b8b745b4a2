package io.twinport.stream;

import io.twinport.config.Hints;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock that is held while bytes are copied, and that hardly anybody ever waits for: the switch
 * lets one thread read and one write at a time, so all it keeps apart is such a thread and whoever
 * gives memory back or takes away what was written. Not reentrant; costs one compare-and-set.
 *
 * <p>Whoever has taken it is its subclass, and gives it back with {@code held = false}, which takes
 * no call: one could fail at the end of the stack, and the lock would be held for ever. {@link
 * #unlock} is cheaper, for where nothing has failed.
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

  /** Stored by its holder alone; taken through HELD. */
  protected volatile boolean held;

  /** Takes the lock if nobody has it. Nothing fails once it is taken. */
  protected final boolean tryLock() {
    return HELD.compareAndSet(this, false, true);
  }

  /** Takes the lock. Who has it may have lost its processor, perhaps to this thread: it yields. */
  protected final void lock() {
    for (int spins = 0; !tryLock(); spins++) {
      if (spins < SPINS_BEFORE_YIELD) {
        Hints.onSpinWait();
      } else {
        Hints.yieldCore();
      }
    }
  }

  /** Gives the lock back, unless it throws. */
  protected final void unlock() {
    HELD.setRelease(this, false);
  }
}
