package io.twinport.core;

import io.twinport.config.Log;
import io.twinport.jdk.Refusals;
import io.twinport.settings.Rules;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ConnectionPendingException;

/**
 * What only a connect of a {@link SwitchSocket} needs: it decides the path, waits for the outcome,
 * and falls back to TCP. The socket lets go of it once it is connected.
 */
final class ConnectAttempt {
  /** No provider is asked any more. */
  private static final int NO_MORE = Integer.MAX_VALUE;

  private final SwitchSocket socket;
  private final Switch owner;
  private final InetSocketAddress remote;

  /** What its begin is recorded as; null if nobody records it. */
  final Object begun;

  /** What a socket is bound to whose TCP side is not here; else null. */
  private final InetSocketAddress boundElsewhere;

  // -- Protected by the socket's state lock; volatile fields are read without it.
  private int nextProvider;
  private SanProvider asked;
  private boolean sanRequired;

  /** Whether the registry was told that a blocking connect goes on. */
  private boolean listed;

  /** How a non-blocking connect has failed, until the application is told. */
  private volatile IOException failure;

  ConnectAttempt(SwitchSocket socket, InetSocketAddress remote, InetSocketAddress boundElsewhere) {
    this.socket = socket;
    this.owner = socket.owner;
    this.remote = remote;
    this.boundElsewhere = boundElsewhere;
    this.begun = owner.registry().events().connectBegins();
  }

  boolean hasFailed() {
    return failure != null;
  }

  // -- Begin

  /**
   * Connects on the SAN, else on TCP. Under the locks of both directions.
   *
   * @param polls whether as the JDK's socket adaptor does, within a time
   * @return false if the connect goes on without this thread
   */
  boolean connect(boolean blocking, boolean polls, long nanos) throws IOException {
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    try {
      if (connectOnSan(blocking, nanos)) {
        return true;
      }
    } catch (ConnectException e) {
      throw polls || (blocking && VirtualThreads.isCurrent())
          ? Refusals.whenPolling(e)
          : Refusals.whenConnecting(e);
    }
    long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
    return connectOnTcp(blocking, polls, Math.max(1, left));
  }

  /**
   * Begins on the SAN, and waits for the outcome if blocking. Returns whether the socket is
   * connected; if not, a connect is pending or TCP has to be used. Under the reading lock.
   */
  boolean connectOnSan(boolean blocking, long nanos) throws IOException {
    boolean connected = false;
    try {
      socket.reader.begin(blocking);
      synchronized (socket.stateLock) {
        socket.ensureOpen();
        if (socket.state == SwitchSocket.CONNECTED) {
          throw new AlreadyConnectedException();
        }
        if (socket.state == SwitchSocket.PENDING) {
          throw new ConnectionPendingException();
        }
        socket.pending(this, remote);
        chooseRoute();
      }
      tryNextProvider();
      if (!blocking) {
        owner.registry().began(socket); // It goes on without a thread.
      }
      if (blocking && socket.san != null) {
        connected = awaitSan(nanos);
      } else if (socket.san != null) {
        socket.face.changed(); // A key that is there already has something to wait for now.
      }
    } finally {
      socket.reader.end(blocking, connected);
      if (listed && !connected) {
        owner.registry().remove(socket);
      }
    }
    return connected;
  }

  private void chooseRoute() throws IOException {
    Rules.Use use = owner.rules().use(Rules.Call.CONNECT, remote.getAddress(), remote.getPort());
    sanRequired = use == Rules.Use.SAN;
    if (use == Rules.Use.TCP) {
      socket.reason = Reason.RULE;
    } else if (owner.registry().isOff(remote.getPort())) {
      socket.reason = Reason.SWITCHED_OFF;
    } else if (socket.reason == null && owner.settings().providers().isEmpty()) {
      socket.reason = Reason.NO_PROVIDER;
    } else if (isAddressShared()) {
      socket.reason = Reason.BOUND_ADDRESS;
    } else if (socket.reason == null && isOfTheOtherFamily(boundTo())) {
      socket.reason = Reason.BOUND_ADDRESS; // TCP says what is wrong with it.
    }
    nextProvider = socket.reason == null ? 0 : NO_MORE;
  }

  /** The local address that the socket is bound to, or null. */
  private InetSocketAddress boundTo() {
    return socket.tcp == null ? boundElsewhere : (InetSocketAddress) socket.tcp.local();
  }

  /**
   * Whether others may be bound to the socket's address as well, and connect from it over TCP,
   * where only the kernel sees to it that no two connections of a server have one address.
   */
  private boolean isAddressShared() throws IOException {
    TcpChannel bound = socket.tcp;
    return bound != null
        && bound.local() != null
        && (bound.getOption(StandardSocketOptions.SO_REUSEADDR)
            || (bound.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
                && bound.getOption(StandardSocketOptions.SO_REUSEPORT)));
  }

