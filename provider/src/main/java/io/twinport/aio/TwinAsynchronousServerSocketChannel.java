package io.twinport.aio;

import io.twinport.config.Log;
import io.twinport.core.ListenerFace;
import io.twinport.core.PlainFace;
import io.twinport.core.SocketAddresses;
import io.twinport.core.StoredOptions;
import io.twinport.core.SwitchListener;
import io.twinport.registry.Waiter;
import io.twinport.spi.SanConnection;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.security.AccessControlContext;
import java.security.AccessController;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanAsynchronousServerSocket;
import sun.nio.ch.SanCompletion;
import sun.nio.ch.SanPollable;
import sun.nio.ch.SelChImpl;

/**
 * An asynchronous server channel that listens on TCP and, where a provider serves its address, on
 * the SAN.
 *
 * <p>Connections from TCP are the JDK's own channels, of the same group.
 *
 * <p>Why no wakeup is lost: an accept is marked as waiting under the lock before it is armed for.
 * The listeners look again when they are armed, and TCP's arrivals are a level in the kernel.
 */
final class TwinAsynchronousServerSocketChannel extends SanAsynchronousServerSocket {
  /** Tries to accept when the SAN has posted. */
  private final class ListenerSeat extends GroupSeat {
    ListenerSeat() {
      super(port);
    }

    @Override
    void look(boolean mayInvokeHere) {
      accept.tellWhatIsLeft(mayInvokeHere);
      acceptPending(mayInvokeHere);
    }
  }

  /** The member of the group, and who is told of TCP's events. */
  private final class Pollable extends SanPollable {
    @Override
    public void onEvent(int events, boolean mayInvokeHere) {
      synchronized (lock) {
        polling = false;
      }
      acceptPending(mayInvokeHere);
    }

    @Override
    public void close() throws IOException {
      TwinAsynchronousServerSocketChannel.this.close();
    }
  }

  private final class Face implements ListenerFace<AsynchronousSocketChannel> {
    @Override
    public FileDescriptor descriptor() {
      return ((SelChImpl) tcp).getFD();
    }

    @Override
    public AsynchronousSocketChannel acceptTcp() throws IOException {
      AsynchronousSocketChannel accepted = port.accept(descriptor());
      if (accepted != null) {
        try {
          SocketAddresses.checkAcceptPermission((InetSocketAddress) accepted.getRemoteAddress());
        } catch (SecurityException e) {
          closeUnwanted(accepted);
          throw e;
        }
        port.owner().registry().addAcceptedFromTcp(accepted);
      }
      return accepted;
    }

    @Override
    public AsynchronousSocketChannel acceptSan(
        SanConnection connection, Map<SocketOption<?>, Object> inherited) throws IOException {
      PlainFace twin = PlainFace.ofAsynchronousChannel(port.owner());
      return TwinAsynchronousSocketChannel.accepted(port, twin.accepted(connection, inherited));
    }

    @Override
    public void closeTcp() throws IOException {
      if (tcp.isOpen()) {
        port.leave(tcpFd); // Before another channel can have the number.
      }
      listener.awaitNoAccept(); // None is under way when the descriptor is closed.
      tcp.close();
    }

    @Override
    public void closed() {
      accept.close();
      port.leave(member); // Last: a group that is shut down then ends, and runs no more handlers.
    }

    @Override
    public void changed() {
      seat.post(); // An accept that waits already has not armed the listeners on the SAN.
    }

    @Override
    public Waiter waiter() {
      synchronized (lock) {
        return accept.isPending() ? Waiter.group() : null;
      }
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
      return tcp.supportedOptions();
    }

    @Override
    public <V> V getOption(SocketOption<V> name) throws IOException {
      return tcp.getOption(name);
    }
  }

  private final class Accept extends Operation<AsynchronousSocketChannel> {
    Accept() {
      super(
          TwinAsynchronousServerSocketChannel.this,
          TwinAsynchronousServerSocketChannel.this.port,
          seat,
          TwinAsynchronousServerSocketChannel.this.lock);
    }

    @Override
    void ended() {
      synchronized (lock) {
        accepting = false;
      }
    }
  }

  private final TwinPort port;

  /** The JDK's channel, never blocking, which only listens: what accepts is the listener. */
  private final ServerSocketChannel tcp;

  private final int tcpFd;
  private final SwitchListener<AsynchronousSocketChannel> listener;
  private final GroupSeat seat;
  private final SanPollable pollable = new Pollable();
  private final int member;

