package io.twinport.aio;

import java.nio.channels.AsynchronousChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.Future;
import sun.nio.ch.SanCompletion;

/**
 * An asynchronous operation of a channel, one at a time: whether it waits, whom it has to tell, and
 * that it does. It waits under the channel's lock; whoever {@linkplain #claim takes} it from there
 * tells of its outcome.
 *
 * @param <V> what it yields
 */
abstract class Operation<V> {
  final TwinPort port;

  /** The channel's lock. Nothing is moved, run or completed under it. */
  final Object lock;

  private final AsynchronousChannel channel;

  /** Whose look tells what could not be told. */
  private final GroupSeat seat;

  // -- Protected by the channel's lock

  /** Whether it waits for the channel to be ready; whoever clears this completes it. */
  private boolean pending;

  /** How it has failed, while its handler is still to be told. */
  private volatile Throwable untold;

  // -- The operation's; written before it is pending, read by who has cleared that
  private CompletionHandler<V, Object> handler;
  private Object attachment;
  private Future<V> future;

  Operation(AsynchronousChannel channel, TwinPort port, GroupSeat seat, Object lock) {
    this.channel = channel;
    this.port = port;
    this.seat = seat;
    this.lock = lock;
  }

  /** It has its outcome: the next may begin, before this one's is told. */
  abstract void ended();

  /** Says whom to tell; {@code newFuture} where {@code newHandler} is null. */
  final void tells(
      CompletionHandler<V, Object> newHandler, Object newAttachment, Future<V> newFuture) {
    handler = newHandler;
    attachment = newAttachment;
    future = newFuture;
  }

  /** Has it wait. The caller holds the lock, and has seen under it that the channel is open. */
  final void park() {
    pending = true;
  }

  /** Whether it waits. The caller holds the lock. */
  final boolean isPending() {
    return pending;
  }

  /** Takes the operation, if it waits: the caller then has to see to its outcome. */
  final boolean claim() {
    synchronized (lock) {
      boolean claimed = pending;
      pending = false;
      return claimed;
    }
  }

  /** Tells of an outcome that was clear before it could wait; returns the future, if one is due. */
  final Future<V> tellAtOnce(
      CompletionHandler<V, Object> toTell, Object itsAttachment, V value, Throwable failure) {
    if (toTell == null) {
      return SanCompletion.completed(value, failure);
    }
    SanCompletion.invoke(channel, toTell, itsAttachment, value, failure);
    return null;
  }

  /**
   * Tells of the outcome of the claimed operation; on a thread of the group, which waits for the
   * memory to do so.
   *
   * @param here whether a handler may run on the current thread
   * @return the future that was completed, or null
   */
  final Future<V> tell(V value, Throwable failure, boolean here) {
    CompletionHandler<V, Object> toTell = handler;
    Object itsAttachment = attachment;
    Future<V> toComplete = future;
    tells(null, null, null);
    try {
      ended();
    } finally {
      if (toTell == null) {
        SanCompletion.complete(toComplete, value, failure);
      } else {
        port.tell(channel, toTell, itsAttachment, value, failure, here);
      }
    }
    return toComplete;
  }

  /**
   * Ends the claimed operation without a try, where none can begin any more; on any thread. That
   * thread may be the one to free memory: where there is none to pass the handler on, a thread of
   * the group does it.
   */
  final void fail(Throwable failure) {
    CompletionHandler<V, Object> toTell = handler;
    Future<V> toComplete = future;
    if (toTell != null) {
      try {
        SanCompletion.invokeLater(channel, toTell, attachment, null, failure);
      } catch (OutOfMemoryError | StackOverflowError e) {
        untold = failure;
        seat.post();
        return;
      }
    }
    tells(null, null, null);
    ended();
    if (toTell == null) {
      SanCompletion.complete(toComplete, null, failure);
    }
  }

  /** Tells what {@link #fail} could not; on a thread of the group. */
  final void tellWhatIsLeft(boolean here) {
    if (untold == null) {
      return;
    }
    Throwable failure;
    synchronized (lock) {
      failure = untold;
      untold = null;
    }
    if (failure != null) {
      var unused = tell(null, failure, here);
    }
  }
}
