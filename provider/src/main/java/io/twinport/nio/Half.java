package io.twinport.nio;

import io.twinport.nio.WaitPolicy.Spun;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;

/**
 * One direction of a {@link WaitingChannel}: the lock of those who read or connect, or of those who
 * write, and how its owner waits on the SAN. An object for both, as every idle connection has two.
 *
 * <p>That an interrupt closes the channel costs two locks of the thread's, so it is arranged for by
 * those only who are interrupted already, or who go to sleep. An interrupt that comes before has
 * come behind what does not sleep.
 */
final class Half extends ChannelLock implements WaitPolicy.Spinner {
  private static final long serialVersionUID = 1;

  private final transient WaitingChannel channel;

  // -- The owner's

  /** Whether its interrupt closes the channel by now. */
  private boolean begun;

  /** What it waits for. */
  private transient SanConnection connection;

  private int interest;

  // -- Protected by the channel's stateLock; volatile fields are read without it.

  /** Whether this direction is shut down. */
  volatile boolean shut;

  /**
   * Whether a blocking operation on the SAN is under way, and where its thread sleeps if it does.
   */
  private boolean entered;

  private transient ThreadSeat seat;

  Half(WaitingChannel channel) {
    this.channel = channel;
  }

  // -- Begin and end of what may block on the SAN

  void begin(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      if (isInterrupted()) {
        closeWhenInterrupted();
      }
      synchronized (channel.stateLock) {
        channel.ensureOpen();
        entered = true;
      }
    }
  }

  void end(boolean blocking, boolean completed) throws AsynchronousCloseException {
    if (blocking) {
      synchronized (channel.stateLock) {
        entered = false;
        channel.tryCloseSan();
      }
      if (begun) {
        begun = false;
        channel.endInterruptible(completed);
      } else if (!completed && !channel.isOpen()) {
        throw new AsynchronousCloseException();
      }
    }
  }

  /** From here to the end an interrupt closes the channel, as does one of before. */
  private void closeWhenInterrupted() {
    if (channel.interruptible && !begun) {
      begun = true;
      channel.beginInterruptible();
    }
  }

  private boolean isInterrupted() {
    return channel.interruptible && Thread.currentThread().isInterrupted();
  }

  // -- Waiting

  /**
   * Waits until the owner may have something to do, or the time is over. The seat is published
   * under the lock under which whoever closes changes the state, and the state is looked at behind
   * that: either the closer finds the seat, or this thread finds the new state. A seat remembers
   * that it was posted to.
   *
   * @param nanos how long; {@link Long#MAX_VALUE} for ever
   */
  void await(SanConnection aConnection, int anInterest, long nanos) throws IOException {
    WaitPolicy policy = channel.owner.waitPolicy();
    Past past = Past.ofCurrentThread();
    connection = aConnection;
    interest = anInterest;
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    if (policy.spin(this, past, nanos) != Spun.IN_VAIN) {
      return;
    }
    long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    if (left <= 0) {
      return;
    }
    closeWhenInterrupted();
    channel.owner.registry().closeRest(); // It may be what this thread waits for.
    ThreadSeat taken = ThreadSeat.take();
    byte from;
    try {
      synchronized (channel.stateLock) {
        if (!channel.isOpen() || shut) {
          return;
        }
        seat = taken;
      }
      from = taken.await(aConnection, anInterest, channel.owner.providers(), left);
    } finally {
      synchronized (channel.stateLock) {
        seat = null;
      }
      taken.give();
    }
    leaveIfInterrupted();
    past.slept(from);
    past.event(System.nanoTime());
  }

  /** A virtual thread that is interrupted in a socket leaves it, as it does the JDK's sockets. */
  private void leaveIfInterrupted() throws InterruptedIOException {
    if (!channel.interruptible
        && VirtualThreads.isCurrent()
        && Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException();
    }
  }

  /**
   * Called behind each part of what is written in blocking mode: waits until there is room if there
   * was none. Whoever finds room again and again never waits, and hears of an interrupt here.
   */
  void goOn(SanConnection aConnection, int anInterest, boolean foundRoom) throws IOException {
    if (!foundRoom) {
      await(aConnection, anInterest, Long.MAX_VALUE);
    } else if (isInterrupted()) {
      closeWhenInterrupted();
    }
  }

  /** Called under the state lock, behind a change of the state that the owner has to see. */
  void wake() {
    if (seat != null) {
      seat.post(null);
    }
  }

  @Override
  public boolean somethingToLookAt() {
    return connection.readyEvents(interest) != 0;
  }

  /** The sleep looks at the state under the lock, and at the interrupt. */
  @Override
  public boolean mustSleep() {
    return !channel.isOpen() || shut || isInterrupted();
  }

  // -- For whoever closes, under the state lock

  /**
   * Whether somebody is in, and so comes by when he leaves. Who was stopped by an Error on his way
   * out has left a mark, but not the lock.
   */
  boolean isEntered() {
    return entered && isHeld();
  }

  /** Takes the mark back of whom an Error has stopped; nobody is in. */
  void clear() {
    entered = false;
  }
}
