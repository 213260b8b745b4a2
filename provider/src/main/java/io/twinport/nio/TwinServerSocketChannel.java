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
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
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
final class TwinServerSocketChannel extends ServerSocketChannel implements SanChannel {
  private final Switch owner;
  private final TwinSelectorProvider provider;
  private final ServerSocketChannel tcp;
  private final int tcpFd;
  private final SanKeys sanKeys = new SanKeys();

  /** A look at TCP is a system call. */
  private static final long TCP_LOOK_NANOS = 4_000;

  /** Held by the thread that accepts. */
  private final ReentrantLock acceptLock = new ReentrantLock();

  // -- Protected by acceptLock
  private boolean sanTurn = true;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock
  private volatile SanListeners listeners = SanListeners.none(null);
  private InetSocketAddress localAddress;
  private volatile Map<SocketOption<?>, Object> setOptions = Map.of();
  private AcceptWait acceptWait;
  private boolean accepting;
  private boolean closing;
  private ServerSocket socket;

  TwinServerSocketChannel(TwinSelectorProvider provider, ProtocolFamily family) throws IOException {
    super(provider);
    this.provider = provider;
    this.owner = provider.owner();
    this.tcp = SanAccess.serverChannel(provider, family);
    this.tcp.configureBlocking(false);
    this.tcpFd = ((SelChImpl) tcp).getFDVal();
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
    synchronized (stateLock) {
      Map<SocketOption<?>, Object> more = new HashMap<>(setOptions);
      more.put(name, tcp.getOption(name));
      setOptions = Map.copyOf(more); // What is accepted from the SAN inherits it, as from TCP.
    }
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
    InetSocketAddress bound;
    synchronized (stateLock) {
      ensureOpen();
      tcp.bind(local, backlog);
      bound = (InetSocketAddress) tcp.getLocalAddress();
      localAddress = bound;
    }
    // Outside the lock: a provider may have to start, and the channel may be closed meanwhile.
    SanListeners opened =
        isPortShared() ? SanListeners.none(Reason.REUSE_PORT) : openTwin(bound, backlog);
    boolean tooLate;
    synchronized (stateLock) {
      tooLate = closing;
      if (!tooLate) {
        listeners = opened;
      }
    }
    if (tooLate) {
      opened.close();
      return this;
    }
    owner.registry().add(this);
    if (!opened.isEmpty()) {
      sanKeys.changed();
    }
    return this;
  }

  private SanListeners openTwin(InetSocketAddress bound, int backlog) {
    return SanListeners.open(owner, bound, backlog, this);
  }

  /** With SO_REUSEPORT, the kernel may give a connection to another process; the SAN would not. */
  private boolean isPortShared() throws IOException {
    return tcp.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
        && tcp.getOption(StandardSocketOptions.SO_REUSEPORT);
  }

  // -- Accept

  @Override
  public SocketChannel accept() throws IOException {
    acceptLock.lock();
    try {
      boolean blocking = isBlocking();
      SocketChannel accepted = null;
      try {
        beginAccept(blocking);
        accepted = tryAccept();
        while (blocking && accepted == null && isOpen()) {
          await(Long.MAX_VALUE);
          accepted = tryAccept();
        }
      } finally {
        endAccept(blocking, accepted);
      }
      return accepted;
    } finally {
      acceptLock.unlock();
    }
  }

  /**
   * Accepts within a time, for the socket adaptor.
   *
   * @throws SocketTimeoutException if nothing arrives in time
   */
  SocketChannel blockingAccept(long nanos) throws IOException {
    acceptLock.lock();
    try {
      if (!isBlocking()) {
        throw new IllegalBlockingModeException();
      }
      SocketChannel accepted = null;
      try {
        beginAccept(true);
        long start = System.nanoTime();
        accepted = tryAccept();
        while (accepted == null && isOpen()) {
          long remaining = nanos - (System.nanoTime() - start);
          if (remaining <= 0) {
            throw new SocketTimeoutException("Accept timed out");
          }
          await(remaining);
          accepted = tryAccept();
        }
      } finally {
        endAccept(true, accepted);
      }
      return accepted;
    } finally {
      acceptLock.unlock();
    }
  }

  private void beginAccept(boolean blocking) throws IOException {
    if (blocking) {
      begin(); // Closes the channel if the thread is interrupted.
    }
    synchronized (stateLock) {
      ensureOpen();
      if (localAddress == null) {
        throw new NotYetBoundException();
      }
      if (blocking) {
        if (acceptWait == null) {
          acceptWait = AcceptWait.open(tcpFd);
        }
        // Before the closer can find the seat: a post that is forgotten here is of an older accept.
        acceptWait.begin();
        accepting = true;
      }
    }
  }

  private void endAccept(boolean blocking, SocketChannel accepted)
      throws AsynchronousCloseException, IOException {
    if (!blocking) {
      return;
    }
    synchronized (stateLock) {
      accepting = false;
      if (closing) {
        releaseWait();
      }
    }
    end(accepted != null);
  }