  /** Whether one is an IPv4 and the other an IPv6 address; a wildcard goes with both. */
  private boolean isOfTheOtherFamily(InetSocketAddress bound) {
    return bound != null
        && !bound.getAddress().isAnyLocalAddress()
        && bound.getAddress() instanceof Inet4Address
            != remote.getAddress() instanceof Inet4Address;
  }

  /**
   * Begins to connect with the next provider that reaches the destination, if there is one.
   *
   * @throws ConnectException if the connect is refused for good
   */
  private void tryNextProvider() throws IOException {
    socket.san = null;
    SanProvider[] providers = nextProvider == NO_MORE ? null : owner.providers().all();
    while (providers != null && nextProvider < providers.length) {
      SanProvider next = providers[nextProvider++];
      try {
        if (next.reaches(remote.getAddress())) {
          asked = next;
          socket.san = next.connect(remote, boundTo());
          socket.san.attach(socket.face);
          return;
        }
        if (socket.reason == null) {
          socket.reason = Reason.NOT_LOCAL;
        }
      } catch (SanUnavailableException e) {
        unavailable(next, e);
      } catch (ConnectException e) {
        throw e; // Refused for good: TCP would be, too.
      } catch (IOException | RuntimeException | Error e) {
        socket.reason = Reason.PROVIDER_FAILED;
        ConnectException refused = withdraw();
        owner.providers().failed(next, "no connection to " + remote, e);
        if (refused != null) {
          throw refused;
        }
      }
    }
    if (socket.reason == null) {
      socket.reason = Reason.NO_PROVIDER;
    }
    if (sanRequired) {
      owner.registry().events().refused(remote, null, socket.reason, "a rule requires the SAN");
      throw new ConnectException("A rule requires the SAN: " + socket.reason.text());
    }
  }

  /** Notes why a provider leaves the connect to TCP. */
  private void unavailable(SanProvider provider, SanUnavailableException why) {
    socket.reason = why.reason();
    if (why.reason() == Reason.PROVIDER_FAILED) { // Told by itself, as it has not let that out.
      owner.registry().events().providerFailed(provider.name(), why.getMessage());
    }
  }

  /**
   * Gives up what was begun with a provider that has failed, before another way is tried; returns
   * why none may be, or null.
   */
  private ConnectException withdraw() {
    SanConnection connection = socket.san;
    socket.san = null;
    if (connection == null) {
      return null;
    }
    if (isCancelled(connection)) {
      return refusal(connection);
    }
    connection.abort();
    return null;
  }

  /** Cancels a connect; false if the provider fails at that, too, and nobody knows its outcome. */
  private static boolean isCancelled(SanConnection connection) {
    try {
      return connection.cancelConnect();
    } catch (RuntimeException | Error e) {
      Log.debug(() -> "cancelling a connect: " + Log.cause(e));
      return false;
    }
  }

  // -- The SAN's outcome

