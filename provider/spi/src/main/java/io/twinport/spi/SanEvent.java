package io.twinport.spi;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The event object of a listener: the provider signals it, the switch enumerates it and then
 * accepts.
 *
 * <p>{@link #enumerate} copies, clears and resets in one step, before the accept, so a request that
 * arrives in between signals again. Signals that are already recorded wake nobody a second time.
 */
public final class SanEvent {
  private final AtomicInteger recorded = new AtomicInteger();
  private volatile @Nullable SanTarget target;
  private volatile @Nullable Seat seat;

  /**
   * Selects who is posted to. If events are recorded already, the seat is posted to at once.
   *
   * @param newSeat who waits, or null if nobody does
   */
  public void select(SanTarget newTarget, @Nullable Seat newSeat) {
    target = newTarget;
    seat = newSeat;
    // The volatile store of the seat comes before this load, and signal() stores before it loads
    // the
    // seat: whichever is second in the order of volatile accesses sees the other, so a signal
    // beside
    // a select is never lost.
    if (newSeat != null && recorded.get() != 0) {
      newSeat.post(newTarget);
    }
  }

  /** The seat that waits now, or null. */
  public @Nullable Seat seat() {
    return seat;
  }

  /** Records {@code events} and posts to the seat if any of them was not recorded yet. */
  public void signal(int events) {
    int before;
    do {
      before = recorded.get();
    } while (!recorded.compareAndSet(before, before | events));
    if ((before & events) != events) {
      Seat waiting = seat;
      if (waiting != null) {
        waiting.post(Objects.requireNonNull(target)); // Stored before the seat.
      }
    }
  }

  /** Copies, clears and resets the recorded events, atomically. */
  public int enumerate() {
    return recorded.getAndSet(0);
  }
}
