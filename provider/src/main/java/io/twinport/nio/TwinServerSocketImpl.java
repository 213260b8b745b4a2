package io.twinport.nio;

import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanSocketImpl;
import sun.nio.ch.SanTcpSocket;

/**
 * What is behind a {@link java.net.ServerSocket}: the JDK's own TCP socket, and the SAN beside it.
 * What is accepted from TCP is the JDK's own, too.
 */
final class TwinServerSocketImpl extends SanSocketImpl implements RegisteredListener {
  /** How long TCP may look for an arrival that was there a moment ago, and can be gone again. */
  private static final int TCP_ACCEPT_MILLIS = 1;

  /** The options that the JDK sets and reads by number. */
  private static final Map<Integer, SocketOption<?>> INHERITED =
      Map.of(
          SO_RCVBUF, StandardSocketOptions.SO_RCVBUF,
          SO_REUSEADDR, StandardSocketOptions.SO_REUSEADDR,
          SO_REUSEPORT, StandardSocketOptions.SO_REUSEPORT,
          IP_TOS, StandardSocketOptions.IP_TOS);

  private static final int NEW = 0;
  private static final int OPEN = 1;
  private static final int CLOSED = 2;

  private final TwinSelectorProvider provider;
  private final Switch owner;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.
  private volatile int state = NEW;
  private volatile SanTcpSocket tcp;
  private volatile SocketAcceptor acceptor;
  private volatile InetSocketAddress localAddress;

  /** Whether TCP does, whatever else was not done. */
  private volatile boolean listens;

  private volatile int timeout;

  /** Whether an Error has ended its close. */
  private volatile boolean halfClosed;

  /** Closes the SAN's side, also of a server socket that the application has lost. */
  private Cleaner.Cleanable cleanable;

  /** Knows nothing of the server socket, which may be lost while this is still to be closed. */
  private static final class SocketAcceptor extends Acceptor<TwinSocketImpl> {
    private final TwinSelectorProvider provider;
    private final SanTcpSocket tcp;

    /** What the accept that is under way accepts into. Protected by the acceptor's lock. */
    private TwinSocketImpl target;

    SocketAcceptor(TwinSelectorProvider provider, SanTcpSocket tcp) {
      super(provider.owner(), tcp.descriptor());
      this.provider = provider;
      this.tcp = tcp;
    }

    @Override
    Set<SocketOption<?>> supportedOptions() {
      return SanTcpSocket.supportedOptions(true);
    }

    @Override
    <V> V getOption(SocketOption<V> name) throws IOException {
      return tcp.get(name);
    }

    @Override
    <V> void setOnTcp(SocketOption<V> name, V value) throws IOException {
      tcp.set(name, value);
    }

    @Override
    TwinSocketImpl acceptTcp() throws IOException {
      if (SanAccess.poll(tcp.descriptor(), Net.POLLIN, 0) == 0) {
        return null;
      }
      try {
        target.accepted(tcp.accept());
        return target;
      } catch (SocketTimeoutException e) {
        return null; // The client was gone again.
      }
    }

    @Override
    TwinSocketImpl acceptSan(SanConnection connection, Map<SocketOption<?>, Object> inherited)
        throws IOException {
      target.accepted(TwinSocketChannel.acceptedSocket(provider, connection, inherited));
      return target;
    }
  }

  TwinServerSocketImpl(TwinSelectorProvider provider) {
    this.provider = provider;
    this.owner = provider.owner();
  }

  private SanTcpSocket ensureOpen() throws SocketException {
    int now = state;
    if (now == NEW) {
      throw new SocketException("Socket not created");
    }
    if (now == CLOSED) {
      throw new SocketException("Socket closed");
    }
    return tcp;
  }

  @Override
  protected void create(boolean stream) throws IOException {
    synchronized (stateLock) {
      if (state != NEW) {
        throw new IOException("Already created");
      }
      tcp = SanTcpSocket.create(true);
      acceptor = new SocketAcceptor(provider, tcp);
      cleanable = SanAccess.whenUnreachable(this, acceptor::close);
      state = OPEN;
    }
  }

  // -- Bind and listen

  @Override
  protected void bind(InetAddress host, int port) throws IOException {
    ensureOpen().bind(host, port);
  }

  @Override
  protected void listen(int backlog) throws IOException {
    SanTcpSocket listening = ensureOpen();
    listening.listen(backlog);
    listens = true;
    try {
      listenBesideTcp(listening, backlog);
    } catch (RuntimeException | Error e) {
      acceptor.without(e);
      applyTimeout();
    }
  }

  private void listenBesideTcp(SanTcpSocket listening, int backlog) throws IOException {
    InetAddress bound = (InetAddress) listening.get(SO_BINDADDR);
    InetSocketAddress local = new InetSocketAddress(bound, listening.localPort());
    localAddress = local;
    if (acceptor.listen(local, backlog, null)) {
      applyTimeout();
      owner.registry().add(this);
    }
  }

  /** With a twin, this class waits; without one, TCP does. */
  private void applyTimeout() throws SocketException {
    synchronized (stateLock) {
      if (state == OPEN) {
        tcp.set(SO_TIMEOUT, hasTwin() ? TCP_ACCEPT_MILLIS : timeout);
      }
    }
  }

