package io.twinport.nio;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import java.util.concurrent.Future;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanAsynchronousSocket;
import sun.nio.ch.SanCompletion;
import sun.nio.ch.SanPollable;

/**
 * The base of {@link TwinAsynchronousSocketChannel}: its state, how its operations wait, how it
 * connects, and how what waits ends when it closes.
 *
 * <p>On the SAN the channel's seat is armed, on TCP its descriptor is in the group's epoll set.
 * Either way an arming counts for one event; so whoever has taken an operation, or has found that
 * none was ready, arms again for what still waits ({@link #watch}).
 *
 * <p>Why no wakeup is lost: an operation is marked as waiting under the lock before {@link #watch}
 * arms for it, and arming looks again, so an event either is seen by that look or comes with a post
 * that finds the mark. Closing changes the state under the lock and then takes what waits.
 */
abstract class AsynchronousWaitingChannel extends SanAsynchronousSocket {
  private enum State {
    UNCONNECTED,
    PENDING,
    CONNECTED
  }

  /** Looks at the channel when the SAN has posted. */
  private final class ChannelSeat extends GroupSeat {
    ChannelSeat() {
      super(port);
    }

    @Override
    void look(boolean mayInvokeHere) {
      tellWhatIsLeft(mayInvokeHere);
      int ops;
      synchronized (lock) {
        ops = closed ? 0 : pendingOps();
      }
      int events = ops == 0 ? 0 : twin.sanReady(ops);
      boolean writable = (events & (Net.POLLOUT | Net.POLLCONN)) != 0;
      ready((events & Net.POLLIN) != 0, writable, mayInvokeHere);
    }
  }

  /** The member of the group, and who is told of TCP's events. */
  private final class Pollable extends SanPollable {
    @Override
    public void onEvent(int events, boolean mayInvokeHere) {
      boolean failed = (events & (Net.POLLERR | Net.POLLHUP)) != 0;
      boolean readable = failed || (events & Net.POLLIN) != 0;
      ready(readable, failed || (events & Net.POLLOUT) != 0, mayInvokeHere);
    }

    @Override
    public void close() throws IOException {
      AsynchronousWaitingChannel.this.close();
    }
  }

  final TwinPort port;

  /** The channel that has to do with paths; in non-blocking mode. */
  final TwinSocketChannel twin;

  private final GroupSeat seat;
  private final SanPollable pollable = new Pollable();
  private final int member;

  /** Held by any thread that changes what follows, or arms. No transfer and no handler under it. */
  final Object lock = new Object();

  // -- Protected by lock; volatile fields are read without it.
  final AsynchronousTransfer reading;
  final AsynchronousTransfer writing;
  private volatile State state;
  private volatile InetSocketAddress remote;
  private volatile boolean closed;

  /** TCP's descriptor while it is the group's, or -1. */
  private int tcpFd = -1;

  /** Whether a connect waits; whoever clears this completes it. */
  private boolean connectPending;

  /** How the connect has failed, while its handler is still to be told. */
  private volatile Throwable untoldConnect;

  // -- The connect's; written before it is pending, read by who has cleared that
  private CompletionHandler<Void, Object> connectHandler;
  private Object connectAttachment;
  private Future<Void> connectFuture;

  /**
   * @param remote null unless {@code twin} is connected
   * @throws java.nio.channels.ShutdownChannelGroupException if the group is shut down
   */
  AsynchronousWaitingChannel(TwinPort port, TwinSocketChannel twin, InetSocketAddress remote) {
    super(port.provider(), port);
    this.port = port;
    this.twin = twin;
    this.seat = new ChannelSeat();
    this.reading = new AsynchronousReading(this);
    this.writing = new AsynchronousWriting(this);
    this.remote = remote;
    this.state = remote == null ? State.UNCONNECTED : State.CONNECTED;
    synchronized (lock) { // A group that is shut down right now closes its new member, too.
      this.member = port.join(pollable);
    }
  }

  @Override
  public final boolean isOpen() {
    return !closed;
  }

  final void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  final void ensureConnected() {
    if (state != State.CONNECTED) {
      throw new NotYetConnectedException();
    }
  }

  /** The address given to {@code connect}, or the client's; null while there is no connection. */
  final InetSocketAddress remote() {
    return state == State.CONNECTED ? remote : null;
  }

  final String stateName() {
    return switch (state) {
      case UNCONNECTED -> "unconnected";
      case PENDING -> "connection-pending";
      case CONNECTED -> "connected";
    };
  }

