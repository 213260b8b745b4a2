package io.twinport.nio;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;

/**
 * The base of {@link TwinSocketChannel}: its locks, its state, how its threads wait on the SAN, and
 * how they are woken when it closes.
 */
abstract class WaitingChannel extends SocketChannel implements SanChannel {
  static final int UNCONNECTED = 0;
  static final int PENDING = 1;
  static final int CONNECTED = 2;
  static final int CLOSING = 3;

  final Switch owner;

  /** Held by the thread that reads from the SAN, or connects. */
  final ChannelLock readLock = new ChannelLock();

  /** Held by the thread that writes to the SAN, or connects. */
  final ChannelLock writeLock = new ChannelLock();

  /**
   * Held by any thread that changes what follows. No blocking operation under it. May be held when
   * {@code isRegistered} is asked; so nothing a registration calls may take it.
   */
  final Object stateLock = new Object();

  /** Whether the reader's interrupt closes the channel by now. Its alone, under its lock. */
  private boolean readerBegun;

  private boolean writerBegun;

  // -- Protected by stateLock; volatile fields are read without it.

  /** Grows only. */
  volatile int state;

  /** The connection on the SAN, pending or up. */
  volatile SanConnection san;

  /** The JDK's channel, once it is certain that TCP is the path. */
  volatile TcpChannel tcpPath;

  volatile boolean inputClosed;
  volatile boolean outputClosed;
  private boolean sanClosed;

  /**
   * Whether a blocking operation on the SAN is under way, and where its thread sleeps if it does.
   */
  private boolean reading;

  private boolean writing;
  private ThreadSeat readerSeat;
  private ThreadSeat writerSeat;

  /** Whether an interrupt of a thread that is blocked here closes the channel. */
  private final boolean interruptible;

  /**
   * @param interruptible whether it is a channel to its users: interrupting a thread that is
   *     blocked in a channel closes it, and in a socket does nothing
   */
  WaitingChannel(TwinSelectorProvider provider, boolean interruptible) {
    super(provider);
    this.owner = provider.owner();
    this.interruptible = interruptible;
  }

  final void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  final SanConnection ensureOpenAndConnected() throws ClosedChannelException {
    int now = state;
    if (now < CONNECTED) {
      throw new NotYetConnectedException();
    } else if (now > CONNECTED) {
      throw new ClosedChannelException();
    }
    return san;
  }

  /** Follows the TCP channel when an interrupt has closed it. */
  final void followTcp(TcpChannel tcp) throws IOException {
    if (!tcp.isOpen()) {
      close();
    }
  }

  // -- Begin and end of what may block on the SAN. That an interrupt closes the channel costs two
  // locks of the thread's, so it is arranged for by those only who are interrupted already, or who
  // go to sleep. An interrupt that comes before has come behind what does not sleep.