  /** Held by any thread that changes what follows, or arms. No accept and no handler under it. */
  private final Object lock = new Object();

  // -- Protected by lock; volatile fields are read without it.
  private final Accept accept;
  private volatile boolean closed;

  /** Whether TCP is, whatever else was not done. */
  private volatile boolean isBound;

  /** Whether an accept has begun and has not had its outcome. */
  private boolean accepting;

  /** Whether it has waited, so that others may have taken it. */
  private boolean hasWaited;

  /** Whether a thread of the group looks for a connection for it right now. */
  private boolean trying;

  /** Whether TCP's descriptor is armed in the group's epoll set. */
  private boolean polling;

  /** Whether nothing may begin any more, because an accept was cancelled. */
  private boolean killed;

  /** On whose behalf is accepted; written before the accept is pending. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private AccessControlContext context;

  static TwinAsynchronousServerSocketChannel open(TwinPort port) throws IOException {
    ServerSocketChannel tcp = SanAccess.serverChannel(SanAccess.jdksProvider(), null);
    try {
      tcp.configureBlocking(false);
      return new TwinAsynchronousServerSocketChannel(port, tcp);
    } catch (IOException | RuntimeException e) {
      tcp.close();
      throw e;
    }
  }

  private TwinAsynchronousServerSocketChannel(TwinPort port, ServerSocketChannel tcp) {
    super(port.provider(), port);
    this.port = port;
    this.tcp = tcp;
    this.tcpFd = ((SelChImpl) tcp).getFDVal();
    this.listener = new SwitchListener<>(port.owner(), new Face());
    this.seat = new ListenerSeat();
    this.accept = new Accept();
    synchronized (lock) { // A group that is shut down right now closes its new member, too.
      this.member = port.join(pollable);
      port.addDescriptor(tcpFd, pollable);
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  private void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  // -- Accept

  @Override
  public Future<AsynchronousSocketChannel> accept() {
    return begin(null, null);
  }

  @Override
  @SuppressWarnings("unchecked") // The attachment comes back to its own handler only.
  public <A> void accept(
      A newAttachment, CompletionHandler<AsynchronousSocketChannel, ? super A> newHandler) {
    Objects.requireNonNull(newHandler, "'handler' is null");
    var unused =
        begin(newAttachment, (CompletionHandler<AsynchronousSocketChannel, Object>) newHandler);
  }

  private Future<AsynchronousSocketChannel> begin(
      Object newAttachment, CompletionHandler<AsynchronousSocketChannel, Object> newHandler) {
    if (closed) {
      return accept.tellAtOnce(newHandler, newAttachment, null, new ClosedChannelException());
    }
    if (!isBound) {
      throw new NotYetBoundException();
    }
    synchronized (lock) {
      if (killed) {
        throw new RuntimeException("Accept not allowed due cancellation");
      }
      if (accepting) {
        throw new AcceptPendingException();
      }
      accepting = true;
      hasWaited = false;
    }
    AsynchronousSocketChannel accepted = null;
    Future<AsynchronousSocketChannel> newFuture = null;
    Throwable failure = null;
    try {
      accepted = tryAccept();
      if (accepted == null) {
        newFuture = newHandler == null ? SanCompletion.pending(this, null) : null;
        await(newAttachment, newHandler, newFuture);
        return newFuture;
      }
    } catch (Throwable e) {
      if (!claimIfWaiting()) {
        return newFuture; // Told by a thread of the group, or by whoever has closed this.
      }
      failure = translated(e);
    }
    accept.ended();
    if (newHandler == null) {
      return SanCompletion.completed(accepted, failure);
    }
    // Never here: handlers that accept again would pile up for as long as there is a queue.
    try {
      SanCompletion.invokeLater(this, newHandler, newAttachment, accepted, failure);
    } catch (RuntimeException | Error e) { // The group takes no more work, or has no memory for it.
      if (accepted != null) {
        closeUnwanted(accepted);
      }
      throw e;
    }
    return null;
  }

  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private void await(
      Object newAttachment,
      CompletionHandler<AsynchronousSocketChannel, Object> newHandler,
      Future<AsynchronousSocketChannel> newFuture)
      throws AsynchronousCloseException {
    accept.tells(newHandler, newAttachment, newFuture);
    // Whether a client may be accepted is asked of the one who accepts, not of the group's thread.
    context = System.getSecurityManager() == null ? null : AccessController.getContext();
    park();
  }

  private void park() throws AsynchronousCloseException {
    synchronized (lock) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      accept.park();
      hasWaited = true;
      trying = false;
      if (!polling) {
        port.startPolling(tcpFd, Net.POLLIN);
        polling = true;
      }
      if (listener.arm(seat)) {
        seat.post();
      }
    }
    port.armed();
  }

  /** Returns null if nothing has arrived, or the channel is closed. */
  private AsynchronousSocketChannel tryAccept() throws IOException {
    listener.lock();
    try {
      return listener.tryAccept();
    } finally {
      listener.unlock();
    }
  }

