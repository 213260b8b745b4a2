package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.core.ClosedBefore;
import io.twinport.core.ListenerFace;
import io.twinport.core.StoredOptions;
import io.twinport.core.SwitchListener;
import io.twinport.registry.Waiter;
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
    implements SanChannel, ListenerFace<SocketChannel> {
  private final TwinSelectorProvider provider;
  private final ServerSocketChannel tcp;
  private final SanKeys sanKeys = new SanKeys();
  private final SwitchListener<SocketChannel> listener;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock

  /** Whether TCP is, whatever else was not done. */
  private boolean bound;

  private ServerSocket socket;

  // -- Protected by sanKeys

  /** What stands for both sides in a selector that is not ours, from its first question on. */
  private volatile ReadinessDescriptor foreign;

  /** No selector has a key any more, nor gets one. */
  private boolean released;

  TwinServerSocketChannel(TwinSelectorProvider provider, ProtocolFamily family) throws IOException {
    super(provider);
    this.provider = provider;
    this.tcp = SanAccess.serverChannel(provider, family);
    this.tcp.configureBlocking(false);
    this.listener = new SwitchListener<>(provider.owner(), this);
  }

  // -- What the core asks

  @Override
  public FileDescriptor descriptor() {
    return getFD();
  }

  @Override
  public SocketChannel acceptTcp() throws IOException {
    try {
      SocketChannel accepted = tcp.accept();
      if (accepted != null) {
        try {
          provider.owner().registry().addAcceptedFromTcp(accepted);
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
  public SocketChannel acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited) {
    TwinSocketChannel accepted = new TwinSocketChannel(provider, null);
    accepted.twin.accepted(connection, inherited);
    return accepted;
  }

  @Override
  public void closeTcp() throws IOException {
    if (!isBlocking()) {
      listener.awaitNoAccept(); // As the JDK: none is under way when a non-blocking close returns.
    }
    if (!isRegistered()) {
      release();
      tcp.close();
    }
  }

  @Override
  public void changed() {
    if (!listener.twins().isEmpty()) {
      sanKeys.changed();
    }
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

  // -- Bind

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      tcp.bind(local, backlog);
      bound = true;
    }
    try {
      listener.listen(backlog, this);
    } catch (RuntimeException | Error e) {
      listener.without(e);
    }
    return this;
  }

  // -- Accept

  @Override
  public SocketChannel accept() throws IOException {
    return accept(Long.MAX_VALUE, false);
  }

  /**
   * Accepts within a time, for the socket adaptor.
   *
   * @throws java.net.SocketTimeoutException if nothing arrives in time
   */
  SocketChannel blockingAccept(long nanos) throws IOException {
    return accept(nanos, true);
  }

  private SocketChannel accept(long nanos, boolean mustBlock) throws IOException {
    listener.lock();
    try {
      boolean blocking = isBlocking();
      if (!mustBlock) {
        ClosedBefore.check(isOpen(), blocking);
      } else if (!blocking) {
        throw new IllegalBlockingModeException();
      }
      SocketChannel accepted = null;
      try {
        beginAccept(blocking);
        accepted = blocking ? listener.accept(nanos, false) : listener.tryAccept();
      } finally {
        endAccept(blocking, accepted);
      }
      return accepted;
    } finally {
      listener.unlock();
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
      listener.begin();
    }
  }

  private void endAccept(boolean blocking, SocketChannel accepted)
      throws AsynchronousCloseException, IOException {
    if (!blocking) {
      return;
    }
    listener.end();
    end(accepted != null);
  }

  // -- Close

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    listener.awaitNoAccept(); // One under way in the other mode, as the JDK does.
    ensureOpen(); // What it has waited for may have been its close.
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    try {
      listener.closeAll();
    } catch (RuntimeException | Error e) {
      listener.halfClosed = true; // Stores alone: there may be no stack for a call.
      listener.registry.anyHalfClosed = true;
      throw e;
    }
  }

  /** Of a channel that has a descriptor of its own: whether TCP has somebody to accept. */
  private int tcpReady() {
    try {
      return SanAccess.poll(getFD(), Net.POLLIN, 0) != 0 ? Net.POLLIN : 0;
    } catch (IOException e) {
      Log.debug(() -> "poll of " + localAddress() + ": " + Log.cause(e));
      return Net.POLLIN; // Accept will tell.
    }
  }

  /** Called by the selector that held the last key. */
  @Override
  public void kill() {
    release();
    try {
      tcp.close();
    } catch (IOException e) {
      Log.debug(() -> "close of " + localAddress() + ": " + Log.cause(e));
    }
  }

  /** The local address, also after closing; null before it is bound. */
  InetSocketAddress localAddress() {
    return listener.localAddress();
  }

  @Override
  public Waiter waiter() {
    return sanKeys.waiter(SelectionKey.OP_ACCEPT);
  }

  // -- For selectors

  @Override
  public SanKeys sanKeys() {
    return sanKeys;
  }

  @Override
  public boolean isOnSan() {
    return !listener.twins().isEmpty() && isOpen();
  }

  @Override
  public boolean isInKernel() {
    return true;
  }

  @Override
  public int sanReady(int interestOps) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && listener.isReady() ? Net.POLLIN : 0;
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && listener.arm(seat);
  }

  @Override
  public void sanDisarm() {
    listener.twins().disarm();
  }

  @Override
  public FileDescriptor getFD() {
    return ((SelChImpl) tcp).getFD();
  }

  @Override
  public int getFDVal() {
    int tcpFd = ((SelChImpl) tcp).getFDVal();
    ReadinessDescriptor descriptor;
    synchronized (sanKeys) {
      if (foreign == null && sanKeys.isEmpty() && !released) {
        openForForeignSelector(tcpFd);
      }
      descriptor = foreign;
      if (descriptor != null || !sanKeys.isEmpty()) {
        return descriptor != null ? descriptor.number() : tcpFd;
      }
    }
    // A selector that is not ours sees TCP only, so clients have to come over TCP.
    listener.drop(Reason.FOREIGN_SELECTOR);
    return tcpFd;
  }

  /** Makes, if it can, where a selector that is not ours waits for clients of either kind. */
  private void openForForeignSelector(int tcpFd) {
    if (!listener.twins().isEmpty()) {
      try {
        foreign = new ReadinessDescriptor(this, tcpFd);
        sanKeys.addForeign(foreign);
      } catch (IOException e) {
        Log.debug(() -> "a selector can't wait for the SAN: " + Log.cause(e));
      }
    }
  }

  private void release() {
    ReadinessDescriptor descriptor;
    synchronized (sanKeys) {
      released = true;
      descriptor = foreign;
    }
    if (descriptor != null) {
      try {
        descriptor.close();
      } catch (IOException e) {
        Log.debug(() -> "close of what stands for " + localAddress() + ": " + Log.cause(e));
      }
    }
  }

  @Override
  public int translateInterestOps(int ops) {
    ReadinessDescriptor descriptor = foreign;
    if (descriptor != null) {
      return descriptor.translateInterest(ops);
    }
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

  private boolean translate(int reported, int initialOps, SelectionKeyImpl key) {
    if (key.selector() instanceof TwinSelector selector) {
      selector.reported(sanKeys);
    }
    int interest = key.nioInterestOps();
    ReadinessDescriptor descriptor = foreign;
    int ops =
        descriptor == null || (reported & (Net.POLLNVAL | Net.POLLERR | Net.POLLHUP)) != 0
            ? reported
            : descriptor.ready(interest) | tcpReady();
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
