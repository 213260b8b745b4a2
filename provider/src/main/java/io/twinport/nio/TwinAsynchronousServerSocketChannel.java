package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.spi.SanConnection;
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
final class TwinAsynchronousServerSocketChannel extends SanAsynchronousServerSocket
    implements RegisteredListener {
  /** Tries to accept when the SAN has posted. */
  private final class ListenerSeat extends GroupSeat {
    ListenerSeat() {
      super(port);
    }

    @Override
    void look(boolean mayInvokeHere) {
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

  private final class AsynchronousAcceptor extends ChannelAcceptor<AsynchronousSocketChannel> {
    AsynchronousAcceptor() {
      super(owner, tcp);
    }

    @Override
    AsynchronousSocketChannel acceptTcp() throws IOException {
      AsynchronousSocketChannel accepted = port.accept(((SelChImpl) tcp).getFD());
      if (accepted != null) {
        try {
          SocketAddresses.checkAcceptPermission((InetSocketAddress) accepted.getRemoteAddress());
        } catch (SecurityException e) {
          closeUnwanted(accepted);
          throw e;
        }
        owner.registry().addAcceptedFromTcp(accepted);
      }
      return accepted;
    }

    @Override
    AsynchronousSocketChannel acceptSan(
        SanConnection connection, Map<SocketOption<?>, Object> inherited) throws IOException {
      return TwinAsynchronousSocketChannel.accepted(
          port, TwinSocketChannel.accepted(channels, connection, inherited));
    }
  }

  private final TwinPort port;
  private final TwinSelectorProvider channels;
  private final Switch owner;

  /** The JDK's channel, never blocking, which only listens: what accepts is the acceptor. */
  private final ServerSocketChannel tcp;

  private final int tcpFd;
  private final Acceptor<AsynchronousSocketChannel> acceptor;
  private final GroupSeat seat;
  private final SanPollable pollable = new Pollable();
  private final int member;

  /** Held by any thread that changes what follows, or arms. No accept and no handler under it. */
  private final Object lock = new Object();

  // -- Protected by lock; volatile fields are read without it.
  private volatile boolean closed;

  /** Whether an Error has ended its close. */
  private volatile boolean halfClosed;

  private volatile InetSocketAddress localAddress;

  /** Whether TCP is, whatever else was not done. */
  private volatile boolean isBound;

  /** Whether an accept has begun and has not had its outcome. */
  private boolean accepting;

  /** Whether that accept waits; whoever clears this tells of its outcome. */
  private boolean pending;

  /** Whether it has waited, so that others may have taken it. */
  private boolean hasWaited;

  /** Whether a thread of the group looks for a connection for it right now. */
  private boolean trying;

  /** Whether TCP's descriptor is armed in the group's epoll set. */
  private boolean polling;

  /** Whether nothing may begin any more, because an accept was cancelled. */
  private boolean killed;

  // -- The accept's; written before it is pending, read by who has cleared that
  private CompletionHandler<AsynchronousSocketChannel, Object> handler;
  private Object attachment;
  private Future<AsynchronousSocketChannel> future;

  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private AccessControlContext context;

  static TwinAsynchronousServerSocketChannel open(TwinPort port, TwinSelectorProvider channels)
      throws IOException {
    ServerSocketChannel tcp = SanAccess.serverChannel(channels, null);
    try {
      tcp.configureBlocking(false);
      return new TwinAsynchronousServerSocketChannel(port, channels, tcp);
    } catch (IOException | RuntimeException e) {
      tcp.close();
      throw e;
    }
  }

  private TwinAsynchronousServerSocketChannel(
      TwinPort port, TwinSelectorProvider channels, ServerSocketChannel tcp) {
    super(port.provider(), port);
    this.port = port;
    this.channels = channels;
    this.owner = channels.owner();
    this.tcp = tcp;
    this.tcpFd = ((SelChImpl) tcp).getFDVal();
    this.acceptor = new AsynchronousAcceptor();
    this.seat = new ListenerSeat();
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
      return closedOutcome(newAttachment, newHandler);
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
    release();
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

  private Future<AsynchronousSocketChannel> closedOutcome(
      Object itsAttachment, CompletionHandler<AsynchronousSocketChannel, Object> toTell) {
    ClosedChannelException failure = new ClosedChannelException();
    if (toTell == null) {
      return SanCompletion.completed(null, failure);
    }
    SanCompletion.invoke(this, toTell, itsAttachment, null, failure);
    return null;
  }

  @SuppressWarnings("removal") // JDK 17 still has security managers.
  private void await(
      Object newAttachment,
      CompletionHandler<AsynchronousSocketChannel, Object> newHandler,
      Future<AsynchronousSocketChannel> newFuture)
      throws AsynchronousCloseException {
    handler = newHandler;
    attachment = newAttachment;
    future = newFuture;
    // Whether a client may be accepted is asked of the one who accepts, not of the group's thread.
    context = System.getSecurityManager() == null ? null : AccessController.getContext();
    park();
  }

  private void park() throws AsynchronousCloseException {
    synchronized (lock) {
      if (closed) {
        throw new AsynchronousCloseException();
      }
      pending = true;
      hasWaited = true;
      trying = false;
      if (!polling) {
        port.startPolling(tcpFd, Net.POLLIN);
        polling = true;
      }
      if (acceptor.arm(seat)) {
        seat.post();
      }
    }
    port.armed();
  }

  /** Returns null if nothing has arrived, or the channel is closed. */
  private AsynchronousSocketChannel tryAccept() throws IOException {
    acceptor.lock.lock();
    try {
      return acceptor.tryAccept();
    } finally {
      acceptor.lock.unlock();
    }
  }

  /**
   * Takes the accept, if one waits: the caller then tells of its outcome. The caller holds the
   * lock.
   */
  private boolean claim() {
    boolean claimed = pending;
    pending = false;
    trying = false;
    return claimed;
  }

  /** As {@link #claim}; what does not wait yet is the caller's in any case. */
  private boolean claimIfWaiting() {
    synchronized (lock) {
      return !hasWaited || claim();
    }
  }

  private boolean claimUnlessClosed() {
    synchronized (lock) {
      return !closed && claim();
    }
  }

  private boolean claimAtClose() {
    synchronized (lock) {
      return claim();
    }
  }

  private boolean begunToTry() {
    synchronized (lock) {
      boolean begun = pending && !trying;
      trying |= begun;
      return begun;
    }
  }

  private void release() {
    synchronized (lock) {
      accepting = false;
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
      if (claimed) {
        complete(accepted, failure, mayInvokeHere);
      } else if (accepted != null) {
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

  private void complete(
      AsynchronousSocketChannel accepted, Throwable failure, boolean mayInvokeHere) {
    CompletionHandler<AsynchronousSocketChannel, Object> toTell = handler;
    Object itsAttachment = attachment;
    Future<AsynchronousSocketChannel> toComplete = future;
    release(); // From here on the next accept may begin.
    if (toTell != null) {
      port.tell(this, toTell, itsAttachment, accepted, failure, mayInvokeHere);
      return;
    }
    SanCompletion.complete(toComplete, accepted, failure);
    if (accepted != null && toComplete.isCancelled()) {
      closeUnwanted(accepted);
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
      listenBesideTcp(backlog);
    } catch (RuntimeException | Error e) {
      acceptor.without(e);
    }
    return this;
  }

  private void listenBesideTcp(int backlog) throws IOException {
    InetSocketAddress bound = Net.localAddress(((SelChImpl) tcp).getFD());
    localAddress = bound;
    if (acceptor.listen(bound, backlog, this)) {
      owner.registry().add(this);
      seat.post(); // An accept that waits already has not armed the listeners on the SAN.
    }
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
    acceptor.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    ensureOpen();
    return acceptor.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return acceptor.supportedOptions();
  }

  // -- For the registry

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public Acceptor<?> acceptor() {
    return acceptor;
  }

  // -- Close

  /** Where an Error ends it, stores what has others go on; there may be no stack for a call. */
  @Override
  public void close() throws IOException {
    synchronized (lock) {
      if (closed && !halfClosed) {
        return;
      }
      closed = true;
      halfClosed = false;
    }
    try {
      closeBoth();
    } catch (RuntimeException | Error e) {
      halfClosed = true;
      owner.registry.anyHalfClosed = true;
      throw e;
    }
  }

  @Override
  public void closeRest() throws IOException {
    if (halfClosed) {
      close();
    }
  }

  private void closeBoth() throws IOException {
    try {
      if (tcp.isOpen()) {
        port.leave(tcpFd); // Before another channel can have the number.
      }
      acceptor.close(); // Before TCP's port is free: its next owner's twin needs the name.
      acceptor.lock.lock(); // No accept is under way when the descriptor is closed.
      acceptor.lock.unlock();
      tcp.close();
    } finally {
      endPending();
      port.leave(member); // Last: a group that is shut down then ends, and runs no more handlers.
    }
    owner.registry().remove(this);
  }

  /** Tells an accept that waits of the close. */
  private void endPending() {
    if (!claimAtClose()) {
      return;
    }
    boolean told = false;
    try {
      AsynchronousCloseException failure = new AsynchronousCloseException();
      if (handler == null) {
        SanCompletion.complete(future, null, failure);
      } else {
        SanCompletion.invokeLater(this, handler, attachment, null, failure);
      }
      told = true;
    } finally {
      if (!told) {
        pending = true; // Still to be told, by whoever goes on with the close.
      }
    }
  }

  @Override
  public String toString() {
    String text = "unbound";
    if (closed) {
      text = "closed";
    } else if (localAddress != null) {
      text = SocketAddresses.revealedText(localAddress);
    }
    return "sun.nio.ch.UnixAsynchronousServerSocketChannelImpl[" + text + "]";
  }
}
