package io.twinport.ucx;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The seat of one thread, which parks. */
final class PipeSeat extends Seat {
  private final Thread owner = Thread.currentThread();
  private volatile boolean posted;

  PipeSeat() {
    super(null);
  }

  @Override
  public void post(SanTarget target) {
    posted = true;
    LockSupport.unpark(owner);
  }

  /** Waits for one of {@code interest}; returns what is ready, 0 if nothing is in that time. */
  int await(SanTarget target, int interest, long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      posted = false;
      int ready = target.arm(interest, this);
      if (ready != 0) {
        return ready;
      }
      while (!posted) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return 0; // and not: looks once more. A wakeup that is lost has to be seen.
        }
        LockSupport.parkNanos(this, left);
      }
    }
  }
}