  // -- Accept

  @Override
  protected void accept(SocketImpl into) throws IOException {
    SanTcpSocket listening = ensureOpen();
    if (!listens) {
      throw new SocketException("Not bound");
    }
    if (!(into instanceof TwinSocketImpl accepted)) {
      acceptJdks(listening, into);
      return;
    }
    if (!accepted.isNew()) {
      throw new SocketException("Not a newly created SocketImpl");
    }
    if (hasTwin()) {
      acceptFromBoth(accepted);
    } else {
      applyTimeout(); // The twin may have been there and gone.
      accepted.accepted(listening.accept());
    }
  }

  /**
   * Accepts into what is not ours: no socket of ours is made any more, for a security manager that
   * came later, or could be made just now. The SAN has nothing for it, so TCP must be all there is.
   */
  private void acceptJdks(SanTcpSocket listening, SocketImpl into) throws IOException {
    acceptor.drop(Reason.FOREIGN_SOCKET);
    applyTimeout();
    listening.accept(into);
  }

  private void acceptFromBoth(TwinSocketImpl into) throws IOException {
    int millis = timeout;
    long nanos = millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
    long start = System.nanoTime();
    SocketAcceptor from = acceptor;
    if (millis == 0) {
      from.lock.lock();
    } else if (!from.lock.tryLock(nanos)) {
      throw new SocketTimeoutException("Accept timed out");
    }
    try {
      TwinSocketImpl accepted = null;
      from.begin();
      from.target = into;
      try {
        accepted = from.tryAccept();
        while (accepted == null && state == OPEN) {
          long remaining = nanos;
          if (millis != 0) {
            remaining = nanos - (System.nanoTime() - start);
            if (remaining <= 0) {
              throw new SocketTimeoutException("Accept timed out");
            }
          }
          from.await(remaining);
          if (VirtualThreads.isCurrent() && Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException();
          }
          accepted = from.tryAccept();
        }
      } catch (ClosedChannelException e) {
        throw TwinSocketImpl.asSocketException(e);
      } finally {
        from.target = null;
        from.end();
      }
      if (accepted == null) {
        throw new SocketException("Socket closed");
      }
    } finally {
      from.lock.unlock();
    }
  }

  // -- Close

  /** Where an Error ends it, stores what has others go on; there may be no stack for a call. */
  @Override
  protected void close() throws IOException {
    synchronized (stateLock) {
      int before = state;
      state = CLOSED;
      if (before != OPEN && !halfClosed) {
        return;
      }
      halfClosed = false;
    }
    try {
      acceptor.close(); // Before TCP's port is free: its next owner's twin needs the name.
      cleanable.clean(); // Finds it closed, unless an Error has ended that.
      tcp.close();
      owner.registry().remove(this);
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

  // -- Options

  @Override
  protected Set<SocketOption<?>> supportedOptions() {
    return SanTcpSocket.supportedOptions(true);
  }

  @Override
  protected <T> void setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    ensureOpen();
    acceptor.setOption(name, value);
  }

  @Override
  protected <T> T getOption(SocketOption<T> name) throws IOException {
    StoredOptions.check(name, supportedOptions());
    return ensureOpen().get(name);
  }

  @Override
  public void setOption(int option, Object value) throws SocketException {
    SanTcpSocket open = ensureOpen();
    if (option == SO_TIMEOUT) {
      open.set(option, value); // Refuses what is no timeout.
      timeout = (Integer) value;
      applyTimeout();
      return;
    }
    open.set(option, value);
    SocketOption<?> name = INHERITED.get(option);
    if (name != null) {
      acceptor.inherit(name, open.get(option));
    }
  }

  @Override
  public Object getOption(int option) throws SocketException {
    SanTcpSocket open = ensureOpen();
    return option == SO_TIMEOUT ? timeout : open.get(option);
  }

  // -- For java.net

  @Override
  protected FileDescriptor getFileDescriptor() {
    SanTcpSocket created = tcp;
    return created == null ? null : created.descriptor();
  }

  @Override
  protected InetAddress getInetAddress() {
    SanTcpSocket created = tcp;
    return created == null ? null : created.address();
  }

  @Override
  protected int getLocalPort() {
    SanTcpSocket created = tcp;
    return created == null ? 0 : created.localPort();
  }

  // -- For the registry

  @Override
  public boolean isOpen() {
    return state == OPEN;
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public Acceptor<?> acceptor() {
    return acceptor;
  }

  // -- What a listening socket can't do; java.net never asks for it.

  @Override
  protected void acceptFrom(SanTcpSocket server) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected void connect(String host, int port) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected void connect(InetAddress address, int port) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected void connect(SocketAddress address, int millis) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected InputStream getInputStream() throws IOException {
    throw new SocketException("Not connected");
  }

  @Override
  protected OutputStream getOutputStream() throws IOException {
    throw new SocketException("Not connected");
  }

  @Override
  protected int available() throws IOException {
    throw new SocketException("Not connected");
  }

  @Override
  protected void sendUrgentData(int data) throws IOException {
    throw new SocketException("Not connected");
  }
}
