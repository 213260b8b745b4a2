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
    if (write) {
      writing.finish(mayInvokeHere && !read);
    }
    if (read) {
      reading.finish(mayInvokeHere);
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
    if (closed) {
      failure = new ClosedChannelException();
    } else {
      InetSocketAddress checked = Addresses.checkRemote(address, null);
      enterPending((InetSocketAddress) address);
      try {
        if (twin.connect(checked) || finishesAtOnce()) {
          becomeConnected();
        } else {
          return await(attachment, handler);
        }
      } catch (UnsupportedAddressTypeException e) {
        failure = failedConnect(SanAccess.withoutIPv6(checked.getAddress(), checked.getPort()));
      } catch (Throwable e) {
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

  private Future<Void> await(Object attachment, CompletionHandler<Void, Object> handler)
      throws AsynchronousCloseException {
    Future<Void> future = handler == null ? SanCompletion.pending(this, this) : null;
    connectAttachment = attachment;
    connectHandler = handler;
    connectFuture = future;
    park();
    return future;
  }

  private void park() throws AsynchronousCloseException {
    synchronized (lock) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      connectPending = true;
    }
    watch();
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
    try {
      leaveKernel(); // A connect that fails closes the descriptor: then the number is another's.
      if (!twin.finishConnect()) {
        park(); // It is another provider's turn now, or TCP's.
        return;
      }
      becomeConnected();
    } catch (Throwable e) {
      failure = failedConnect(e);
    }
    completeConnect(failure, mayInvokeHere);
  }

  private void completeConnect(Throwable failure, boolean mayInvokeHere) {
    CompletionHandler<Void, Object> handler = connectHandler;
    Object attachment = connectAttachment;
    connectHandler = null;
    connectAttachment = null;
    if (handler == null) {
      SanCompletion.complete(connectFuture, null, failure);
    } else if (mayInvokeHere) {
      SanCompletion.invokeHere(handler, attachment, null, failure);
    } else {
      SanCompletion.invokeLater(this, handler, attachment, null, failure);
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
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    leaveKernel(); // Before another channel can have the number.
    try {
      twin.close();
    } finally {
      endPending();
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

  private void endPending() {
    if (reading.claim()) {
      reading.fail(new AsynchronousCloseException());
    }
    if (writing.claim()) {
      writing.fail(new AsynchronousCloseException());
    }
    if (claimConnect()) {
      completeConnect(new AsynchronousCloseException(), false);
    }
  }
}
