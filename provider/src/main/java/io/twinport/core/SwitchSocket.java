package io.twinport.core;

import io.twinport.jdk.Refusals;
import io.twinport.registry.HalfClosed;
import io.twinport.registry.RegisteredConnection;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.Map;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEvents;

/**
 * One end of a stream whose path, the SAN or TCP, is decided when it connects. It has no descriptor
 * until TCP turns out to be needed. What its users see, a channel, a socket or an asynchronous
 * channel, is a {@link SocketFace} of it.
 *
 * <p>The route is undecided while {@link #san} and {@link #tcpPath} are null; both are fields, not
 * an object of their own, because each idle connection has them and each operation reads them.
 */
public final class SwitchSocket extends HalfClosed implements RegisteredConnection {
  static final int UNCONNECTED = 0;
  static final int PENDING = 1;
  static final int CONNECTED = 2;
  static final int CLOSING = 3;

  final Switch owner;
  final SocketFace face;

  /** Whose lock is held by the thread that reads from the SAN, or connects. */
  public final ReadHalf reader = new ReadHalf(this);

  /** Whose lock is held by the thread that writes to the SAN, or connects. */
  public final WriteHalf writer = new WriteHalf(this);

  /**
   * Held by any thread that changes what follows. No blocking operation under it. May be held when
   * {@link SocketFace#isRegistered} is asked; so nothing a registration calls may take it.
   */
  final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.

  /** Grows only. */
  volatile int state;

  /** The connection on the SAN, pending or up. */
  volatile SanConnection san;

  /** Whether the SAN connection is up, though the application may not have been told yet. */
  volatile boolean sanUp;

  /** The JDK's channel, once it is certain that TCP is the path. */
  volatile TcpChannel tcpPath;

  /** Whether TCP is the path and its connect has begun: keys belong into the kernel's wait. */
  volatile boolean inKernel;

  /** The connect that is pending; null before, and once it has succeeded. */
  volatile ConnectAttempt attempt;

  /** What the application has set, as long as there is no TCP socket to ask. */
  private final StoredOptions options = new StoredOptions();

  /** The JDK's channel, if there is one: for a bound address, or because TCP is the path. */
  TcpChannel tcp;

  /** The mode that a TCP channel made now has to have. */
  private boolean blockingMode;

  private InetSocketAddress remoteAddress;
  private boolean accepted;
  private int opened;
  Reason reason;
  private boolean sanClosed;

  /** An unconnected socket. */
  public SwitchSocket(Switch owner, SocketFace face) {
    super(owner.registry());
    this.owner = owner;
    this.face = face;
    this.blockingMode = face.isBlocking();
  }

  /**
   * Becomes the server's end of a connection that came over the SAN.
   *
   * @param inherited the options that its listener had set
   */
  public SwitchSocket accepted(SanConnection connection, Map<SocketOption<?>, Object> inherited) {
    try {
      SocketAddresses.checkAcceptPermission(connection.remoteAddress());
    } catch (SecurityException e) {
      connection.abort();
      throw e;
    }
    synchronized (stateLock) {
      san = connection;
      sanUp = true;
      accepted = true;
      opened = Switch.tenths();
      remoteAddress = connection.remoteAddress();
      state = CONNECTED;
      options.inherit(inherited);
      options.connected(true);
    }
    connection.attach(face);
    owner.registry().accepted(this, null);
    Half.opened(connection, true);
    return this;
  }

  // -- State

  boolean isOpen() {
    return face.isOpen();
  }

  void ensureOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  /** Returns the connection on the SAN, or null if TCP is the path. */
  SanConnection ensureOpenAndConnected() throws ClosedChannelException {
    int now = state;
    if (now < CONNECTED) {
      throw new NotYetConnectedException();
    } else if (now > CONNECTED) {
      throw new ClosedChannelException();
    }
    return tcpPath == null ? san : null;
  }

