package io.twinport.nio;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The half of {@link TwinSocketChannel} that moves bytes, waits and closes, with the locks it
 * needs. A channel whose path is TCP passes everything on to the JDK's channel.
 */
abstract class SanStreamChannel extends SocketChannel implements SanChannel {
  static final int UNCONNECTED = 0;
  static final int PENDING = 1;
  static final int CONNECTED = 2;
  static final int CLOSING = 3;

  final Switch owner;

  /** Held by the thread that reads from the SAN, or connects. */
  final ReentrantLock readLock = new ReentrantLock();

  /** Held by the thread that writes to the SAN, or connects. */
  final ReentrantLock writeLock = new ReentrantLock();

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

  SanStreamChannel(TwinSelectorProvider provider) {
    super(provider);
    owner = provider.owner();
  }

  final void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  private SanConnection ensureOpenAndConnected() throws ClosedChannelException {
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

  // -- Begin and end of what may block on the SAN

  final void beginRead(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      begin(); // Closes the channel if the thread is interrupted.
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
      end(completed);
    }
  }

  private void beginWrite(boolean blocking) throws ClosedChannelException {
    if (blocking) {
      begin(); // Closes the channel if the thread is interrupted.
      synchronized (stateLock) {
        ensureOpen();
        if (outputClosed) {
          throw new ClosedChannelException();
        }
        writing = true;
      }
    }
  }

