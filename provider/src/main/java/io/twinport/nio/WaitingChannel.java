package io.twinport.nio;

import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;

/** The base of {@link TwinSocketChannel}: its two halves, its state, and how it closes. */
abstract class WaitingChannel extends SocketChannel implements SanChannel {
  static final int UNCONNECTED = 0;
  static final int PENDING = 1;
  static final int CONNECTED = 2;
  static final int CLOSING = 3;

  final Switch owner;

  /** Whose lock is held by the thread that reads from the SAN, or connects. */
  final Half reader = new Half(this);

  /** Whose lock is held by the thread that writes to the SAN, or connects. */
  final Half writer = new Half(this);

  /**
   * Held by any thread that changes what follows. No blocking operation under it. May be held when
   * {@code isRegistered} is asked; so nothing a registration calls may take it.
   */
  final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.

  /** Grows only. */
  volatile int state;

  /** The connection on the SAN, pending or up. */
  volatile SanConnection san;

  /** The JDK's channel, once it is certain that TCP is the path. */
  volatile TcpChannel tcpPath;

  private boolean sanClosed;

  /** Whether an interrupt of a thread that is blocked here closes the channel. */
  final boolean interruptible;

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

  /** From here to {@link #endInterruptible} an interrupt closes the channel. */
  final void beginInterruptible() {
    begin();
  }

  final void endInterruptible(boolean completed) throws AsynchronousCloseException {
    end(completed);
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
        reader.wake();
        writer.wake();
        return;
      }
    }
    // As the JDK: no read and no write is under way when a non-blocking close returns.
    reader.lock();
    reader.unlock();
    writer.lock();
    writer.unlock();
    nobodyIsIn();
  }

  /**
   * Called where nobody is in a blocking operation, nor comes into one: takes the marks back of
   * whom an Error has stopped on his way out, and closes what is to be closed.
   */
  final void nobodyIsIn() {
    synchronized (stateLock) {
      reader.clear();
      writer.clear();
      tryCloseSan();
    }
  }

  /** Under the state lock. */
  final void tryCloseSan() {
    SanConnection connection = san;
    if (state != CLOSING
        || reader.isEntered()
        || writer.isEntered()
        || sanClosed
        || connection == null) {
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

  /** Gives a connect up that is still pending; returns false if the connection is up. */
  abstract boolean closeWithdraws(SanConnection connection);
}