  void ensurePending() throws ClosedChannelException {
    synchronized (stateLock) {
      ensureOpen();
      if (state != PENDING) {
        throw new NoConnectionPendingException();
      }
    }
  }

  public boolean isUnconnected() {
    return state == UNCONNECTED;
  }

  public boolean isPending() {
    return state == PENDING;
  }

  public boolean isConnected() {
    return state == CONNECTED;
  }

  /** The JDK's channel, once it is certain that TCP is the path; else null. */
  public TcpChannel tcpPath() {
    return tcpPath;
  }

  /** Whether TCP is the path and its connect has begun: it belongs into the kernel's wait. */
  public boolean isInKernel() {
    return inKernel;
  }

  /** Follows the TCP channel when an interrupt has closed it. */
  void followTcp(TcpChannel followed) throws IOException {
    if (!followed.isOpen()) {
      face.close();
    }
  }

  /** As the JDK records; what turned out to be TCP's it has recorded itself. */
  boolean isRecorded(boolean completed) {
    return tcpPath == null
        && state >= CONNECTED
        && (completed || (SanEvents.recordsFailures() && isOpen()));
  }

  /** Returns the TCP channel, made now if there is none, with the options that were set. */
  TcpChannel tcp() throws IOException {
    if (tcp == null) {
      TcpChannel made = face.openTcp();
      try {
        options.replay(made::setOption);
        made.configureBlocking(blockingMode);
      } catch (IOException e) {
        made.close();
        made.releaseDescriptor();
        throw e;
      }
      tcp = made;
    }
    return tcp;
  }

  /** Sets the mode of what is behind the face, which is in that mode when this returns. */
  public void configureBlocking(boolean block) throws IOException {
    reader.lock();
    try {
      writer.lock();
      try {
        nobodyIsIn(); // While both locks are held.
        TcpChannel behind;
        synchronized (stateLock) {
          ensureOpen();
          blockingMode = block;
          behind = hasFailed() ? null : tcp; // That one is closed.
        }
        if (behind != null) {
          behind.configureBlocking(block); // Waits for its readers; so not under the state lock.
        }
      } finally {
        writer.unlock();
      }
    } finally {
      reader.unlock();
    }
  }

  // -- Connect

  /**
   * Connects over the SAN, else over TCP; a failure closes the face, as the JDK's does.
   *
   * @param nanos how long both together may take; {@link Long#MAX_VALUE} for ever
   * @param mustBlock whether as the JDK's socket adaptor does, within that time
   * @return false if the mode is not blocking and the connect goes on
   */
  public boolean connect(InetSocketAddress remote, long nanos, boolean mustBlock)
      throws IOException {
    try {
      reader.lock();
      try {
        writer.lock();
        try {
          boolean blocking = face.isBlocking();
          if (mustBlock && !blocking) {
            throw new IllegalBlockingModeException();
          }
          if (!mustBlock) { // The JDK's socket adaptor does not look first.
            ClosedBefore.check(isOpen(), blocking);
          }
          owner.registry().closeRest();
          return new ConnectAttempt(this, remote, null).connect(blocking, mustBlock, nanos);
        } finally {
          writer.unlock();
        }
      } finally {
        reader.unlock();
      }
    } catch (IOException e) {
      face.close();
      throw e;
    }
  }

  /**
   * Connects on the SAN or not at all, for a socket whose TCP side is not here.
   *
   * @param boundTo the local address that the socket is bound to, or null
   * @param shared whether the kernel would let others be bound to that address, too
   * @return false if TCP has to be used; {@link #reason} tells why, and this is of no more use
   */
  public boolean connectOnSan(
      InetSocketAddress remote, InetSocketAddress boundTo, boolean shared, long nanos)
      throws IOException {
    reader.lock();
    try {
      if (shared) {
        reason = Reason.BOUND_ADDRESS;
      }
      return new ConnectAttempt(this, remote, boundTo).connectOnSan(true, nanos);
    } catch (ConnectException e) {
      throw nanos == Long.MAX_VALUE && !VirtualThreads.isCurrent()
          ? Refusals.whenConnecting(e)
          : Refusals.whenPolling(e);
    } finally {
      reader.unlock();
    }
  }

