package io.twinport.waiting;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether one who waits is asleep, and the rule by which no wakeup is lost.
 *
 * <p>Whoever has something to say stores it, and then calls {@link #end}, which looks whether the
 * sleeper says that he is asleep. The sleeper {@linkplain #begin says so} and then looks at
 * everything that may have been stored, and sleeps only if there is nothing. All of these accesses
 * are volatile, or there is a full fence between the store and the call; so one of the two sees the
 * other: a wakeup that comes before the look is found by it, and one that comes later sounds the
 * alarm, which ends the sleep however late that begins. The provider's announcement ({@link
 * io.twinport.spi.SanProvider#announceSleep}) is the same for other processes. Modelled in {@code
 * sleep.pml}.
 *
 * <p>One who stores and ends sounds the alarm once, whoever else comes meanwhile: they have stored
 * before, and the sleeper, who is awake then, looks again.
 */
public final class Sleep {
  /** Ends the wait in which somebody sleeps, or is about to. */
  public interface Alarm {
    void sound();
  }

  private static final int AWAKE = 0;
  private static final int ASLEEP = 1;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Sleep.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Alarm alarm;
  private volatile int state = AWAKE;

  /** Nobody sleeps yet. */
  public Sleep(Alarm alarm) {
    this.alarm = alarm;
  }

  /** Says that the current thread is about to sleep. It looks at everything behind this. */
  public void begin() {
    STATE.setVolatile(this, ASLEEP);
  }

  /** Says that it is awake. */
  public void over() {
    STATE.setVolatile(this, AWAKE);
  }

  /** Whether somebody says that he sleeps. For people. */
  public boolean isBegun() {
    return state == ASLEEP;
  }

  /** Wakes the sleeper, if there is one; called by any thread, behind what it has stored. */
  public void end() {
    if (state == ASLEEP && STATE.compareAndSet(this, ASLEEP, AWAKE)) {
      boolean sounded = false;
      try {
        alarm.sound();
        sounded = true;
      } finally {
        if (!sounded) {
          state = ASLEEP; // An Error has stopped it: whoever comes next sounds it.
        }
      }
    }
  }
}