  // -- Readiness

  /** Sees to it that whatever waits is looked at when it is ready. */
  final void watch() {
    synchronized (lock) {
      int ops = closed ? 0 : pendingOps();
      if (ops == 0) {
        return;
      }
      // Under the lock, so that no thread that knows less undoes what another has asked for.
      if (twin.isInKernel()) {
        poll(ops);
        return;
      }
      if (twin.sanArm(ops, seat)) {
        seat.post();
      }
    }
    port.armed();
  }

  private void poll(int ops) {
    if (tcpFd < 0) {
      tcpFd = twin.getFDVal();
      port.addDescriptor(tcpFd, pollable);
    }
    int events = (ops & SelectionKey.OP_READ) != 0 ? Net.POLLIN : 0;
    if ((ops & ~SelectionKey.OP_READ) != 0) {
      events |= Net.POLLOUT;
    }
    port.startPolling(tcpFd, events);
  }

  private int pendingOps() {
    return (connectPending ? SelectionKey.OP_CONNECT : 0)
        | (reading.isPending() ? SelectionKey.OP_READ : 0)
        | (writing.isPending() ? SelectionKey.OP_WRITE : 0);
  }

  /** Completes what can be. If that is a read and a write, the write's handler runs elsewhere. */
  private void ready(boolean readable, boolean writable, boolean mayInvokeHere) {
    boolean read = readable && reading.claim();
    boolean write = writable && writing.claim();
    boolean connect = writable && claimConnect();
    try {
      if (write) {
        writing.finish(mayInvokeHere && !read);
      }
    } finally { // An Error of the one does not take the other along.
      if (read) {
        reading.finish(mayInvokeHere);
      }
    }
    if (connect) {
      finishConnect(mayInvokeHere);
    }
    if (!read && !write && !connect) {
      watch();
    }
  }

  /** Has what waits looked at: a change of this end's own making has decided it. */
  final void lookAgain() {
    seat.post();
  }

  // -- Connect

  @Override
  public final Future<Void> connect(SocketAddress address) {
    return begin(address, null, null);
  }

  @Override
  @SuppressWarnings("unchecked") // The attachment comes back to its own handler only.
  public final <A> void connect(
      SocketAddress address, A attachment, CompletionHandler<Void, ? super A> handler) {
    Objects.requireNonNull(handler, "'handler' is null");
    var unused = begin(address, attachment, (CompletionHandler<Void, Object>) handler);
  }

  private Future<Void> begin(
      SocketAddress address, Object attachment, CompletionHandler<Void, Object> handler) {
    Throwable failure = null;
    Future<Void> future = null;
    if (closed) {
      failure = new ClosedChannelException();
    } else {
      InetSocketAddress checked = SocketAddresses.checkRemote(address, null);
      enterPending((InetSocketAddress) address);
      boolean parked = false;
      try {
        if (twin.connect(checked) || finishesAtOnce()) {
          becomeConnected();
        } else {
          future = handler == null ? SanCompletion.pending(this, this) : null;
          park(attachment, handler, future);
          parked = true;
          watch();
          return future;
        }
      } catch (UnsupportedAddressTypeException e) {
        failure = failedConnect(SanAccess.withoutIPv6(checked.getAddress(), checked.getPort()));
      } catch (Throwable e) {
        if (parked && !claimConnect()) {
          return future; // Whoever has it tells of it.
        }
        failure = failedConnect(e);
      }
    }
    if (handler == null) {
      return SanCompletion.completed(null, failure);
    }
    SanCompletion.invoke(this, handler, attachment, null, failure);
    return null;
  }

  private void enterPending(InetSocketAddress address) {
    synchronized (lock) {
      if (state == State.CONNECTED) {
        throw new AlreadyConnectedException();
      }
      if (state == State.PENDING) {
        throw new ConnectionPendingException();
      }
      state = State.PENDING;
      remote = address;
    }
  }

  /** Whether the SAN's outcome is there already, and good. */
  private boolean finishesAtOnce() throws IOException {
    return twin.sanReady(SelectionKey.OP_CONNECT) != 0 && twin.finishConnect();
  }

  private void park(Object attachment, CompletionHandler<Void, Object> handler, Future<Void> future)
      throws AsynchronousCloseException {
    connectAttachment = attachment;
    connectHandler = handler;
    connectFuture = future;
    parkAgain();
  }

