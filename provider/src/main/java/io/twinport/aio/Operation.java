package io.twinport.aio;

import java.nio.channels.AsynchronousChannel;
import java.nio.channels.AsynchronousCloseException;
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
        port.complete(toComplete, value, failure);
      } else {
        port.tell(channel, toTell, itsAttachment, value, failure, here);
      }
    }
    return toComplete;
  }

  /**
   * Ends the operation if it waits, because its channel is closed; on any thread. May be called
   * again, and goes on with what an Error has ended: nothing is changed before the exception is
   * there, and what is to be told stays until it is.
   */
  final void close() {
    synchronized (lock) {
      if (pending) {
        untold = new AsynchronousCloseException();
        pending = false;
      }
    }
    passOn();
  }

  /**
   * Ends the operation without a try, if it waits; the caller holds the lock, and {@linkplain
   * #passOn passes that on} without it.
   */
  final boolean fail(Throwable failure) {
    boolean waited = pending;
    if (waited) {
      untold = failure;
      pending = false;
    }
    return waited;
  }

  /**
   * Tells of an end that nobody was told of. The current thread may be the one to free memory:
   * where there is none to pass it on, a thread of the group does it.
   */
  final void passOn() {
    Throwable failure = takeUntold();
    if (failure == null) {
      return;
    }
    try {
      if (handler == null) {
        SanCompletion.complete(future, null, failure);
      } else {
        SanCompletion.invokeLater(channel, handler, attachment, null, failure);
      }
    } catch (OutOfMemoryError | StackOverflowError e) {
      untold = failure; // Before the look, which tells.
      seat.post();
      return;
    } catch (RuntimeException | Error e) {
      untold = failure; // For whoever goes on with the close.
      throw e;
    }
    tells(null, null, null);
    ended();
  }

  private Throwable takeUntold() {
    if (untold == null) {
      return null;
    }
    synchronized (lock) {
      Throwable failure = untold;
      untold = null;
      return failure;
    }
  }

  /** Tells what {@link #passOn} could not; on a thread of the group. */
  final void tellWhatIsLeft(boolean here) {
    Throwable failure = takeUntold();
    if (failure != null) {
      var unused = tell(null, failure, here);
    }
  }
}