  /** As {@link java.nio.channels.SocketChannel#finishConnect}; a failure closes the face. */
  public boolean finishConnect() throws IOException {
    try {
      reader.lock();
      try {
        writer.lock();
        try {
          if (isConnected()) {
            return true;
          }
          boolean blocking = face.isBlocking();
          ClosedBefore.check(isOpen(), blocking);
          ConnectAttempt pending = attempt;
          if (pending == null) {
            pending = new ConnectAttempt(this, null, null); // Says that there is none, as the JDK.
          }
          return pending.finish(blocking);
        } finally {
          writer.unlock();
        }
      } finally {
        reader.unlock();
      }
    } catch (IOException e) {
      face.close();
      throw e;
    }
  }

  /** Under the state lock: a connect has begun. */
  void pending(ConnectAttempt begun, InetSocketAddress remote) {
    attempt = begun;
    opened = Switch.tenths();
    remoteAddress = remote;
    state = PENDING;
  }

  /** The SAN has connected; false if this was closed meanwhile. */
  boolean connectedOnSan() throws IOException {
    synchronized (stateLock) {
      if (state != PENDING) {
        return false;
      }
      sanUp = true;
      reason = null;
      attempt = null;
      state = CONNECTED;
      options.connected(false);
      tellUrgentInline();
    }
    return true;
  }

  /** TCP has connected. */
  void connectedOnTcp() throws AsynchronousCloseException {
    synchronized (stateLock) {
      if (state != PENDING) {
        throw new AsynchronousCloseException();
      }
      attempt = null;
      state = CONNECTED;
    }
  }

  /** Not before connect was called: epoll reports an unconnected socket as ready for everything. */
  void enterKernel() {
    inKernel = true;
    face.changed();
  }

  /**
   * Tells the registry of a connection that is up.
   *
   * @param begun what its begin was recorded as, or null
   */
  void announce(Object begun) {
    owner.connected(this, remoteAddress, tcpPath != null ? reason() : null, begun);
    if (tcpPath == null) {
      Half.opened(san, false);
    }
  }

  /** Tells the registry of a connection over TCP that this has led to, which is elsewhere. */
  public void announceOnTcp(RegisteredConnection connection) {
    owner.connected(connection, remoteAddress, reason(), attempt.begun); // Not SAN: still there.
  }

  /** Whether the application is still to be told that its connect has failed. */
  boolean hasFailed() {
    ConnectAttempt pending = attempt;
    return pending != null && pending.hasFailed();
  }

  // -- Addresses and options

  /** As {@link java.nio.channels.SocketChannel#bind}. */
  public void bind(SocketAddress local) throws IOException {
    reader.lock();
    try {
      writer.lock();
      try {
        synchronized (stateLock) {
          ensureOpen();
          if (state == PENDING) {
            throw new ConnectionPendingException();
          }
          if (localAddress() != null) {
            throw new AlreadyBoundException();
          }
          tcp().bind(local);
        }
      } finally {
        writer.unlock();
      }
    } finally {
      reader.unlock();
    }
  }

  /** The local address, also after it is closed, or null. */
  public InetSocketAddress localAddress() {
    synchronized (stateLock) {
      if (sanUp && tcpPath == null && state >= CONNECTED && attempt == null) {
        return san.localAddress();
      }
      return tcp == null ? null : (InetSocketAddress) tcp.local();
    }
  }

  /** The remote address, also after it is closed, or null. */
  public InetSocketAddress remoteAddress() {
    synchronized (stateLock) {
      return remoteAddress;
    }
  }

