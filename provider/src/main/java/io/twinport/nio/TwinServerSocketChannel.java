package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SelChImpl;
import sun.nio.ch.SelectionKeyImpl;

/**
 * A server channel that listens on TCP and, where a provider serves its address, on the SAN.
 *
 * <p>The TCP side is the JDK's own channel, which is never blocking; a blocking {@code accept}
 * waits here, for both. Channels accepted from TCP are the JDK's own and are handed out as they
 * are.
 */
final class TwinServerSocketChannel extends ServerSocketChannel
    implements SanChannel, RegisteredListener {
  private final Switch owner;
  private final TwinSelectorProvider provider;
  private final ServerSocketChannel tcp;
  private final int tcpFd;
  private final SanKeys sanKeys = new SanKeys();

  private final Acceptor<SocketChannel> acceptor;

  /** Whether an Error has ended its close. */
  private volatile boolean halfClosed;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock
  private InetSocketAddress localAddress;

  /** Whether TCP is, whatever else was not done. */
  private boolean bound;

  private ServerSocket socket;

  private final class SocketChannelAcceptor extends ChannelAcceptor<SocketChannel> {
    SocketChannelAcceptor() {
      super(owner, tcp);
    }

    @Override
    SocketChannel acceptTcp() throws IOException {
      try {
        SocketChannel accepted = tcp.accept();
        if (accepted != null) {
          try {
            owner.registry().addAcceptedFromTcp(accepted);
          } catch (RuntimeException | Error e) {
            accepted.close(); // Nobody has it.
            throw e;
          }
        }
        return accepted;
      } catch (ClosedChannelException e) {
        return null; // Closed by another thread; what ends the accept tells the caller.
      }
    }

    @Override
    SocketChannel acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited) {
      return TwinSocketChannel.accepted(provider, connection, inherited);
    }
  }

  TwinServerSocketChannel(TwinSelectorProvider provider, ProtocolFamily family) throws IOException {
    super(provider);
    this.provider = provider;
    this.owner = provider.owner();
    this.tcp = SanAccess.serverChannel(provider, family);
    this.tcp.configureBlocking(false);
    this.tcpFd = ((SelChImpl) tcp).getFDVal();
    this.acceptor = new SocketChannelAcceptor();
  }

  private void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public ServerSocket socket() {
    synchronized (stateLock) {
      if (socket == null) {
        socket = new TwinServerSocket(this);
      }
      return socket;
    }
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    ensureOpen();
    return tcp.getLocalAddress();
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    ensureOpen();
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

  // -- Bind

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      tcp.bind(local, backlog);
      bound = true;
    }
    try {
      listenBesideTcp(backlog);
    } catch (RuntimeException | Error e) {
      acceptor.without(e);
    }
    return this;
  }

  private void listenBesideTcp(int backlog) throws IOException {
    InetSocketAddress local = Net.localAddress(getFD());
    synchronized (stateLock) {
      localAddress = local;
    }
    if (acceptor.listen(local, backlog, this)) {
      owner.registry().add(this);
      if (!acceptor.listeners().isEmpty()) {
        sanKeys.changed();
      }
    }
  }

  // -- Accept

  @Override
  public SocketChannel accept() throws IOException {
    acceptor.lock.lock();
    try {
      boolean blocking = isBlocking();
      ClosedBefore.check(this, blocking);
      SocketChannel accepted = null;
      try {
        beginAccept(blocking);
        accepted = acceptor.tryAccept();
        while (blocking && accepted == null && isOpen()) {
          acceptor.await(Long.MAX_VALUE);
          accepted = acceptor.tryAccept();
        }
      } finally {
        endAccept(blocking, accepted);
      }
      return accepted;
    } finally {
      acceptor.lock.unlock();
    }
  }

  /**
   * Accepts within a time, for the socket adaptor.
   *
   * @throws SocketTimeoutException if nothing arrives in time
   */
  SocketChannel blockingAccept(long nanos) throws IOException {
    acceptor.lock.lock();
    try {
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      SocketChannel accepted = null;
      try {
        beginAccept(true);
        long start = System.nanoTime();
        accepted = acceptor.tryAccept();
        while (accepted == null && isOpen()) {
          long remaining = nanos - (System.nanoTime() - start);
          if (remaining <= 0) {
            throw new SocketTimeoutException("Accept timed out");
          }
          acceptor.await(remaining);
          accepted = acceptor.tryAccept();
        }
      } finally {
        endAccept(true, accepted);
      }
      return accepted;
    } finally {
      acceptor.lock.unlock();
    }
  }

  private void beginAccept(boolean blocking) throws IOException {
    if (blocking) {
      begin(); // Closes the channel if the thread is interrupted.
    }
    synchronized (stateLock) {
      ensureOpen();
      if (!bound) {
        throw new NotYetBoundException();
      }
    }
    if (blocking) {
      acceptor.begin();
    }
  }

  private void endAccept(boolean blocking, SocketChannel accepted)
      throws AsynchronousCloseException, IOException {
    if (!blocking) {
      return;
    }
    acceptor.end();
    end(accepted != null);
  }

  // -- Close

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    acceptor.lock.lock(); // Waits for an accept under way in the other mode, as the JDK does.
    acceptor.lock.unlock();
  }

  /** Where an Error ends it, stores what has others go on; there may be no stack for a call. */
  @Override
  protected void implCloseSelectableChannel() throws IOException {
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
      halfClosed = false;
      implCloseSelectableChannel();
    }
  }

  private void closeBoth() throws IOException {
    boolean blocking = isBlocking();
    acceptor.close(); // Before TCP's port is free: its next owner's twin needs the name.
    if (!blocking) {
      acceptor.lock.lock(); // As the JDK: no accept is under way when a non-blocking close returns.
      acceptor.lock.unlock();
    }
    if (!isRegistered()) {
      tcp.close();
    }
    owner.registry().remove(this);
  }

  /** Called by the selector that held the last key. */
  @Override
  public void kill() {
    try {
      tcp.close();
    } catch (IOException e) {
      Log.debug(() -> "close of " + localAddress + ": " + Log.cause(e));
    }
  }

  // -- For the adaptor and the registry

  @Override
  public InetSocketAddress localAddress() {
    synchronized (stateLock) {
      return localAddress;
    }
  }

  @Override
  public Acceptor<?> acceptor() {
    return acceptor;
  }

  // -- For selectors

  @Override
  public SanKeys sanKeys() {
    return sanKeys;
  }

  @Override
  public boolean isOnSan() {
    return !acceptor.listeners().isEmpty() && isOpen();
  }

  @Override
  public boolean isInKernel() {
    return true;
  }

  @Override
  public int sanReady(int interestOps) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && acceptor.listeners().isReady()
        ? Net.POLLIN
        : 0;
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && acceptor.arm(seat);
  }

  @Override
  public void sanDisarm() {
    acceptor.listeners().disarm();
  }

  @Override
  public FileDescriptor getFD() {
    return ((SelChImpl) tcp).getFD();
  }

  @Override
  public int getFDVal() {
    if (sanKeys.isEmpty()) {
      // A selector that is not ours sees TCP only, so clients have to come over TCP.
      acceptor.drop(Reason.FOREIGN_SELECTOR);
    }
    return tcpFd;
  }

  @Override
  public int translateInterestOps(int ops) {
    return (ops & SelectionKey.OP_ACCEPT) != 0 ? Net.POLLIN : 0;
  }

  @Override
  public boolean translateAndUpdateReadyOps(int ops, SelectionKeyImpl key) {
    return translate(ops, key.nioReadyOps(), key);
  }

  @Override
  public boolean translateAndSetReadyOps(int ops, SelectionKeyImpl key) {
    return translate(ops, 0, key);
  }

  private boolean translate(int ops, int initialOps, SelectionKeyImpl key) {
    if (key.selector() instanceof TwinSelector selector) {
      selector.reported(sanKeys);
    }
    int interest = key.nioInterestOps();
    int before = key.nioReadyOps();
    int now = initialOps;
    if ((ops & Net.POLLNVAL) != 0) {
      return false;
    }
    if ((ops & (Net.POLLERR | Net.POLLHUP)) != 0) {
      now = interest;
    } else if ((ops & Net.POLLIN) != 0) {
      now |= interest & SelectionKey.OP_ACCEPT;
    }
    key.nioReadyOps(now);
    return (now & ~before) != 0;
  }

  @Override
  public String toString() {
    return isOpen() ? tcp.toString() : "sun.nio.ch.ServerSocketChannelImpl[closed]";
  }
}
