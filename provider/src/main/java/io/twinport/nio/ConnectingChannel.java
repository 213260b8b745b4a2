package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.config.Rules;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.NoConnectionPendingException;
import sun.nio.ch.SanAccess;

/**
 * The part of {@link TwinSocketChannel} that connects: decides the path, waits for the outcome, and
 * falls back to TCP (SPEC C1 to C5).
 */
abstract class ConnectingChannel extends TransferringChannel {
  final ProtocolFamily family;

  // -- Protected by stateLock; volatile fields are read without it.

  /** What the application has set, as long as there is no TCP socket to ask. */
  final StoredOptions options = new StoredOptions();

  /** The JDK's channel, if there is one: for a bound address, or because TCP is the path. */
  TcpChannel tcp;

  /** The mode that a TCP channel made now has to have. */
  private boolean blockingMode = true;

  /** Whether keys belong into the kernel's wait: TCP is the path and its connect has begun. */
  volatile boolean inKernel;

  /** Whether the SAN connection is up, though the application may not have been told yet. */
  volatile boolean sanUp;

  /** How a non-blocking connect has failed, until the application is told. */
  volatile IOException connectFailure;

  private InetSocketAddress localOnSan;
  private int nextProvider;
  private SanProvider asked;
  private boolean sanRequired;
  Reason reason;
  InetSocketAddress remoteAddress;

  ConnectingChannel(TwinSelectorProvider provider, ProtocolFamily family, boolean interruptible) {
    super(provider, interruptible);
    this.family = family;
  }

