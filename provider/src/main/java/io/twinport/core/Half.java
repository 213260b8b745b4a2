package io.twinport.core;

import io.twinport.capture.Tap;
import io.twinport.registry.Flow;
import io.twinport.registry.Waiter;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.SanConnection;
import io.twinport.waiting.Past;
import io.twinport.waiting.ThreadSeat;
import io.twinport.waiting.VirtualThreads;
import io.twinport.waiting.WaitPolicy;
import io.twinport.waiting.WaitPolicy.Spun;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;

/**
 * One direction of a {@link SwitchSocket}: the lock of those who read or connect, or of those who
 * write, and how its owner waits on the SAN. One object, as every idle connection has two of them.
 *
 * <p>That an interrupt closes the channel costs two locks of the thread's, so it is arranged for by
 * those only who are interrupted already, or who go to sleep. An interrupt that comes before has
 * come behind what does not sleep.
 */
abstract class Half extends ChannelLock implements WaitPolicy.Spinner {
  private static final long serialVersionUID = 1;

  /**
   * What all bytes on the SAN pass through while somebody captures them; else null. Not volatile: a
   * thread that sees it late has carried something before the capture has begun.
   */
  static Tap tap;

  final transient SwitchSocket socket;

  // -- The owner's

  /** Whether its interrupt closes the channel by now. */
  private boolean begun;

  /** What it waits for. */
  private transient SanConnection connection;

  /** In a byte, as there are two of these objects for each idle connection. */
  private byte interest;

  // For people, who read it without the lock.

  /** Calls that have moved bytes. */
  long operations;

  /** Waits by how they went, modulo 2^32. */
  private int slept;

  private int woken;
  private int spun;

  // -- Protected by the channel's stateLock; volatile fields are read without it.

  /** Whether this direction is shut down. */
  volatile boolean shut;

  /**
   * Whether a blocking operation on the SAN is under way, and where its thread sleeps if it does.
   */
  private boolean entered;

  private transient ThreadSeat seat;

  Half(SwitchSocket socket) {
    this.socket = socket;
  }

  /** Behind the registry's list: a capture that begins finds it there, or is told here. */
  static void opened(SanConnection connection, boolean accepted) {
    Tap tapped = tap;
    if (tapped != null) {
      tapped.opened(connection, accepted);
    }
  }

  /** In front of the close: behind it there may be another connection of the same addresses. */
  static void closing(SanConnection connection, boolean reset, boolean behindOutput) {
    Tap tapped = tap;
    if (tapped != null) {
      tapped.closing(connection, reset, behindOutput);
    }
  }

  /** Whether there is nothing to do in this direction any more. */
  final boolean isOver() {
    return shut || !socket.isOpen();
  }

  /** Shuts the connection on the SAN down in this direction, under the state lock. */
  abstract void shutDown(SanConnection connected);

  /** Shuts this direction of a connection on the SAN down. */
  final void shutDownOnSan() throws IOException {
    synchronized (socket.stateLock) {
      socket.ensureOpen();
      if (!socket.isConnected()) {
        throw new NotYetConnectedException();
      }
      if (!shut) {
        shutDown(socket.san);
        shut = true;
        wake();
      }
    }
    socket.face.changed(); // The end of the stream is readable now; there is no credit to wait for.
  }

  // -- Begin and end of what may block on the SAN

