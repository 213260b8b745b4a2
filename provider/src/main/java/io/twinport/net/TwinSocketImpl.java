package io.twinport.net;

import io.twinport.config.Log;
import io.twinport.core.PlainFace;
import io.twinport.core.Switch;
import io.twinport.core.SwitchSocket;
import io.twinport.registry.RegisteredConnection;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import io.twinport.waiting.VirtualThreads;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanTcpSocket;

/**
 * What is behind a {@link java.net.Socket}. The path is decided when it connects: over the SAN, it
 * is one of a {@link SwitchSocket}; over TCP, of the JDK's own socket, whose streams are handed out
 * as they are.
 */
final class TwinSocketImpl extends OptionedSocketImpl implements RegisteredConnection {
  /** Until JDK 24, {@code Socket} closes itself and says so only if it sees the interrupt. */
  private static final boolean SOCKET_TELLS_INTERRUPTS = Runtime.version().feature() < 25;

  private final Switch owner;

  // -- Protected by stateLock

  /** Closes the SAN's side of a socket that the application has lost. */
  private Cleaner.Cleanable cleanable;

  private boolean accepted;
  private Reason reason;

  /** Whether the end of the stream was read: it stays so, even when the socket is closed. */
  private volatile boolean atEnd;

  /** Whether there was a timeout: the JDK's descriptor does not block from then on. */
  private volatile boolean timed;

  TwinSocketImpl(Switch owner) {
    this.owner = owner;
  }

  boolean isNew() {
    return state == NEW;
  }

  private void ensureOpenAndConnected() throws SocketException {
    int now = state;
    if (now < CONNECTED) {
      throw new SocketException("Not connected");
    }
    if (now > CONNECTED) {
      throw new SocketException("Socket closed");
    }
  }

  @Override
  protected void create(boolean stream) throws IOException {
    synchronized (stateLock) {
      if (state != NEW) {
        throw new IOException("Already created");
      }
      if (stream) {
        san = PlainFace.ofSocket(owner);
      } else {
        tcp = SanTcpSocket.createDatagram();
        onTcp = true;
      }
      state = UNCONNECTED;
    }
  }

  // -- Accept

  /** Becomes the server's end of a connection on the SAN. */
  void accepted(PlainFace face) throws SocketException {
    synchronized (stateLock) {
      if (state != NEW) {
        throw new SocketException("Not a newly created SocketImpl");
      }
      accepted = true;
      address = face.socket.remoteAddress().getAddress();
      port = face.socket.remoteAddress().getPort();
      connectedOn(face);
    }
  }

  /** Becomes the server's end of a connection over TCP. */
  void accepted(SanTcpSocket socket) throws SocketException {
    synchronized (stateLock) {
      if (state != NEW) {
        throw new SocketException("Not a newly created SocketImpl");
      }
      accepted = true;
      reason = Reason.CLIENT_USED_TCP;
      address = socket.address();
      port = socket.port();
      tcp = socket;
      onTcp = true;
      state = CONNECTED;
    }
    owner.registry().addAcceptedFromTcp(address, port, this);
  }

  private void connectedOn(PlainFace face) {
    san = face;
    cleanable = SanAccess.whenUnreachable(this, new Closing(face));
    state = CONNECTED;
  }

  /** What is left to do for a socket that nobody has closed. */
  private record Closing(PlainFace face) implements Runnable {
    @Override
    public void run() {
      try {
        face.close();
      } catch (IOException e) {
        Log.debug(() -> "close of " + face.socket.remoteAddress() + ": " + Log.cause(e));
      }
    }
  }

  @Override
  protected void acceptFrom(SanTcpSocket server) throws IOException {
    if (!isNew()) {
      throw new SocketException("Not a newly created SocketImpl");
    }
    accepted(server.accept());
  }

  // -- Connect and bind

  @Override
  protected void bind(InetAddress host, int port) throws IOException {
    ensureOpen();
    tcp().bind(host, port);
  }

  // What a server socket does; java.net asks another class of ours for it.

  @Override
  protected void listen(int backlog) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected void accept(SocketImpl into) throws IOException {
    throw new SocketException("Not supported");
  }

  @Override
  protected void connect(String host, int port) throws IOException {
    connect(new InetSocketAddress(host, port), 0);
  }

  @Override
  protected void connect(InetAddress address, int port) throws IOException {
    connect(new InetSocketAddress(address, port), 0);
  }

