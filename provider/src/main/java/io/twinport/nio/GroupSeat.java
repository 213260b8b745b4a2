package io.twinport.nio;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sun.nio.ch.SanCompletion;

/**
 * The seat of one asynchronous channel. Whoever posts to it has a thread of the channel's group
 * look at the channel. All seats of a group have the group's bell.
 */
abstract class GroupSeat extends Seat implements Runnable {
  private static final VarHandle QUEUED;

  static {
    try {
      QUEUED = MethodHandles.lookup().findVarHandle(GroupSeat.class, "queued", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final TwinPort port;

  @SuppressWarnings("unused") // Through QUEUED.
  private volatile boolean queued;

  /** The next of the group's stack; belongs to whoever has set {@link #queued}. */
  GroupSeat next;

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
   * Has the channel looked at. If it waits for its look already, that look comes behind what the
   * caller has to tell: the fence is before the load of {@link #queued}, and {@link #run} has one
   * behind the store. An Error leaves the seat in the queue or not, and whoever posts next wakes
   * the group in any case.
   */
  final void post() {
    VarHandle.fullFence();
    if (!queued && QUEUED.compareAndSet(this, false, true)) {
      boolean pushed = false;
      try {
        port.push(this);
        pushed = true;
      } finally {
        if (!pushed) {
          queued = false;
        }
      }
    }
    port.wake();
  }

  /**
   * From here on the next post queues the channel again, so an event behind the look is not lost.
   * Where something is thrown, another thread looks again: this look may not have come to its end.
   */
  @Override
  public final void run() {
    next = null;
    queued = false;
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