  final void beginRead(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      if (interruptible && Thread.currentThread().isInterrupted()) {
        closeIfInterruptedAsReader();
      }
      synchronized (stateLock) {
        ensureOpen();
        reading = true;
      }
    }
  }

  final void endRead(boolean blocking, boolean completed) throws AsynchronousCloseException {
    if (blocking) {
      synchronized (stateLock) {
        reading = false;
        tryCloseSan();
      }
      boolean begun = readerBegun;
      readerBegun = false;
      endBlocking(begun, completed);
    }
  }

  final void beginWrite(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      if (interruptible && Thread.currentThread().isInterrupted()) {
        closeIfInterruptedAsWriter();
      }
      synchronized (stateLock) {
        ensureOpen();
        writing = true;
      }
    }
  }

  final void endWrite(boolean blocking, boolean completed) throws AsynchronousCloseException {
    if (blocking) {
      synchronized (stateLock) {
        writing = false;
        tryCloseSan();
      }
      boolean begun = writerBegun;
      writerBegun = false;
      endBlocking(begun, completed);
    }
  }

  /** From here until the read has ended an interrupt closes the channel, as does one of before. */
  private void closeIfInterruptedAsReader() {
    if (interruptible && !readerBegun) {
      readerBegun = true;
      begin();
    }
  }

  /** As {@link #closeIfInterruptedAsReader}, for the writer. */
  private void closeIfInterruptedAsWriter() {
    if (interruptible && !writerBegun) {
      writerBegun = true;
      begin();
    }
  }

  private void endBlocking(boolean begun, boolean completed) throws AsynchronousCloseException {
    if (begun) {
      end(completed);
    } else if (!completed && !isOpen()) {
      throw new AsynchronousCloseException();
    }
  }

  /** A virtual thread that is interrupted in a socket leaves it, as it does the JDK's sockets. */
  private void checkInterrupt() throws InterruptedIOException {
    if (!interruptible && VirtualThreads.isCurrent() && Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException();
    }
  }

  /**
   * Waits until the reader, or connector, has something to do. The seat is published under the lock
   * under which whoever closes changes the state, and the state is looked at behind that: either
   * the closer finds the seat, or this thread finds the new state. A seat remembers that it was
   * posted to.
   */
  final void awaitAsReader(SanConnection connection, int interest, long nanos) throws IOException {
    WaitPolicy.Past past = WaitPolicy.Past.ofCurrentThread();
    long left = spin(connection, interest, nanos, past);
    if (left == 0) {
      return;
    }
    closeIfInterruptedAsReader();
    owner.registry().closeRest(); // It may be what this thread waits for.
    ThreadSeat seat = ThreadSeat.take();
    byte from;
    try {
      synchronized (stateLock) {
        if (!isOpen() || inputClosed) {
          return;
        }
        readerSeat = seat;
      }
      from = seat.await(connection, interest, owner.providers(), left);
    } finally {
      synchronized (stateLock) {
        readerSeat = null;
      }
      seat.give();
    }
    checkInterrupt();
    owner.waitPolicy().slept(past, from);
    past.event(System.nanoTime());
  }

  /** As {@link #awaitAsReader}, for the writer. */
  final void awaitAsWriter(SanConnection connection, long nanos) throws IOException {
    WaitPolicy.Past past = WaitPolicy.Past.ofCurrentThread();
    long left = spin(connection, NetworkEvent.WRITE, nanos, past);
    if (left == 0) {
      return;
    }
    closeIfInterruptedAsWriter();
    ThreadSeat seat = ThreadSeat.take();
    byte from;
    try {
      synchronized (stateLock) {
        if (!isOpen() || outputClosed) {
          return;
        }
        writerSeat = seat;
      }
      from = seat.await(connection, NetworkEvent.WRITE, owner.providers(), left);
    } finally {
      synchronized (stateLock) {
        writerSeat = null;
      }
      seat.give();
    }
    checkInterrupt();
    owner.waitPolicy().slept(past, from);
    past.event(System.nanoTime());
  }

  /**
   * Called by a writer in blocking mode behind each part: waits until there is room if there was
   * none. Whoever finds room again and again never waits, and hears of an interrupt here.
   */
  final void goOnWriting(SanConnection connection, boolean foundRoom) throws IOException {
    if (!foundRoom) {
      awaitAsWriter(connection, Long.MAX_VALUE);
    } else if (interruptible && Thread.currentThread().isInterrupted()) {
      closeIfInterruptedAsWriter();
    }
  }

  /** Called under the state lock, behind a change of the state that the reader has to see. */
  final void wakeReader() {
    if (readerSeat != null) {
      readerSeat.post(null);
    }
  }

  /** As {@link #wakeReader}, for the writer. */
  final void wakeWriter() {
    if (writerSeat != null) {
      writerSeat.post(null);
    }
  }

  /** Spins, or yields, as the policy allows; returns how much time is left to sleep for. */
  private long spin(SanConnection connection, int interest, long nanos, WaitPolicy.Past past) {
    WaitPolicy policy = owner.waitPolicy();
    if (!policy.spins()) {
      return nanos;
    }
    long start = System.nanoTime();
    long budget = policy.begin(past, start);
    long now = start;
    boolean hit = false;
    if (budget == 0) {
      if (policy.tryYield(past, nanos, start)) {
        hit = !mustSleep(interest) && connection.readyEvents(interest) != 0;
        now = System.nanoTime();
        policy.yielded(past, hit, start, now);
      }
      return hit ? 0 : WaitPolicy.left(nanos, now - start);
    }
    long end = start + Math.min(budget, nanos);
    try {
      for (int looks = 1; now - end < 0; looks++) {
        if (mustSleep(interest)) {
          break;
        }
        if (connection.readyEvents(interest) != 0) {
          hit = true;
          return 0;
        }
        if (looks % WaitPolicy.LOOKS_BETWEEN_CLOCKS == 0) {
          VirtualThreads.yieldIfCurrent();
          now = System.nanoTime();
        }
        Thread.onSpinWait();
      }
      return WaitPolicy.left(nanos, now - start);
    } finally {
      policy.ended(past, hit, System.nanoTime());
    }
  }

  /**
   * Whether a sleep has to follow, which looks at the state under the lock, and at the interrupt.
   * To be asked first: whoever finds room again and again, as fast as it writes, may write for
   * long.
   */
  private boolean mustSleep(int interest) {
    return !isOpen()
        || (interest == NetworkEvent.WRITE ? outputClosed : inputClosed)
        || (interruptible && Thread.currentThread().isInterrupted());
  }

  // -- Close

  /** Whether closing has to reset the peer. */
  abstract boolean closeResets();

  /**
   * Ends the SAN's side: at once if no blocking operation is under way, else when that has left.
   */
  final void closeSan(boolean blocking) {
    synchronized (stateLock) {
      state = CLOSING;
      if (blocking) {
        tryCloseSan();
        wakeReader();
        wakeWriter();
        return;
      }
    }
    // As the JDK: no read and no write is under way when a non-blocking close returns.
    readLock.lock();
    readLock.unlock();
    writeLock.lock();
    writeLock.unlock();
    nobodyIsIn();
  }

  /**
   * Called where nobody is in a blocking operation, nor comes into one: takes the marks back of
   * whom an Error has stopped on his way out, and closes what is to be closed.
   */
  final void nobodyIsIn() {
    synchronized (stateLock) {
      reading = false;
      writing = false;
      tryCloseSan();
    }
  }

  private void tryCloseSan() {
    SanConnection connection = san;
    if (state != CLOSING || isReading() || isWriting() || sanClosed || connection == null) {
      return;
    }
    if (!closeWithdraws(connection)) {
      if (closeResets()) {
        connection.abort();
      } else if (interruptible) {
        connection.close();
      } else {
        connection.closeBehindOutput(); // As the JDK's sockets.
      }
    }
    sanClosed = true; // Behind it: what an Error ends is done again.
  }

  /**
   * Whether somebody reads or connects, and so comes by when he leaves. Who was stopped by an Error
   * on his way out has left a mark, but not the lock.
   */
  private boolean isReading() {
    return reading && readLock.isHeld();
  }

  /** As {@link #isReading}, of writing. */
  private boolean isWriting() {
    return writing && writeLock.isHeld();
  }

  /** Gives a connect up that is still pending; returns false if the connection is up. */
  abstract boolean closeWithdraws(SanConnection connection);
}