  @Override
  protected void connect(SocketAddress remote, int millis) throws IOException {
    if (!(remote instanceof InetSocketAddress given) || given.isUnresolved()) {
      if (state == CLOSED && remote instanceof InetSocketAddress unknown) {
        // As the JDK, which looks at the address before it looks at the state.
        throw new UnknownHostException(unknown.getHostName());
      }
      tcp().connect(remote, millis); // Says what is wrong with it, and leaves the socket as it is.
      return;
    }
    InetAddress host = given.getAddress();
    if (host.isAnyLocalAddress()) {
      host = InetAddress.getLocalHost();
    }
    try {
      connect(host, given.getPort(), millis);
    } catch (SocketTimeoutException e) {
      close();
      throw e;
    } catch (InterruptedIOException e) {
      close();
      if (SOCKET_TELLS_INTERRUPTS) {
        throw e;
      }
      throw new SocketException("Closed by interrupt");
    } catch (IOException e) {
      close();
      throw e instanceof ClosedChannelException ? asSocketException(e) : e;
    }
  }

  private void connect(InetAddress host, int toPort, int millis) throws IOException {
    PlainFace face;
    InetSocketAddress boundTo = null;
    boolean shared = false;
    synchronized (stateLock) {
      switch (state) {
        case NEW -> throw new SocketException("Not created");
        case CONNECTING -> throw new SocketException("Connection in progress");
        case CONNECTED -> throw new SocketException("Already connected");
        case CLOSED -> throw new SocketException("Socket closed");
        default -> state = CONNECTING;
      }
      address = host;
      port = toPort;
      face = san;
      if (tcp != null) {
        boundTo = new InetSocketAddress((InetAddress) tcp.get(SO_BINDADDR), tcp.localPort());
        shared =
            (Boolean) tcp.get(SO_REUSEADDR)
                || (supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
                    && tcp.get(StandardSocketOptions.SO_REUSEPORT));
      }
    }
    InetSocketAddress remote = new InetSocketAddress(host, toPort);
    if (face == null) {
      connectDatagram(remote, millis);
      return;
    }
    if (millis != 0) {
      timed = true;
    }
    long nanos = millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
    long start = millis == 0 ? 0 : System.nanoTime();
    if (isConnectedOnSan(face.socket, remote, boundTo, shared, nanos)) {
      synchronized (stateLock) {
        ensureOpen();
        connectedOn(face);
      }
      return;
    }
    int left = millis;
    if (millis != 0) {
      long used = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      left = (int) Math.max(1, millis - used);
    }
    tcp().connect(remote, left); // Closing this socket closes that one from here on.
    synchronized (stateLock) {
      ensureOpen();
      reason = face.socket.reason();
      onTcp = true;
      state = CONNECTED;
    }
    face.socket.announceOnTcp(this);
  }

  /**
   * A virtual thread that was interrupted before connects all the same: TCP has its answer before
   * it would wait. What comes while the SAN's is waited for ends the connect.
   */
  private static boolean isConnectedOnSan(
      SwitchSocket socket,
      InetSocketAddress remote,
      InetSocketAddress boundTo,
      boolean shared,
      long nanos)
      throws IOException {
    if (remote.getAddress() instanceof Inet6Address && !SanAccess.isIPv6Available()) {
      return false; // TCP says what is wrong with it.
    }
    boolean interrupted = VirtualThreads.isCurrent() && Thread.interrupted();
    try {
      return socket.connectOnSan(remote, boundTo, shared, nanos);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The SAN has no part in it, and no report of TCP's connections has. */
  private void connectDatagram(InetSocketAddress remote, int millis) throws IOException {
    tcp().connect(remote, millis);
    synchronized (stateLock) {
      ensureOpen();
      state = CONNECTED;
    }
  }

  // -- Streams

  @Override
  protected InputStream getInputStream() {
    return onTcp ? tcp.inputStream() : new SanInput();
  }

  private final class SanInput extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) > 0 ? one[0] & 0xff : -1;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      Objects.checkFromIndexSize(off, len, b.length);
      if (len == 0) {
        return 0;
      }
      if (atEnd) {
        return -1;
      }
      try {
        int millis = timeout;
        if (millis != 0 && !timed) {
          timed = true;
        }
        int n = san.socket.reader.read(b, off, len, TimeUnit.MILLISECONDS.toNanos(millis));
        if (n < 0) {
          atEnd = true;
        }
        return n;
      } catch (InterruptedIOException e) {
        throw e; // A timeout is one of these.
      } catch (IOException e) {
        throw asSocketException(e);
      }
    }

