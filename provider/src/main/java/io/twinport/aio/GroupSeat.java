package io.twinport.aio;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import io.twinport.waiting.Post;
import java.lang.invoke.VarHandle;
import sun.nio.ch.SanCompletion;

/**
 * The seat of one asynchronous channel. Whoever posts to it has a thread of the channel's group
 * look at the channel. All seats of a group have the group's bell.
 */
abstract class GroupSeat extends Seat {
  /** The seat's turn in the group's work. */
  final class Turn extends Post implements Runnable {
    GroupSeat seat() {
      return GroupSeat.this;
    }

    @Override
    public void run() {
      GroupSeat.this.run();
    }
  }

  private final TwinPort port;
  private final Turn turn = new Turn();

  GroupSeat(TwinPort port) {
    super(port.bell());
    this.port = port;
  }

  /**
   * Looks at the channel: completes what is ready, and arms the rest before any handler runs, which
   * may block. Several threads may do this at a time.
   *
   * @param mayInvokeHere whether the current thread may run handlers
   */
  abstract void look(boolean mayInvokeHere);

  @Override
  public final void post(SanTarget target) {
    post();
  }

  /**
   * Has the channel looked at. An Error leaves the seat in the group's stack or not, and whoever
   * posts next wakes the group in any case.
   */
  final void post() {
    port.post(turn);
  }

  /**
   * From here on the next post queues the channel again, so an event behind the look is not lost.
   * Where something is thrown, another thread looks again: this look may not have come to its end.
   */
  private void run() {
    turn.leave();
    VarHandle.fullFence();
    boolean looked = false;
    try {
      look(SanCompletion.mayInvokeHere());
      looked = true;
    } finally {
      if (!looked) {
        post();
      }
    }
  }
}
