package io.twinport.aio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.SanCompletion;

/**
 * One direction of an asynchronous socket channel: at most one operation at a time. It is tried
 * when it begins, if its handler could run then, and again whenever the channel may be ready.
 */
abstract class Transfer extends Operation<Number> {
  private static final long NOT_NOW = Long.MIN_VALUE;

  private final TwinAsynchronousSocketChannel channel;
  private final String what;

  // -- Protected by the channel's lock

  /** Whether an operation has begun and has not had its outcome. */
  private boolean busy;

  /** Whether this end of the stream is shut down. */
  private boolean shut;

  /** Whether nothing may begin any more, because an operation has timed out or was cancelled. */
  private boolean killed;

  /** Whether the operation's time ran out while it was tried. */
  private boolean expired;

  /** Counts operations, so that a late timer finds out that it is not meant. */
  private long number;

  // -- The operation's; written before it is pending, read by who has cleared that
  private ByteBuffer buffer;
  private ByteBuffer[] buffers;
  private Runnable held;
  private Future<?> timer;

  /**
   * @param what {@code "Reading"} or {@code "Writing"}
   */
  Transfer(TwinAsynchronousSocketChannel channel, String what) {
    super(channel, channel.port, channel.seat, channel.lock);
    this.channel = channel;
    this.what = what;
  }

  /** What a second operation leads to. */
  abstract IllegalStateException alreadyPending();

  /** What an operation behind a shutdown returns, or throws. */
  abstract int resultWhenShut() throws IOException;

  /** Whether an operation may be tried although its handler has to run elsewhere. */
  abstract boolean triesAtOnce();

  /** Moves bytes; returns how many, 0 if none can be moved now, or -1 at end of stream. */
  abstract long transfer(ByteBuffer one) throws IOException;

  /** As {@link #transfer(ByteBuffer)}, for several buffers. */
  abstract long transfer(ByteBuffer[] several) throws IOException;

  /** The exception that the JDK's channel would report. */
  abstract Throwable translate(Throwable failure, boolean isShut);

  // -- Begin

  /**
   * Begins an operation on {@code one} or on {@code several} buffers.
   *
   * @param newHandler null for a future
   * @return the future, or null
   */
  @SuppressWarnings("unchecked") // A handler of Integers gets Integers, one of Longs gets Longs.
  final <V extends Number, A> Future<V> begin(
      ByteBuffer one,
      ByteBuffer[] several,
      long timeout,
      TimeUnit unit,
      A newAttachment,
      CompletionHandler<V, ? super A> newHandler) {
    CompletionHandler<Number, Object> aHandler = (CompletionHandler<Number, Object>) newHandler;
    return (Future<V>) begun(one, several, timeout, unit, newAttachment, aHandler);
  }

  private Future<Number> begun(
      ByteBuffer one,
      ByteBuffer[] several,
      long timeout,
      TimeUnit unit,
      Object newAttachment,
      CompletionHandler<Number, Object> newHandler) {
    if (!channel.isOpen()) {
      return tellAtOnce(newHandler, newAttachment, null, new ClosedChannelException());
    }
    channel.ensureConnected();
    boolean empty = several == null && !one.hasRemaining();
    boolean wasShut;
    synchronized (lock) {
      if (killed) {
        throw new IllegalStateException(what + " not allowed due to timeout or cancellation");
      }
      if (busy) {
        throw alreadyPending();
      }
      wasShut = shut;
      busy = !shut && !empty;
      number++;
    }
    if (wasShut || empty) {
      return trivialOutcome(newHandler, newAttachment, several != null, wasShut);
    }
    boolean direct = newHandler != null && port.mayInvokeDirect();
    boolean attempt = triesAtOnce() && (newHandler == null || direct || !port.isFixed());
    long n = NOT_NOW;
    Throwable failure = null;
    boolean parked = false;
    Future<Number> pendingFuture = null;
    try {
      if (attempt) {
        n = move(one, several);
      }
      if (n == NOT_NOW) {
        pendingFuture = newHandler == null ? SanCompletion.pending(channel, this) : null;
        park(one, several, timeout, unit, newAttachment, newHandler, pendingFuture);
        parked = true;
        channel.watch();
        return pendingFuture;
      }
    } catch (Throwable e) {
      if (parked) {
        if (!claim()) {
          return pendingFuture; // Whoever has it tells of it.
        }
        tells(null, null, null);
        letGo();
      }
      failure = translated(e);
    }
    release();
    Number result = failure == null ? boxed(n, several != null) : null;
    if (newHandler == null) {
      return SanCompletion.completed(result, failure);
    }
    if (direct) {
      SanCompletion.invokeDirect(newHandler, newAttachment, result, failure);
    } else {
      SanCompletion.invokeLater(channel, newHandler, newAttachment, result, failure);
    }
    return null;
  }