    @Override
    public int available() throws IOException {
      return TwinSocketImpl.this.available();
    }

    @Override
    public void close() throws IOException {
      TwinSocketImpl.this.close();
    }
  }

  @Override
  protected OutputStream getOutputStream() {
    return onTcp ? tcp.outputStream() : new SanOutput();
  }

  private final class SanOutput extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      try {
        san.socket.writer.write(b, off, len);
      } catch (InterruptedIOException e) {
        throw e;
      } catch (ClosedChannelException e) {
        throw state == CLOSED ? asSocketException(e) : new SocketException("Broken pipe");
      } catch (IOException e) {
        throw asSocketException(e);
      }
    }

    @Override
    public void close() throws IOException {
      TwinSocketImpl.this.close();
    }
  }

  @Override
  protected int available() throws IOException {
    ensureOpenAndConnected();
    try {
      return onTcp ? tcp.available() : san.socket.reader.available();
    } catch (ClosedChannelException e) {
      throw asSocketException(e);
    }
  }

  @Override
  protected boolean supportsUrgentData() {
    return true;
  }

  @Override
  protected void sendUrgentData(int data) throws IOException {
    ensureOpenAndConnected();
    if (onTcp) {
      tcp.sendUrgentData(data);
      return;
    }
    try {
      boolean waits = !timed && !VirtualThreads.isCurrent();
      if (san.socket.writer.sendUrgent((byte) data, waits) == 0) {
        throw new SocketException("No buffer space available");
      }
    } catch (ClosedChannelException e) {
      throw state == CLOSED ? asSocketException(e) : new IOException("Broken pipe");
    }
  }

  // -- Half-close and close

  @Override
  protected void shutdownInput() throws IOException {
    ensureOpenAndConnected();
    if (onTcp) {
      tcp.shutdownInput();
      return;
    }
    try {
      san.socket.reader.shutDown();
    } catch (ClosedChannelException e) {
      throw asSocketException(e);
    }
  }

  @Override
  protected void shutdownOutput() throws IOException {
    ensureOpenAndConnected();
    if (onTcp) {
      tcp.shutdownOutput();
      return;
    }
    try {
      san.socket.writer.shutDown();
    } catch (ClosedChannelException e) {
      throw asSocketException(e);
    }
  }

  @Override
  protected void close() throws IOException {
    boolean again;
    synchronized (stateLock) {
      again = state == CLOSED;
      state = CLOSED;
    }
    // Nobody sets these any more.
    if (again) {
      if (san != null) {
        san.socket.closeRest();
      }
      return;
    }
    try {
      if (cleanable != null) {
        cleanable.clean();
      } else if (san != null) {
        san.close();
      }
    } catch (RuntimeException | Error e) {
      san.socket.halfClosed = true; // Stores alone: there may be no stack for a call.
      san.socket.registry.anyHalfClosed = true;
      throw e;
    } finally {
      if (tcp != null) {
        tcp.close();
      }
    }
    if (onTcp) {
      owner.registry().remove(this);
    }
  }

  // -- For java.net and the registry

  /** Over the SAN there is none, so it names nothing. */
  @Override
  protected FileDescriptor getFileDescriptor() {
    SanTcpSocket made = tcp;
    return made == null ? new FileDescriptor() : made.descriptor();
  }

  @Override
  protected int getLocalPort() {
    PlainFace face = san;
    InetSocketAddress local = onTcp || face == null ? null : face.socket.localAddress();
    if (local != null) {
      return local.getPort();
    }
    SanTcpSocket made = tcp;
    return made == null ? 0 : made.localPort();
  }

  @Override
  public Registry.Connection describe() {
    synchronized (stateLock) {
      if (state != CONNECTED || !onTcp) {
        return null; // What is on the SAN, the channel describes.
      }
      try {
        InetAddress local = (InetAddress) tcp.get(SO_BINDADDR);
        return Registry.Connection.onTcp(
            new InetSocketAddress(local, tcp.localPort()),
            new InetSocketAddress(address, port),
            accepted,
            reason);
      } catch (SocketException e) {
        Log.debug(() -> "closed while it was listed: " + Log.cause(e));
        return null;
      }
    }
  }
}
