package io.twinport.ucx.pipe;

import io.twinport.spi.SanEvent;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What drives pipes: the one lock under which all of them, their readers and the chunks are, and
 * whoever holds it.
 */
public interface PipeDriver {
  /** Takes the lock if nobody has it. Not reentrant. */
  boolean tryLock();

  /** Takes the lock, waiting for it; it is held for short moments only. Not reentrant. */
  void lock();

  /**
   * Moves on what can be moved on, runs what was submitted, gives the lock back, and then makes the
   * posts that were collected.
   */
  void unlock();

  /**
   * Has {@code task} run with the lock held, soon, by the thread that holds the lock or by the
   * driver's own. Any thread, with the lock or without. Allocates nothing.
   */
  void submit(Task task);

  /** Collects a post, which is made once the lock is given back. Lock held; null is nobody. */
  void post(Seat seat, SanTarget target);

  /** Collects the signal of a listener's event, as a post. Lock held. */
  void signal(SanEvent event);

  /** Runs {@code task} with the lock held, after {@code nanos}. Lock held. */
  Timer schedule(long nanos, Runnable task);

  /** Lock held. */
  Chunks chunks();

  /** What {@link #schedule} has planned. */
  interface Timer {
    /** Lock held. Idempotent; nothing happens if it has run. */
    void cancel();
  }

  /** Something to do with the lock held; it stands in the driver's queue at most once. */
  abstract class Task {
    /** For the driver: whether it stands in the queue. */
    public final AtomicBoolean queued = new AtomicBoolean();

    /** For the driver: the next in the queue. */
    public volatile Task next;

    /** Submitting again from here on leads to another run. */
    public abstract void run();
  }
}