  private void endWrite(boolean blocking, boolean completed) throws AsynchronousCloseException {
    if (blocking) {
      synchronized (stateLock) {
        writing = false;
        tryCloseSan();
      }
      end(completed);
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
    if (spin(connection, interest, nanos, past)) {
      return;
    }
    ThreadSeat seat = ThreadSeat.take();
    try {
      synchronized (stateLock) {
        if (!isOpen() || inputClosed) {
          return;
        }
        readerSeat = seat;
      }
      seat.await(connection, interest, owner.providers().loaded(), nanos);
    } finally {
      synchronized (stateLock) {
        readerSeat = null;
      }
      seat.give();
    }
    past.event(System.nanoTime());
  }

  /** As {@link #awaitAsReader}, for the writer. */
  private void awaitAsWriter(SanConnection connection, long nanos) throws IOException {
    WaitPolicy.Past past = WaitPolicy.Past.ofCurrentThread();
    if (spin(connection, NetworkEvent.WRITE, nanos, past)) {
      return;
    }
    ThreadSeat seat = ThreadSeat.take();
    try {
      synchronized (stateLock) {
        if (!isOpen() || outputClosed) {
          return;
        }
        writerSeat = seat;
      }
      seat.await(connection, NetworkEvent.WRITE, owner.providers().loaded(), nanos);
    } finally {
      synchronized (stateLock) {
        writerSeat = null;
      }
      seat.give();
    }
    past.event(System.nanoTime());
  }

  private boolean spin(SanConnection connection, int interest, long nanos, WaitPolicy.Past past) {
    if (!owner.waitPolicy().spins()) {
      return false;
    }
    long now = System.nanoTime();
    long budget = owner.waitPolicy().begin(past, now);
    if (budget == 0) {
      return false;
    }
    long end = now + Math.min(budget, nanos);
    boolean hit = false;
    for (int i = 1; ; i++) {
      if (connection.readyEvents(interest) != 0) {
        hit = true;
        break;
      }
      if (i % 8 == 0) {
        boolean closed = interest == NetworkEvent.WRITE ? outputClosed : inputClosed;
        if (!isOpen() || closed || System.nanoTime() - end >= 0) {
          break; // The sleep that follows looks at the state under the lock.
        }
      }
      Thread.onSpinWait();
    }
    owner.waitPolicy().ended(past, hit);
    if (hit) {
      past.event(System.nanoTime());
    }
    return hit;
  }

  // -- Read

  @Override
  public final int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.read(dst);
      } finally {
        followTcp(tcp);
      }
    }
    readLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.read(dst);
      }
      checkWritable(dst);
      boolean blocking = isBlocking();
      int n = 0;
      try {
        beginRead(blocking);
        if (inputClosed) {
          return -1;
        }
        n = connection.read(dst);
        while (blocking && n == 0 && dst.hasRemaining() && isOpen() && !inputClosed) {
          awaitAsReader(connection, NetworkEvent.READ, Long.MAX_VALUE);
          n = connection.read(dst);
        }
      } finally {
        endRead(blocking, n > 0);
      }
      return n <= 0 && inputClosed ? -1 : n;
    } finally {
      readLock.unlock();
    }
  }

  @Override
  public final long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.read(dsts, offset, length);
      } finally {
        followTcp(tcp);
      }
    }
    readLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.read(dsts, offset, length);
      }
      for (int i = offset; i < offset + length; i++) {
        checkWritable(dsts[i]);
      }
      boolean blocking = isBlocking();
      long n = 0;
      try {
        beginRead(blocking);
        if (inputClosed) {
          return -1;
        }
        n = scatter(connection, dsts, offset, length);
        while (blocking
            && n == 0
            && isOpen()
            && !inputClosed
            && hasRemaining(dsts, offset, length)) {
          awaitAsReader(connection, NetworkEvent.READ, Long.MAX_VALUE);
          n = scatter(connection, dsts, offset, length);
        }
      } finally {
        endRead(blocking, n > 0);
      }
      return n <= 0 && inputClosed ? -1 : n;
    } finally {
      readLock.unlock();
    }
  }

  private static long scatter(SanConnection connection, ByteBuffer[] dsts, int offset, int length)
      throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer dst = dsts[i];
      if (!dst.hasRemaining()) {
        continue;
      }
      int n;
      try {
        n = connection.read(dst);
      } catch (IOException e) {
        if (total > 0) {
          return total; // The connection says so again at the next read.
        }
        throw e;
      }
      if (n < 0) {
        return total > 0 ? total : -1;
      }
      total += n;
      if (dst.hasRemaining()) {
        break;
      }
    }
    return total;
  }

  private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private static void checkWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  // -- Write

  @Override
  public final int write(ByteBuffer src) throws IOException {
    Objects.requireNonNull(src);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.write(src);
      } finally {
        followTcp(tcp);
      }
    }
    writeLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.write(src);
      }
      boolean blocking = isBlocking();
      int total = 0;
      try {
        beginWrite(blocking);
        if (outputClosed) {
          throw new AsynchronousCloseException();
        }
        for (; ; ) {
          int n = connection.write(src);
          total += n;
          if (!blocking || !src.hasRemaining() || !isOpen() || outputClosed) {
            break;
          }
          if (n == 0) {
            awaitAsWriter(connection, Long.MAX_VALUE);
          }
        }
      } finally {
        endWrite(blocking, total > 0);
      }
      return checkOutput(total);
    } finally {
      writeLock.unlock();
    }
  }

  @Override
  public final long write(ByteBuffer[] srcs, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, srcs.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      try {
        return tcp.write(srcs, offset, length);
      } finally {
        followTcp(tcp);
      }
    }
    writeLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (connection == null) {
        return tcpPath.write(srcs, offset, length);
      }
      boolean blocking = isBlocking();
      long total = 0;
      try {
        beginWrite(blocking);
        if (outputClosed) {
          throw new AsynchronousCloseException();
        }
        for (int i = offset; i < offset + length; ) {
          ByteBuffer src = srcs[i];
          int n = src.hasRemaining() ? connection.write(src) : 0;
          total += n;
          if (!src.hasRemaining()) {
            i++;
          } else if (!blocking || !isOpen() || outputClosed) {
            break;
          } else if (n == 0) {
            awaitAsWriter(connection, Long.MAX_VALUE);
          }
        }
      } finally {
        endWrite(blocking, total > 0);
      }
      checkOutput(total > 0 ? 1 : 0);
      return total;
    } finally {
      writeLock.unlock();
    }
  }

  private int checkOutput(int n) throws AsynchronousCloseException {
    if (n <= 0 && outputClosed) {
      throw new AsynchronousCloseException();
    }
    return n;
  }

  // -- For the socket adaptor

  /**
   * Reads at least one byte.
   *
   * @param nanos how long to wait, or 0 for ever
   * @throws SocketTimeoutException if nothing arrives in time
   */
  final int blockingRead(byte[] b, int off, int len, long nanos) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      if (len > 0) {
        ensureOpen();
      }
      try {
        return tcp.readBytes(b, off, len, nanos);
      } finally {
        followTcp(tcp);
      }
    }
    if (len == 0) {
      return 0;
    }
    readLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      ByteBuffer dst = ByteBuffer.wrap(b, off, len);
      int n = 0;
      try {
        beginRead(true);
        if (inputClosed) {
          return -1;
        }
        long start = nanos > 0 ? System.nanoTime() : 0;
        n = connection.read(dst);
        while (n == 0 && isOpen() && !inputClosed) {
          long remaining = Long.MAX_VALUE;
          if (nanos > 0) {
            remaining = nanos - (System.nanoTime() - start);
            if (remaining <= 0) {
              throw new SocketTimeoutException("Read timed out");
            }
          }
          awaitAsReader(connection, NetworkEvent.READ, remaining);
          n = connection.read(dst);
        }
      } finally {
        endRead(true, n > 0);
      }
      return n <= 0 && inputClosed ? -1 : n;
    } finally {
      readLock.unlock();
    }
  }

  /** Writes all of the bytes. */
  final void blockingWriteFully(byte[] b, int off, int len) throws IOException {
    Objects.checkFromIndexSize(off, len, b.length);
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      if (len > 0) {
        ensureOpen();
      }
      try {
        tcp.writeBytes(b, off, len);
      } finally {
        followTcp(tcp);
      }
      return;
    }
    if (len == 0) {
      return;
    }
    writeLock.lock();
    try {
      SanConnection connection = ensureOpenAndConnected();
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      ByteBuffer src = ByteBuffer.wrap(b, off, len);
      try {
        beginWrite(true);
        while (src.hasRemaining() && isOpen()) {
          if (outputClosed) {
            throw new AsynchronousCloseException();
          }
          if (connection.write(src) == 0) {
            awaitAsWriter(connection, Long.MAX_VALUE);
          }
        }
      } finally {
        endWrite(true, !src.hasRemaining());
      }
    } finally {
      writeLock.unlock();
    }
  }

  final int available() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      return tcp.readable();
    }
    synchronized (stateLock) {
      SanConnection connection = ensureOpenAndConnected();
      return inputClosed ? 0 : connection.available();
    }
  }

  // -- Half-close

  @Override
  public final SocketChannel shutdownInput() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      tcp.shutdownInput();
      return this;
    }
    synchronized (stateLock) {
      ensureOpen();
      if (state != CONNECTED) {
        throw new NotYetConnectedException();
      }
      if (!inputClosed) {
        inputClosed = true;
        if (readerSeat != null) {
          readerSeat.post(null);
        }
      }
    }
    sanKeys().changed(); // End of stream is readable now.
    return this;
  }

  @Override
  public final SocketChannel shutdownOutput() throws IOException {
    TcpChannel tcp = tcpPath;
    if (tcp != null) {
      ensureOpen();
      tcp.shutdownOutput();
      return this;
    }
    synchronized (stateLock) {
      ensureOpen();
      if (state != CONNECTED) {
        throw new NotYetConnectedException();
      }
      if (!outputClosed) {
        outputClosed = true;
        san.shutdownOutput();
        if (writerSeat != null) {
          writerSeat.post(null);
        }
      }
    }
    sanKeys().changed(); // A selector that waits for credit has nothing to wait for any more.
    return this;
  }

  final boolean isInputOpen() {
    TcpChannel tcp = tcpPath;
    return tcp != null ? tcp.inputOpen() : !inputClosed;
  }

  final boolean isOutputOpen() {
    TcpChannel tcp = tcpPath;
    return tcp != null ? tcp.outputOpen() : !outputClosed;
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
        if (readerSeat != null) {
          readerSeat.post(null);
        }
        if (writerSeat != null) {
          writerSeat.post(null);
        }
        return;
      }
    }
    // As the JDK: no read and no write is under way when a non-blocking close returns.
    readLock.lock();
    readLock.unlock();
    writeLock.lock();
    writeLock.unlock();
    synchronized (stateLock) {
      tryCloseSan();
    }
  }

  private void tryCloseSan() {
    SanConnection connection = san;
    if (state != CLOSING || reading || writing || sanClosed || connection == null) {
      return;
    }
    sanClosed = true;
    if (closeWithdraws(connection)) {
      return;
    }
    if (closeResets()) {
      connection.abort();
    } else {
      connection.close();
    }
  }

  /** Gives a connect up that is still pending; returns false if the connection is up. */
  abstract boolean closeWithdraws(SanConnection connection);
}