  private void parkAgain() throws AsynchronousCloseException {
    synchronized (lock) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      connectPending = true;
    }
  }

  private void becomeConnected() throws AsynchronousCloseException {
    synchronized (lock) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      state = State.CONNECTED;
    }
  }

  /** Closes the channel, as the JDK does; returns the exception to be reported. */
  private Throwable failedConnect(Throwable e) {
    Throwable failure =
        e instanceof ClosedChannelException
            ? new AsynchronousCloseException()
            : Refusals.whenAsynchronous(e);
    try {
      close();
    } catch (IOException suppressed) {
      failure.addSuppressed(suppressed);
    }
    return failure;
  }

  private boolean claimConnect() {
    synchronized (lock) {
      boolean claimed = connectPending;
      connectPending = false;
      return claimed;
    }
  }

  private void finishConnect(boolean mayInvokeHere) {
    Throwable failure = null;
    boolean parked = false;
    try {
      leaveKernel(); // A connect that fails closes the descriptor: then the number is another's.
      if (!twin.finishConnect()) {
        parkAgain(); // It is another provider's turn now, or TCP's.
        parked = true;
        watch();
        return;
      }
      becomeConnected();
    } catch (Throwable e) {
      if (parked && !claimConnect()) {
        return; // Whoever has it tells of it.
      }
      failure = failedConnect(e);
    }
    completeConnect(failure, mayInvokeHere);
  }

  /** Tells of the outcome of the connect that was claimed; on a thread of the group. */
  private void completeConnect(Throwable failure, boolean mayInvokeHere) {
    CompletionHandler<Void, Object> handler = connectHandler;
    Object attachment = connectAttachment;
    connectHandler = null;
    connectAttachment = null;
    if (handler == null) {
      SanCompletion.complete(connectFuture, null, failure);
    } else {
      port.tell(this, handler, attachment, null, failure, mayInvokeHere);
    }
  }

  /** As {@link AsynchronousTransfer#fail}. */
  private void failConnect(Throwable failure) {
    CompletionHandler<Void, Object> handler = connectHandler;
    if (handler == null) {
      SanCompletion.complete(connectFuture, null, failure);
      return;
    }
    try {
      SanCompletion.invokeLater(this, handler, connectAttachment, null, failure);
    } catch (OutOfMemoryError | StackOverflowError e) {
      untoldConnect = failure;
      lookAgain();
    }
  }

  private void tellWhatIsLeft(boolean mayInvokeHere) {
    reading.tellWhatIsLeft(mayInvokeHere);
    writing.tellWhatIsLeft(mayInvokeHere);
    if (untoldConnect == null) {
      return;
    }
    Throwable failure;
    synchronized (lock) {
      failure = untoldConnect;
      untoldConnect = null;
    }
    if (failure != null) {
      completeConnect(failure, mayInvokeHere);
    }
  }

  // -- Cancel and close

  /**
   * A cancelled operation may move bytes yet, or connect; so the direction it belongs to is of no
   * use any more.
   *
   * @param operation a transfer, or this channel if a connect is cancelled
   */
  @Override
  protected final void cancelled(Object operation) {
    if (operation != writing) {
      reading.kill();
    }
    if (operation != reading) {
      writing.kill();
    }
  }

  @Override
  public final void close() throws IOException {
    Throwable whenReading;
    Throwable whenWriting;
    Throwable whenConnecting;
    synchronized (lock) {
      if (closed) {
        return;
      }
      // Nothing waits behind the change of the state that does not wait before it.
      whenReading = reading.isPending() ? new AsynchronousCloseException() : null;
      whenWriting = writing.isPending() ? new AsynchronousCloseException() : null;
      whenConnecting = connectPending ? new AsynchronousCloseException() : null;
      closed = true;
    }
    leaveKernel(); // Before another channel can have the number.
    try {
      twin.close();
    } finally {
      if (whenReading != null && reading.claim()) {
        reading.fail(whenReading);
      }
      if (whenWriting != null && writing.claim()) {
        writing.fail(whenWriting);
      }
      if (whenConnecting != null && claimConnect()) {
        failConnect(whenConnecting);
      }
      port.leave(member); // Last: a group that is shut down then ends, and runs no more handlers.
    }
  }

  /** Takes TCP's descriptor from the group, to which {@link #poll} gives it again. */
  private void leaveKernel() {
    int fd;
    synchronized (lock) {
      fd = tcpFd;
      tcpFd = -1;
    }
    if (fd >= 0) {
      port.leave(fd);
    }
  }
}