  /** Sets an option that was checked. */
  public <T> void setOption(SocketOption<T> name, T value) throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      if (tcp != null) {
        tcp.setOption(name, value);
      }
      if (tcpPath == null) {
        options.set(name, value);
        if (name.equals(SanAccess.oobInline())) {
          tellUrgentInline();
        }
      }
    }
  }

  /** Returns an option that was checked. */
  public <T> T getOption(SocketOption<T> name) throws IOException {
    synchronized (stateLock) {
      ensureOpen();
      return tcp != null ? tcp.getOption(name) : options.get(name);
    }
  }

  /** Sets the options that were set here on the TCP socket that takes this one's place. */
  public void replayOptions(StoredOptions.Target target) throws IOException {
    synchronized (stateLock) {
      options.replay(target);
    }
  }

  private void tellUrgentInline() throws IOException {
    if (sanUp && state == CONNECTED && options.isSet(SanAccess.oobInline())) {
      san.takeUrgentInline(options.get(SanAccess.oobInline()));
    }
  }

  // -- Close

  @Override
  protected void closeAll() throws IOException {
    face.closeAll();
  }

  /**
   * Closes both paths, behind the change that has {@link SocketFace#isOpen} be false. May be called
   * again.
   */
  public void close() throws IOException {
    boolean connectedOnTcp = state == CONNECTED && tcpPath != null;
    closeSan(face.isBlocking()); // The peer may have waited for that: what can be done before is.
    TcpChannel behind;
    synchronized (stateLock) {
      behind = tcp;
    }
    if (behind != null) {
      if (connectedOnTcp && face.isRegistered() && !face.isBlocking() && behind.isOpen()) {
        behind.endOutput();
      }
      behind.close(); // Keeps the descriptor while a selector has a key; kill() closes it then.
      if (!face.isRegistered()) {
        behind.releaseDescriptor();
      }
    }
    if (!face.isRegistered()) {
      face.released();
    }
  }

  /** Is not listed any more. Last of all: there it is found if an Error has ended its close. */
  public void unlist() {
    owner.registry().remove(this);
  }

  /**
   * Ends the SAN's side: at once if no blocking operation is under way, else when that has left.
   */
  private void closeSan(boolean blocking) {
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
  private void nobodyIsIn() {
    synchronized (stateLock) {
      reader.clear();
      writer.clear();
      tryCloseSan();
    }
  }

  /** Under the state lock. */
  void tryCloseSan() {
    SanConnection connection = san;
    if (state != CLOSING
        || reader.isEntered()
        || writer.isEntered()
        || sanClosed
        || connection == null) {
      return;
    }
    if (sanUp || !connection.cancelConnect()) {
      Half.closing(connection, options.closeResets(), face.closesBehindOutput());
      if (options.closeResets()) {
        connection.abort();
      } else if (face.closesBehindOutput()) {
        connection.closeBehindOutput();
      } else {
        connection.close();
      }
    }
    sanClosed = true; // Behind it: what an Error ends is done again.
  }

  /** Called behind the close, when no selector has a key any more. */
  public void kill() throws IOException {
    TcpChannel behind;
    synchronized (stateLock) {
      behind = tcp;
    }
    if (behind != null) {
      behind.releaseDescriptor();
    }
    face.released();
  }

  // -- For the registry

  /** Why it is on TCP; null if it is on the SAN. */
  public Reason reason() {
    synchronized (stateLock) {
      return reason;
    }
  }

  @Override
  public Registry.Connection describe() {
    return ConnectionReport.of(this);
  }

  @Override
  public Registry.Connection identify() {
    InetSocketAddress local = localAddress();
    if (!isConnected() || local == null) {
      return null;
    }
    String provider = tcpPath == null ? san.provider() : null;
    return Registry.Connection.between(local, remoteAddress(), provider, accepted, reason());
  }

  boolean isAccepted() {
    return accepted;
  }

  /** Since when it is there, or was asked for; as {@link Switch#tenths}. */
  int opened() {
    return opened;
  }

  @Override
  public boolean isOf(SanConnection connection) {
    return san == connection;
  }
}