  final void begin(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      if (isInterrupted()) {
        closeWhenInterrupted();
      }
      synchronized (socket.stateLock) {
        socket.ensureOpen();
        entered = true;
      }
    }
  }

  final void end(boolean blocking, boolean completed) throws AsynchronousCloseException {
    if (blocking) {
      synchronized (socket.stateLock) {
        entered = false;
        socket.tryCloseSan();
      }
      if (begun) {
        begun = false;
        socket.face.endInterruptible(completed);
      } else if (!completed && !socket.isOpen()) {
        throw new AsynchronousCloseException();
      }
    }
  }

  /** From here to the end an interrupt closes the channel, as does one of before. */
  private void closeWhenInterrupted() {
    if (socket.face.isInterruptible() && !begun) {
      begun = true;
      socket.face.beginInterruptible();
    }
  }

  final boolean isInterrupted() {
    return socket.face.isInterruptible() && Thread.currentThread().isInterrupted();
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
  final void await(SanConnection aConnection, int anInterest, long nanos) throws IOException {
    WaitPolicy policy = socket.owner.waitPolicy();
    Past past = Past.ofCurrentThread();
    connection = aConnection;
    interest = (byte) anInterest;
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    if (policy.spin(this, past, nanos) != Spun.IN_VAIN) {
      spun++;
      return;
    }
    long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    if (left <= 0) {
      return;
    }
    closeWhenInterrupted();
    socket.owner.registry().closeRest(); // It may be what this thread waits for.
    ThreadSeat taken = ThreadSeat.take();
    byte from;
    try {
      synchronized (socket.stateLock) {
        if (isOver()) {
          return;
        }
        seat = taken;
      }
      slept++;
      from = taken.await(aConnection, anInterest, socket.owner.providers(), left);
    } finally {
      synchronized (socket.stateLock) {
        seat = null;
      }
      taken.give();
    }
    if (aConnection.readyEvents(anInterest) != 0) {
      woken++;
    }
    leaveIfInterrupted();
    past.slept(from);
    past.event(System.nanoTime());
  }

  /** A virtual thread that is interrupted in a socket leaves it, as it does the JDK's sockets. */
  private void leaveIfInterrupted() throws InterruptedIOException {
    if (!socket.face.isInterruptible()
        && VirtualThreads.isCurrent()
        && Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException();
    }
  }

  /**
   * Called behind each part of what is written in blocking mode: waits until there is room if there
   * was none. Whoever finds room again and again never waits, and hears of an interrupt here.
   */
  final void goOn(SanConnection aConnection, int anInterest, boolean foundRoom) throws IOException {
    if (!foundRoom) {
      await(aConnection, anInterest, Long.MAX_VALUE);
    } else if (isInterrupted()) {
      closeWhenInterrupted();
    }
  }

  /** Called under the state lock, behind a change of the state that the owner has to see. */
  final void wake() {
    if (seat != null) {
      seat.post(null);
    }
  }

  @Override
  public final boolean somethingToLookAt() {
    return connection.readyEvents(interest) != 0;
  }

  /** The sleep looks at the state under the lock, and at the interrupt. */
  @Override
  public final boolean mustSleep() {
    return isOver() || isInterrupted();
  }

  static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  // -- For people

  /**
   * How this direction stands.
   *
   * @param stream what its provider says of it, or null
   * @param event what whoever waits for it asks a selector for
   */
  final Flow flow(ConnectionNumbers.Stream stream, int event) {
    boolean known = stream != null;
    return new Flow(
        known ? stream.bytes() : 0,
        operations,
        known ? stream.queued() : 0,
        known ? stream.window() : 0,
        known ? stream.quietNanos() : ConnectionNumbers.UNKNOWN,
        waiter(event),
        Integer.toUnsignedLong(slept),
        Integer.toUnsignedLong(woken),
        Integer.toUnsignedLong(spun));
  }

  private Waiter waiter(int event) {
    Thread holder = holder();
    if (holder != null && entered) {
      return Waiter.thread(holder, seat != null);
    }
    return socket.face.waiter(event);
  }

  // -- For whoever closes, under the state lock

  /**
   * Whether somebody is in, and so comes by when he leaves. Who was stopped by an Error on his way
   * out has left a mark, but not the lock.
   */
  final boolean isEntered() {
    return entered && isHeld();
  }

  /** Takes the mark back of whom an Error has stopped; nobody is in. */
  final void clear() {
    entered = false;
  }
}