  /** Takes one arrival from TCP or the SAN, in turns when both have some (SPEC A6). */
  private SocketChannel tryAccept() throws IOException {
    if (!isOpen()) {
      return null;
    }
    if (listeners.isEmpty()) {
      return acceptTcp();
    }
    boolean sanFirst = sanTurn || !tcpHasArrival();
    SocketChannel accepted = sanFirst ? acceptSan() : acceptTcp();
    if (accepted == null) {
      accepted = sanFirst ? acceptTcp() : acceptSan();
    }
    return accepted;
  }

  /** Cheaper than an accept that finds nothing. */
  private boolean tcpHasArrival() throws IOException {
    return SanAccess.poll(getFD(), Net.POLLIN, 0) != 0;
  }

  private SocketChannel acceptTcp() throws IOException {
    sanTurn = true;
    try {
      SocketChannel accepted = tcp.accept();
      if (accepted != null) {
        owner.registry().addAcceptedFromTcp(accepted);
      }
      return accepted;
    } catch (ClosedChannelException e) {
      return null; // Closed by another thread; what ends the accept tells the caller.
    }
  }

  private SocketChannel acceptSan() throws IOException {
    SanConnection connection = listeners.accept();
    if (connection == null) {
      return null;
    }
    sanTurn = false;
    return TwinSocketChannel.accepted(provider, connection, setOptions);
  }

  private void await(long nanos) throws IOException {
    AcceptWait wait = acceptWait; // Not taken away while this thread accepts.
    WaitPolicy.Past past = WaitPolicy.Past.ofCurrentThread();
    if (!spin(wait, past)) {
      wait.await(listeners, owner.providers(), nanos, this::isOpen);
    }
    past.event(System.nanoTime());
  }

  private boolean spin(AcceptWait wait, WaitPolicy.Past past) throws IOException {
    long now = System.nanoTime();
    long budget = listeners.isEmpty() ? 0 : owner.waitPolicy().begin(past, now);
    if (budget == 0) {
      return false;
    }
    boolean hit = false;
    try {
      long end = now + budget;
      long tcpAt = now;
      for (int looks = 1; !hit && now - end < 0; looks++) {
        owner.providers().poll(false);
        hit = listeners.isReady() || !isOpen();
        if (!hit && now - tcpAt >= 0) {
          hit = wait.tcpIsReady();
          tcpAt = now + TCP_LOOK_NANOS;
        }
        if (!hit) {
          if (looks % WaitPolicy.LOOKS_BETWEEN_CLOCKS == 0) {
            now = System.nanoTime();
          }
          Thread.onSpinWait();
        }
      }
      return hit;
    } finally {
      owner.waitPolicy().ended(past, hit, System.nanoTime());
    }
  }

  // -- Close

  @Override
  protected void implConfigureBlocking(boolean block) throws IOException {
    acceptLock.lock(); // Waits for an accept that is under way in the other mode, as the JDK does.
    acceptLock.unlock();
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    boolean blocking = isBlocking();
    SanListeners closed;
    synchronized (stateLock) {
      closing = true;
      closed = listeners;
    }
    closed.close(); // Before TCP's port is free: its next owner's twin needs the name.
    synchronized (stateLock) {
      if (accepting) {
        acceptWait.post(null);
      } else {
        releaseWait();
      }
    }
    if (!blocking) {
      acceptLock.lock(); // As the JDK: no accept is under way when a non-blocking close returns.
      acceptLock.unlock();
    }
    if (!isRegistered()) {
      tcp.close();
    }
    owner.registry().remove(this);
  }

  private void releaseWait() throws IOException {
    AcceptWait wait = acceptWait;
    acceptWait = null;
    if (wait != null) {
      wait.close();
    }
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

  /** The local address, also after the channel is closed; null before it is bound. */
  InetSocketAddress localAddress() {
    synchronized (stateLock) {
      return localAddress;
    }
  }

  boolean hasTwin() {
    return !listeners.isEmpty();
  }

  /** Why there is no twin, or null if there is one or the channel is not bound. */
  Reason reason() {
    return listeners.reason();
  }

  /** Sends new clients to TCP for a reason, or takes them again (null). */
  void refuse(Reason why) {
    listeners.refuse(why);
  }

  // -- For selectors

  @Override
  public SanKeys sanKeys() {
    return sanKeys;
  }

  @Override
  public boolean isOnSan() {
    return !listeners.isEmpty() && isOpen();
  }

  @Override
  public boolean isInKernel() {
    return true;
  }

  @Override
  public int sanReady(int interestOps) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && listeners.isReady() ? Net.POLLIN : 0;
  }

  @Override
  public boolean sanArm(int interestOps, Seat seat) {
    return (interestOps & SelectionKey.OP_ACCEPT) != 0 && listeners.arm(seat);
  }

  @Override
  public void sanDisarm() {
    listeners.disarm();
  }

  @Override
  public FileDescriptor getFD() {
    return ((SelChImpl) tcp).getFD();
  }

  @Override
  public int getFDVal() {
    if (sanKeys.isEmpty()) {
      dropTwin();
    }
    return tcpFd;
  }

  /** A selector that is not ours sees TCP only, so clients have to come over TCP. */
  private void dropTwin() {
    SanListeners dropped;
    synchronized (stateLock) {
      dropped = listeners;
      listeners = SanListeners.none(Reason.FOREIGN_SELECTOR);
    }
    if (!dropped.isEmpty()) {
      dropped.close();
    }
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