  /** As {@link Operation#claim}; what does not wait yet is the caller's in any case. */
  private boolean claimIfWaiting() {
    synchronized (lock) {
      return !hasWaited || accept.claim();
    }
  }

  private boolean claimUnlessClosed() {
    synchronized (lock) {
      return !closed && accept.claim();
    }
  }

  private boolean begunToTry() {
    synchronized (lock) {
      boolean begun = accept.isPending() && !trying;
      trying |= begun;
      return begun;
    }
  }

  private static Throwable translated(Throwable failure) {
    return failure instanceof ClosedChannelException ? new AsynchronousCloseException() : failure;
  }

  /**
   * Goes on with an accept that waits, if there is one; on a thread of the group. What is closed
   * meanwhile is the closing thread's to tell: it does so before the group can end, and nobody can
   * when the pool takes no more work.
   */
  private void acceptPending(boolean mayInvokeHere) {
    if (!begunToTry()) {
      return;
    }
    boolean tried = false;
    try {
      AsynchronousSocketChannel accepted = null;
      Throwable failure = null;
      try {
        accepted = acceptAsInitiator();
        if (accepted == null) {
          park();
          tried = true;
          return;
        }
      } catch (IOException | SecurityException e) {
        failure = translated(e);
      } catch (Throwable e) {
        failure = new IOException(e);
      }
      boolean claimed = claimUnlessClosed();
      tried = true;
      Future<?> told = claimed ? accept.tell(accepted, failure, mayInvokeHere) : null;
      if (accepted != null && (!claimed || (told != null && told.isCancelled()))) {
        closeUnwanted(accepted);
      }
    } finally {
      if (!tried) {
        trying = false; // An Error has stopped it: whoever comes next tries.
      }
    }
  }

  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private AsynchronousSocketChannel acceptAsInitiator() throws IOException {
    if (context == null) {
      return tryAccept();
    }
    try {
      PrivilegedExceptionAction<AsynchronousSocketChannel> action = this::tryAccept;
      return AccessController.doPrivileged(action, context);
    } catch (PrivilegedActionException e) {
      throw (IOException) e.getCause();
    }
  }

  /** Nobody will ever get this channel. */
  private static void closeUnwanted(AsynchronousSocketChannel accepted) {
    try {
      accepted.close();
    } catch (IOException e) {
      Log.debug(() -> "close of an unwanted connection: " + Log.cause(e));
    }
  }

  @Override
  protected void cancelled() {
    synchronized (lock) {
      killed = true;
    }
  }

  // -- Bind, addresses and options

  @Override
  public AsynchronousServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    synchronized (lock) {
      ensureOpen();
      tcp.bind(local, backlog);
      isBound = true;
    }
    try {
      listener.listen(backlog, this);
    } catch (RuntimeException | Error e) {
      listener.without(e);
    }
    return this;
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return tcp.getLocalAddress();
  }

  @Override
  public <T> AsynchronousServerSocketChannel setOption(SocketOption<T> name, T value)
      throws IOException {
    StoredOptions.check(name, supportedOptions());
    ensureOpen();
    if (value == null) {
      throw new IllegalArgumentException("Invalid option value");
    }
    tcp.setOption(name, value);
    listener.inherit(name, tcp.getOption(name));
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    ensureOpen();
    return tcp.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return tcp.supportedOptions();
  }

  // -- Close

  @Override
  public void close() throws IOException {
    boolean again;
    synchronized (lock) {
      again = closed;
      closed = true; // No accept waits behind this that does not wait before.
    }
    if (again) {
      listener.closeRest();
      return;
    }
    try {
      listener.closeAll();
    } catch (RuntimeException | Error e) {
      listener.halfClosed = true; // Stores alone: there may be no stack for a call.
      listener.registry.anyHalfClosed = true;
      throw e;
    }
  }

  @Override
  public String toString() {
    String text = "unbound";
    if (closed) {
      text = "closed";
    } else if (listener.localAddress() != null) {
      text = SocketAddresses.revealedText(listener.localAddress());
    }
    return "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl[" + text + "]";
  }
}
