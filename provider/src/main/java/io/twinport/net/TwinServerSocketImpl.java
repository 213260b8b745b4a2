package io.twinport.net;

import io.twinport.core.ListenerFace;
import io.twinport.core.PlainFace;
import io.twinport.core.StoredOptions;
import io.twinport.core.Switch;
import io.twinport.core.SwitchListener;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.InetAddress;
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
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanSocketImpl;
import sun.nio.ch.SanTcpSocket;

/**
 * What is behind a {@link java.net.ServerSocket}: the JDK's own TCP socket, and the SAN beside it.
 * What is accepted from TCP is the JDK's own, too.
 */
final class TwinServerSocketImpl extends SanSocketImpl {
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

  private final Switch owner;

  /** Held by any thread that changes what follows. No blocking operation under it. */
  private final Object stateLock = new Object();

  // -- Protected by stateLock; volatile fields are read without it.
  private volatile int state = NEW;
  private volatile SanTcpSocket tcp;
  private volatile Face face;

  /** Whether TCP does, whatever else was not done. */
  private volatile boolean listens;

  /** Closes the SAN's side, also of a server socket that the application has lost. */
  private Cleaner.Cleanable cleanable;

  /** Knows nothing of the server socket, which may be lost while this is still to be closed. */
  private static final class Face implements ListenerFace<TwinSocketImpl> {
    private final Switch owner;
    private final SanTcpSocket tcp;
    private final FileDescriptor descriptor;

    private final SwitchListener<TwinSocketImpl> listener;
    private volatile int timeout;
    private boolean closed; // Under the monitor, as is the time-out that TCP has.

    /** What the accept that is under way accepts into. Protected by the listener's lock. */
    private TwinSocketImpl target;

    Face(Switch owner, SanTcpSocket tcp) {
      this.owner = owner;
      this.tcp = tcp;
      this.descriptor = tcp.descriptor();
      this.listener = new SwitchListener<>(owner, this);
    }

    boolean hasTwin() {
      return !listener.twins().isEmpty();
    }

    /** With a twin, this class waits; without one, TCP does. */
    @Override
    public synchronized void changed() throws SocketException {
      if (!closed) {
        tcp.set(SO_TIMEOUT, hasTwin() ? TCP_ACCEPT_MILLIS : timeout);
      }
    }

    @Override
    public FileDescriptor descriptor() {
      return descriptor;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
      return SanTcpSocket.supportedOptions(true);
    }

    @Override
    public <V> V getOption(SocketOption<V> name) throws IOException {
      return tcp.get(name);
    }

    @Override
    public TwinSocketImpl acceptTcp() throws IOException {
      if (SanAccess.poll(descriptor, SanAccess.POLLIN, 0) == 0) {
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
    public TwinSocketImpl acceptSan(
        SanConnection connection, Map<SocketOption<?>, Object> inherited) throws IOException {
      target.accepted(PlainFace.ofSocket(owner).accepted(connection, inherited));
      return target;
    }

    @Override
    public void closeTcp() throws IOException {
      synchronized (this) {
        closed = true;
      }
      tcp.close();
    }
  }

  /** Closes the SAN's side; the TCP socket has a cleaner of its own. */
  private record Closing(SwitchListener<?> listener) implements Runnable {
    @Override
    public void run() {
      listener.closeSan();
    }
  }

  TwinServerSocketImpl(Switch owner) {
    this.owner = owner;
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
      face = new Face(owner, tcp);
      cleanable = SanAccess.whenUnreachable(this, new Closing(face.listener));
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
      face.listener.listen(backlog, null);
    } catch (RuntimeException | Error e) {
      face.listener.without(e);
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
    if (face.hasTwin()) {
      acceptFromBoth(accepted);
    } else {
      face.changed(); // The twin may have been there and gone.
      accepted.accepted(listening.accept());
    }
  }

  /**
   * Accepts into what is not ours: no socket of ours is made any more, for a security manager that
   * came later, or could be made just now. The SAN has nothing for it, so TCP must be all there is.
   */
  private void acceptJdks(SanTcpSocket listening, SocketImpl into) throws IOException {
    face.listener.drop(Reason.FOREIGN_SOCKET);
    face.changed();
    listening.accept(into);
  }

  private void acceptFromBoth(TwinSocketImpl into) throws IOException {
    int millis = face.timeout;
    long nanos = millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
    long start = System.nanoTime();
    SwitchListener<TwinSocketImpl> from = face.listener;
    if (millis == 0) {
      from.lock();
    } else if (!from.tryLock(nanos)) {
      throw new SocketTimeoutException("Accept timed out");
    }
    try {
      TwinSocketImpl accepted = null;
      from.begin();
      face.target = into;
      try {
        long left = millis == 0 ? nanos : nanos - (System.nanoTime() - start);
        accepted = from.accept(left, true);
      } catch (ClosedChannelException e) {
        throw TwinSocketImpl.asSocketException(e);
      } finally {
        face.target = null;
        from.end();
      }
      if (accepted == null) {
        throw new SocketException("Socket closed");
      }
    } finally {
      from.unlock();
    }
  }

  // -- Close

  @Override
  protected void close() throws IOException {
    boolean again;
    synchronized (stateLock) {
      if (state == NEW) {
        state = CLOSED;
        return;
      }
      again = state == CLOSED;
      state = CLOSED;
    }
    if (face == null) {
      return; // Closed before it was made.
    }
    SwitchListener<?> listener = face.listener;
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
    cleanable.clean(); // Finds it closed.
  }

  // -- Options

  @Override
  protected Set<SocketOption<?>> supportedOptions() {
    return SanTcpSocket.supportedOptions(true);
  }

  @Override
  protected <T> void setOption(SocketOption<T> name, T value) throws IOException {
    StoredOptions.check(name, value, supportedOptions());
    SanTcpSocket open = ensureOpen();
    open.set(name, value);
    face.listener.inherit(name, open.get(name));
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
      face.timeout = (Integer) value;
      face.changed();
      return;
    }
    open.set(option, value);
    SocketOption<?> name = INHERITED.get(option);
    if (name != null) {
      face.listener.inherit(name, open.get(option));
    }
  }

  @Override
  public Object getOption(int option) throws SocketException {
    SanTcpSocket open = ensureOpen();
    return option == SO_TIMEOUT ? face.timeout : open.get(option);
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
