package io.twinport.ucx;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.util.Arrays;

/** Posts collected under the lock, to be made once it is given back. */
final class Posts {
  private static final int FIRST_CAPACITY = 16;

  /** Seats with their targets behind them, and listeners' events and tasks with nothing. */
  private Object[] pairs = new Object[FIRST_CAPACITY];

  private int length;

  void add(Seat seat, SanTarget target) {
    push(seat, target);
  }

  void add(SanEvent event) {
    push(event, null);
  }

  void add(Runnable task) {
    push(task, null);
  }

  private void push(Object whom, Object what) {
    if (length == pairs.length) {
      pairs = Arrays.copyOf(pairs, 2 * length);
    }
    pairs[length++] = whom;
    pairs[length++] = what;
  }

  boolean isEmpty() {
    return length == 0;
  }

  /** Makes the posts; it is empty then. */
  void make() {
    for (int i = 0; i < length; i += 2) {
      if (pairs[i] instanceof Seat seat) {
        seat.post((SanTarget) pairs[i + 1]);
      } else if (pairs[i] instanceof SanEvent event) {
        event.signal(NetworkEvent.ACCEPT);
      } else {
        ((Runnable) pairs[i]).run();
      }
      pairs[i] = null;
      pairs[i + 1] = null;
    }
    length = 0;
  }
}