  private Future<Number> trivialOutcome(
      CompletionHandler<Number, Object> newHandler,
      Object newAttachment,
      boolean several,
      boolean wasShut) {
    try {
      int n = wasShut ? resultWhenShut() : 0;
      return tellAtOnce(newHandler, newAttachment, boxed(n, several), null);
    } catch (IOException e) {
      return tellAtOnce(newHandler, newAttachment, null, e);
    }
  }

  /**
   * Has the operation wait. What closes the channel looks for operations that wait behind its
   * change of the state, and this looks at the state under the same lock.
   */
  private void park(
      ByteBuffer one,
      ByteBuffer[] several,
      long timeout,
      TimeUnit unit,
      Object newAttachment,
      CompletionHandler<Number, Object> newHandler,
      Future<Number> newFuture)
      throws IOException {
    Runnable memory = SanCompletion.hold(one, several);
    synchronized (lock) {
      if (channel.isOpen()) {
        buffer = one;
        buffers = several;
        held = memory;
        tells(newHandler, newAttachment, newFuture);
        expired = false;
        long mine = number;
        timer = timeout > 0 ? port.runLater(() -> expire(mine), timeout, unit) : null;
        park();
        return;
      }
    }
    letGo(memory);
    throw new AsynchronousCloseException();
  }

  private static void letGo(Runnable memory) {
    if (memory != null) {
      memory.run();
    }
  }

  /** Returns {@link #NOT_NOW} if the channel is not ready and there is something to move. */
  private long move(ByteBuffer one, ByteBuffer[] several) throws IOException {
    if (several == null) {
      long n = transfer(one);
      return n == 0 && one.hasRemaining() ? NOT_NOW : n;
    }
    if (!hasRemaining(several)) {
      return 0; // Whatever has become of the stream, as the JDK.
    }
    long n = transfer(several);
    return n == 0 && hasRemaining(several) ? NOT_NOW : n;
  }

  private static boolean hasRemaining(ByteBuffer[] several) {
    for (ByteBuffer next : several) {
      if (next.hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private static Number boxed(long n, boolean several) {
    if (several) {
      return n;
    }
    return (int) n;
  }

  private Throwable translated(Throwable failure) {
    boolean isShut;
    synchronized (lock) {
      isShut = shut && channel.isOpen();
    }
    try {
      return translate(failure, isShut);
    } catch (OutOfMemoryError e) {
      return e;
    }
  }

  private void release() {
    synchronized (lock) {
      busy = false;
    }
  }

  // -- End

  /**
   * Tries the claimed operation; if the channel is not ready after all, it goes on waiting. On a
   * thread of the group.
   */
  final void finish(boolean direct) {
    long n = 0;
    Throwable failure = null;
    boolean parked = false;
    try {
      n = move(buffer, buffers);
      if (n == NOT_NOW) {
        parked = waitsAgain();
        if (parked) {
          channel.watch();
          return;
        }
        failure =
            channel.isOpen()
                ? new InterruptedByTimeoutException()
                : new AsynchronousCloseException();
      }
    } catch (Throwable e) {
      if (parked && !claim()) {
        return; // Whoever has it tells of it.
      }
      failure = translated(e);
    }
    var unused = tell(failure == null ? boxedInTheEnd(n, buffers != null) : null, failure, direct);
  }

  private boolean waitsAgain() {
    synchronized (lock) {
      if (expired) {
        killed = true;
      } else if (channel.isOpen()) {
        park();
        return true;
      }
      return false;
    }
  }

  /** As {@link #boxed}; waits until there is the memory. The bytes are moved already. */
  private static Number boxedInTheEnd(long n, boolean several) {
    while (true) {
      try {
        return boxed(n, several);
      } catch (OutOfMemoryError e) {
        TwinPort.awaitMemory();
      }
    }
  }

  @Override
  void ended() {
    letGo();
    release();
    channel.watch(); // The other direction may wait, and the handler may take its time.
  }

  /** Lets go of everything that the operation has kept. */
  private void letGo() {
    Future<?> itsTimer = timer;
    letGo(held);
    buffer = null;
    buffers = null;
    held = null;
    timer = null;
    if (itsTimer != null) {
      itsTimer.cancel(false);
    }
  }

  private void expire(long operation) {
    InterruptedByTimeoutException failure = timeout();
    synchronized (lock) {
      if (number != operation || !busy) {
        return;
      }
      if (!fail(failure)) {
        expired = true; // It is tried right now; if that moves nothing, its time is over.
        return;
      }
      killed = true;
    }
    passOn();
  }

  /** The timer calls once only, so that this waits until there is the memory. */
  private static InterruptedByTimeoutException timeout() {
    while (true) {
      try {
        return new InterruptedByTimeoutException();
      } catch (OutOfMemoryError e) {
        TwinPort.awaitMemory();
      }
    }
  }

  /** Lets no operation begin any more. */
  final void kill() {
    synchronized (lock) {
      killed = true;
    }
  }

  /** Lets operations that begin from now on find this end of the stream shut down. */
  final void shut() {
    synchronized (lock) {
      shut = true;
    }
  }

  /** Whether this end of the stream is shut down; the caller holds the channel's lock. */
  final boolean isShut() {
    return shut;
  }
}