  /** Returns the TCP channel, made now if there is none, with the options that were set. */
  final TcpChannel tcp() throws IOException {
    if (tcp == null) {
      TcpChannel made = TcpChannel.open(provider(), family, this);
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

  /** Sets the options that were set here on the TCP socket that takes this channel's place. */
  final void replayOptions(StoredOptions.Target target) throws IOException {
    synchronized (stateLock) {
      options.replay(target);
    }
  }

  @Override
  protected final void implConfigureBlocking(boolean block) throws IOException {
    reader.lock();
    try {
      writer.lock();
      try {
        nobodyIsIn(); // While both locks are held.
        TcpChannel behind;
        synchronized (stateLock) {
          ensureOpen();
          blockingMode = block;
          behind = connectFailure == null ? tcp : null; // That one is closed.
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

  final void tellUrgentInline() throws IOException {
    if (sanUp && state == CONNECTED && options.isSet(SanAccess.oobInline())) {
      san.takeUrgentInline(options.get(SanAccess.oobInline()));
    }
  }

  @Override
  public final boolean isConnected() {
    return state == CONNECTED;
  }

  @Override
  public final boolean isConnectionPending() {
    return state == PENDING;
  }

  @Override
  public final boolean connect(SocketAddress remote) throws IOException {
    return connect(SocketAddresses.checkRemote(remote, family), Long.MAX_VALUE, false);
  }

  /** Connects within a time, SAN and TCP together, for the socket adaptor (SPEC C4). */
  final void blockingConnect(SocketAddress remote, long nanos) throws IOException {
    connect(SocketAddresses.checkRemote(remote, family), nanos, true);
  }

  private boolean connect(InetSocketAddress remote, long nanos, boolean mustBlock)
      throws IOException {
    try {
      reader.lock();
      try {
        writer.lock();
        try {
          boolean blocking = isBlocking();
          if (mustBlock && !blocking) {
            throw new IllegalBlockingModeException();
          }
          if (!mustBlock) { // The JDK's socket adaptor does not look first.
            ClosedBefore.check(this, blocking);
          }
          owner.registry().closeRest();
          long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
          try {
            if (connectOnSan(remote, blocking, nanos)) {
              return true;
            }
          } catch (ConnectException e) {
            throw mustBlock || (blocking && VirtualThreads.isCurrent())
                ? Refusals.whenPolling(e)
                : Refusals.whenConnecting(e);
          }
          long remaining = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
          return connectOnTcp(remote, blocking, mustBlock, Math.max(1, remaining));
        } finally {
          writer.unlock();
        }
      } finally {
        reader.unlock();
      }
    } catch (IOException e) {
      close(); // A failed connect closes the channel, as the JDK's does.
      throw e;
    }
  }

  /**
   * Connects on the SAN or not at all, for a socket whose TCP side is not here.
   *
   * @param boundTo the local address that the socket is bound to, or null
   * @param shared whether the kernel would let others be bound to that address, too
   * @return false if TCP has to be used; {@link #reason} tells why, and the channel is of no more
   *     use
   */
  final boolean connectOnSanOnly(
      InetSocketAddress remote, InetSocketAddress boundTo, boolean shared, long nanos)
      throws IOException {
    reader.lock();
    try {
      localOnSan = boundTo;
      if (shared) {
        reason = Reason.BOUND_ADDRESS;
      }
      return connectOnSan(remote, true, nanos);
    } catch (ConnectException e) {
      throw nanos == Long.MAX_VALUE && !VirtualThreads.isCurrent()
          ? Refusals.whenConnecting(e)
          : Refusals.whenPolling(e);
    } finally {
      reader.unlock();
    }
  }

  /**
   * Begins on the SAN, and waits for the outcome if blocking. Returns whether the channel is
   * connected; if not, a connect is pending or TCP has to be used.
   */
  private boolean connectOnSan(InetSocketAddress remote, boolean blocking, long nanos)
      throws IOException {
    boolean connected = false;
    try {
      reader.begin(blocking);
      synchronized (stateLock) {
        ensureOpen();
        if (state == CONNECTED) {
          throw new AlreadyConnectedException();
        }
        if (state == PENDING) {
          throw new ConnectionPendingException();
        }
        state = PENDING;
        remoteAddress = remote;
        chooseRoute(remote);
      }
      tryNextProvider(remote);
      if (!blocking) {
        begun();
      }
      if (blocking && san != null) {
        connected = awaitSan(remote, nanos);
      } else if (san != null) {
        sanKeys().changed(); // A key that is there already has something to wait for now.
      }
    } finally {
      reader.end(blocking, connected);
    }
    return connected;
  }

  private void chooseRoute(InetSocketAddress remote) throws IOException {
    Rules.Use use = owner.rules().use(Rules.Call.CONNECT, remote.getAddress(), remote.getPort());
    sanRequired = use == Rules.Use.SAN;
    if (use == Rules.Use.TCP) {
      reason = Reason.RULE;
    } else if (owner.registry().isOff(remote.getPort())) {
      reason = Reason.SWITCHED_OFF;
    } else if (reason == null && owner.settings().providers().isEmpty()) {
      reason = Reason.NO_PROVIDER;
    } else if (tcp != null && tcp.local() != null && isShared(tcp)) {
      reason = Reason.BOUND_ADDRESS;
    } else if (reason == null && isOfTheOtherFamily(boundTo(), remote)) {
      reason = Reason.BOUND_ADDRESS; // TCP says what is wrong with it.
    }
    nextProvider = reason == null ? 0 : Integer.MAX_VALUE;
  }

  /** The local address that the channel is bound to, or null. */
  private InetSocketAddress boundTo() {
    return tcp == null ? localOnSan : (InetSocketAddress) tcp.local();
  }

  /** Whether one is an IPv4 and the other an IPv6 address; a wildcard goes with both. */
  private static boolean isOfTheOtherFamily(InetSocketAddress bound, InetSocketAddress remote) {
    return bound != null
        && !bound.getAddress().isAnyLocalAddress()
        && bound.getAddress() instanceof Inet4Address
            != remote.getAddress() instanceof Inet4Address;
  }

  /**
   * Whether others may be bound to the channel's address as well, and connect from it over TCP,
   * where only the kernel sees to it that no two connections of a server have one address.
   */
  private static boolean isShared(NetworkChannel bound) throws IOException {
    return bound.getOption(StandardSocketOptions.SO_REUSEADDR)
        || (bound.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
            && bound.getOption(StandardSocketOptions.SO_REUSEPORT));
  }

  /**
   * Begins to connect with the next provider that reaches the destination, if there is one.
   *
   * @throws ConnectException if the connect is refused for good
   */
  private void tryNextProvider(InetSocketAddress remote) throws IOException {
    san = null;
    SanProvider[] providers = nextProvider == Integer.MAX_VALUE ? null : owner.providers().all();
    while (providers != null && nextProvider < providers.length) {
      SanProvider next = providers[nextProvider++];
      try {
        if (next.reaches(remote.getAddress())) {
          asked = next;
          san = next.connect(remote, boundTo());
          san.attach(this);
          return;
        }
        if (reason == null) {
          reason = Reason.NOT_LOCAL;
        }
      } catch (SanUnavailableException e) {
        reason = e.reason();
      } catch (ConnectException e) {
        throw e; // Refused for good: TCP would be, too.
      } catch (IOException | RuntimeException | Error e) {
        reason = Reason.PROVIDER_FAILED;
        withdraw();
        owner.providers().failed(next, "no connection to " + remote, e);
      }
    }
    if (reason == null) {
      reason = Reason.NO_PROVIDER;
    }
    if (sanRequired) {
      throw new ConnectException("A rule requires the SAN: " + reason.text());
    }
  }

  /** Gives up what was begun with a provider that has failed, before another way is tried. */
  private void withdraw() {
    SanConnection connection = san;
    san = null;
    if (connection != null && !isCancelled(connection)) {
      connection.abort();
    }
  }

  /** Cancels a connect; false if the provider fails at that, too, and nobody knows its outcome. */
  private static boolean isCancelled(SanConnection connection) {
    try {
      return connection.cancelConnect();
    } catch (RuntimeException e) {
      Log.debug(() -> "cancelling a connect: " + Log.cause(e));
      return false;
    }
  }

  /** Waits for the SAN's outcome; returns false if TCP is to be tried or the channel was closed. */
  private boolean awaitSan(InetSocketAddress remote, long nanos) throws IOException {
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    while (isOpen()) {
      SanConnection connection = san;
      try {
        if (finish(connection)) {
          return becomeConnected();
        }
      } catch (SanUnavailableException e) {
        reason = e.reason();
        tryNextProvider(remote);
        if (san == null) {
          return false;
        }
        continue;
      } catch (ConnectException e) {
        throw e; // Refused for good.
      } catch (IOException | RuntimeException e) {
        IOException failure = outcomeOf(e);
        if (failure != null) {
          throw failure;
        }
        tryNextProvider(remote);
        if (san == null) {
          return false;
        }
        continue;
      }
      long remaining = Long.MAX_VALUE;
      if (nanos != Long.MAX_VALUE) {
        remaining = nanos - (System.nanoTime() - start);
        if (remaining <= 0) {
          if (connection.cancelConnect()) {
            throw new SocketTimeoutException("Connect timed out");
          }
          continue; // The server has taken it at the last moment.
        }
        if (!sanRequired && !asked.isStarted()) {
          remaining -= nanos / 2; // A start may take long: that much is TCP's.
          if (remaining <= 0) {
            var unused = connection.cancelConnect(); // Has its outcome now, whatever it is.
            continue;
          }
        }
      }
      reader.await(connection, NetworkEvent.CONNECT, remaining);
    }
    return false;
  }

  /**
   * What becomes of a connect that its provider has begun and then failed at: null if another way
   * may be tried, else what the application is to hear. The server may have it then, and TCP would
   * be a second connection.
   */
  private IOException outcomeOf(Exception thrown) {
    if (isCancelled(san)) {
      reason = Reason.PROVIDER_FAILED;
      owner.providers().failed(asked, "no connection to " + remoteAddress, thrown);
      return null;
    }
    return thrown instanceof IOException plain
        ? plain
        : new IOException("the SAN has failed: " + Log.cause(thrown), thrown);
  }

  /** As {@link SanConnection#finishConnect}; a refusal is counted. */
  private boolean finish(SanConnection connection) throws IOException {
    try {
      return connection.finishConnect();
    } catch (ConnectException e) {
      owner.registry().countRefused();
      throw e;
    }
  }

  private boolean becomeConnected() throws IOException {
    synchronized (stateLock) {
      if (state != PENDING) {
        return false; // Closed meanwhile.
      }
      sanUp = true;
      reason = null;
      state = CONNECTED;
      options.connected(false);
      tellUrgentInline();
    }
    announce();
    sanKeys().changed(); // A key may have been interested in reading all along.
    return true;
  }

  /**
   * Connects over TCP, unless a non-blocking connect has begun; that one is not connected yet.
   *
   * @param polls if blocking, whether as the JDK's socket adaptor does, within a time
   */
  private boolean connectOnTcp(
      InetSocketAddress remote, boolean blocking, boolean polls, long nanos) throws IOException {
    TcpChannel path;
    synchronized (stateLock) {
      if (san != null || tcpPath != null || connectFailure != null) {
        return false; // Pending, and a selector may have gone on to TCP with it already.
      }
      if (state != PENDING) {
        throw new AsynchronousCloseException();
      }
      path = tcp();
      tcpPath = path; // From here on, closing this channel closes that one.
    }
    boolean connected;
    try {
      if (blocking && polls) {
        path.connectWithin(remote, nanos);
        connected = true;
      } else {
        connected = path.connect(remote);
      }
    } finally {
      enterKernel();
    }
    return connected && becomeConnectedOnTcp();
  }

  /** Not before connect was called: epoll reports an unconnected socket as ready for everything. */
  private void enterKernel() {
    inKernel = true;
    sanKeys().changed();
  }

  private boolean becomeConnectedOnTcp() throws AsynchronousCloseException {
    synchronized (stateLock) {
      if (state != PENDING) {
        throw new AsynchronousCloseException();
      }
      state = CONNECTED;
    }
    announce();
    return true;
  }

  @Override
  public final boolean finishConnect() throws IOException {
    try {
      reader.lock();
      try {
        writer.lock();
        try {
          if (isConnected()) {
            return true;
          }
          boolean blocking = isBlocking();
          ClosedBefore.check(this, blocking);
          try {
            if (tcpPath == null && finishOnSan(blocking)) {
              return true;
            }
          } catch (ConnectException e) {
            throw Refusals.whenPolling(e);
          }
          if (tcpPath == null && blocking) {
            return connectOnTcp(remoteAddress, true, true, Long.MAX_VALUE);
          }
          ensureOpen();
          TcpChannel path = tcpPath;
          return path != null && path.finishConnect() && becomeConnectedOnTcp();
        } finally {
          writer.unlock();
        }
      } finally {
        reader.unlock();
      }
    } catch (IOException e) {
      close(); // A failed connect closes the channel, as the JDK's does.
      throw e;
    }
  }

  private boolean finishOnSan(boolean blocking) throws IOException {
    boolean connected = false;
    try {
      reader.begin(blocking);
      synchronized (stateLock) {
        ensureOpen();
        if (state != PENDING) {
          throw new NoConnectionPendingException();
        }
      }
      if (blocking && connectFailure == null) {
        connected = awaitSan(remoteAddress, Long.MAX_VALUE);
      } else if (resolve()) {
        if (connectFailure != null) {
          throw connectFailure;
        }
        connected = tcpPath == null && becomeConnected();
      }
    } finally {
      reader.end(blocking, connected);
    }
    return connected;
  }

  /**
   * Looks at the outcome of a non-blocking connect and, if the SAN can't be used, begins on TCP.
   * The selector calls this too: OP_CONNECT is due only when the last word is spoken (SPEC C2).
   * Returns whether it is spoken, or is TCP's to speak.
   */
  final boolean resolve() {
    synchronized (stateLock) {
      while (state == PENDING && !sanUp && tcpPath == null && connectFailure == null) {
        try {
          if (!finish(san)) {
            return false;
          }
          sanUp = true;
        } catch (SanUnavailableException e) {
          reason = e.reason();
          fallBack();
        } catch (ConnectException e) {
          connectFailure = e; // Refused for good.
        } catch (IOException | RuntimeException e) {
          connectFailure = outcomeOf(e);
          if (connectFailure == null) {
            fallBack();
          }
        }
      }
      return true;
    }
  }

  /** Under the state lock: whether the path is still to be chosen, outside it, by who connects. */
  final boolean isChoosingPath() {
    return state == PENDING && san == null && tcpPath == null && connectFailure == null;
  }

  /** Gives a pending connect on the SAN up for TCP, unless it has its outcome. Never blocks. */
  final void leaveSan(Reason why) {
    synchronized (stateLock) {
      if (state != PENDING || sanUp || tcpPath != null || connectFailure != null) {
        return;
      }
      nextProvider = Integer.MAX_VALUE;
      if (san != null && !san.cancelConnect()) {
        resolve();
      } else if (san == null || !isFinal(san)) {
        reason = why;
        fallBack();
      }
    }
  }

  /** Whether a connect that was given up has failed in a way that TCP can't mend; notes that. */
  private boolean isFinal(SanConnection connection) {
    try {
      var unused = finish(connection); // Throws how it has failed.
    } catch (ConnectException e) {
      connectFailure = e;
    } catch (IOException | RuntimeException e) {
      Log.debug(() -> "a connect goes to TCP: " + Log.cause(e));
    }
    return connectFailure != null;
  }

  private void fallBack() {
    try {
      tryNextProvider(remoteAddress);
      if (san != null) {
        return;
      }
      TcpChannel path = tcp();
      path.configureBlocking(false);
      path.connect(remoteAddress); // Never blocks. Even if it is connected now, the kernel tells.
      tcpPath = path;
      enterKernel();
    } catch (IOException e) {
      connectFailure = e;
    }
  }

  @Override
  final boolean closeResets() {
    return options.closeResets();
  }

  @Override
  final boolean closeWithdraws(SanConnection connection) {
    return !sanUp && connection.cancelConnect();
  }

  /** Tells the registry of a connect that goes on without a thread. */
  abstract void begun();

  /** Tells the registry of a connection that is up. */
  abstract void announce();
}