  /** Waits for the SAN's outcome; returns false if TCP is to be tried or the socket was closed. */
  private boolean awaitSan(long nanos) throws IOException {
    long start = nanos == Long.MAX_VALUE ? 0 : System.nanoTime();
    while (socket.isOpen()) {
      SanConnection connection = socket.san;
      try {
        if (finish(connection)) {
          return becomeConnected();
        }
      } catch (ConnectException e) {
        throw e; // Refused for good.
      } catch (IOException | RuntimeException e) {
        IOException told = outcomeOf(e);
        if (told != null) {
          throw told;
        }
        tryNextProvider();
        if (socket.san == null) {
          return false;
        }
        continue;
      }
      long left = Long.MAX_VALUE;
      if (nanos != Long.MAX_VALUE) {
        left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          if (connection.cancelConnect()) {
            throw new SocketTimeoutException("Connect timed out");
          }
          continue; // The server has taken it at the last moment.
        }
        if (!sanRequired && !asked.isStarted()) {
          left -= nanos / 2; // A start may take long: that much is TCP's.
          if (left <= 0) {
            var unused = connection.cancelConnect(); // Has its outcome now, whatever it is.
            continue;
          }
        }
      }
      owner.registry().began(socket); // For people: it is taken off again if it comes to nothing.
      listed = true;
      socket.reader.await(connection, NetworkEvent.CONNECT, left);
    }
    return false;
  }

  /**
   * What becomes of a connect that its provider has begun and then failed at: null if another way
   * may be tried, else what the application is to hear. The server may have it then, and TCP would
   * be a second connection.
   */
  private IOException outcomeOf(Exception thrown) {
    if (thrown instanceof SanUnavailableException why) {
      unavailable(asked, why);
      return null;
    }
    if (isCancelled(socket.san)) {
      ConnectException refused = refusal(socket.san);
      socket.reason = Reason.PROVIDER_FAILED;
      owner.providers().failed(asked, "no connection to " + remote, thrown);
      return refused;
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
      boolean full = Refusals.isRefused(e); // Else the server has not answered in time.
      Reason why = full ? Reason.BACKLOG_FULL : Reason.TIMEOUT;
      owner.registry().refused(remote, asked.name(), why);
      throw e;
    }
  }

  private boolean becomeConnected() throws IOException {
    if (!socket.connectedOnSan()) {
      return false; // Closed meanwhile.
    }
    socket.announce(begun);
    socket.face.changed(); // A key may have been interested in reading all along.
    return true;
  }

  // -- TCP

  /**
   * Connects over TCP, unless a non-blocking connect has begun; that one is not connected yet.
   *
   * @param polls if blocking, whether as the JDK's socket adaptor does, within a time
   */
  private boolean connectOnTcp(boolean blocking, boolean polls, long nanos) throws IOException {
    TcpChannel path;
    synchronized (socket.stateLock) {
      if (socket.san != null || socket.tcpPath != null || failure != null) {
        return false; // Pending, and a selector may have gone on to TCP with it already.
      }
      if (socket.state != SwitchSocket.PENDING) {
        throw new AsynchronousCloseException();
      }
      path = socket.tcp();
      socket.tcpPath = path; // From here on, closing this socket closes that one.
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
      socket.enterKernel();
    }
    return connected && becomeConnectedOnTcp();
  }

  private boolean becomeConnectedOnTcp() throws AsynchronousCloseException {
    socket.connectedOnTcp();
    socket.announce(begun);
    return true;
  }

  // -- A connect that goes on without a thread

  /**
   * As {@link java.nio.channels.SocketChannel#finishConnect}, under the locks of both directions.
   */
  boolean finish(boolean blocking) throws IOException {
    try {
      if (socket.tcpPath == null && finishOnSan(blocking)) {
        return true;
      }
    } catch (ConnectException e) {
      throw Refusals.whenPolling(e);
    }
    if (socket.tcpPath == null && blocking) {
      return connectOnTcp(true, true, Long.MAX_VALUE);
    }
    socket.ensureOpen();
    TcpChannel path = socket.tcpPath;
    return path != null && path.finishConnect() && becomeConnectedOnTcp();
  }

  private boolean finishOnSan(boolean blocking) throws IOException {
    boolean connected = false;
    try {
      socket.reader.begin(blocking);
      socket.ensurePending();
      if (blocking && failure == null) {
        connected = awaitSan(Long.MAX_VALUE);
      } else if (resolve()) {
        if (failure != null) {
          throw failure;
        }
        connected = socket.tcpPath == null && becomeConnected();
      }
    } finally {
      socket.reader.end(blocking, connected);
    }
    return connected;
  }

  /**
   * Looks at the outcome of a non-blocking connect and, if the SAN can't be used, begins on TCP.
   * The selector calls this too: OP_CONNECT is due only when the last word is spoken. Returns
   * whether it is spoken, or is TCP's to speak.
   */
  boolean resolve() {
    synchronized (socket.stateLock) {
      while (isOpenOnSan()) {
        try {
          if (!finish(socket.san)) {
            return false;
          }
          socket.sanUp = true;
        } catch (ConnectException e) {
          failure = e; // Refused for good.
        } catch (IOException | RuntimeException e) {
          failure = outcomeOf(e);
          if (failure == null) {
            fallBack();
          }
        }
      }
      return true;
    }
  }

  /** Whether the SAN has the connect, without an outcome. */
  private boolean isOpenOnSan() {
    return socket.state == SwitchSocket.PENDING
        && !socket.sanUp
        && socket.tcpPath == null
        && failure == null;
  }

  /** Gives a pending connect on the SAN up for TCP, unless it has its outcome. Never blocks. */
  void leaveSan(Reason why) {
    synchronized (socket.stateLock) {
      if (!isOpenOnSan()) {
        return;
      }
      nextProvider = NO_MORE;
      SanConnection connection = socket.san;
      if (connection != null && !connection.cancelConnect()) {
        resolve();
        return;
      }
      failure = connection == null ? null : refusal(connection);
      if (failure == null) {
        socket.reason = why;
        fallBack();
      }
    }
  }

  /**
   * How a connect that was cancelled has failed, if TCP must not be tried: the server may have it
   * all the same. Else null.
   */
  private ConnectException refusal(SanConnection connection) {
    try {
      var unused = finish(connection); // Throws how it has failed.
    } catch (ConnectException e) {
      return e;
    } catch (IOException | RuntimeException e) {
      Log.debug(() -> "a connect goes to TCP: " + Log.cause(e));
    }
    return null;
  }

  private void fallBack() {
    try {
      tryNextProvider();
      if (socket.san != null) {
        return;
      }
      TcpChannel path = socket.tcp();
      path.configureBlocking(false);
      path.connect(remote); // Never blocks. Even if it is connected now, the kernel tells.
      socket.tcpPath = path;
      socket.enterKernel();
    } catch (IOException e) {
      failure = e;
    }
  }
}
