package sun.nio.ch;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.util.Set;

/** The JDK's socket, for use behind another one: what {@code java.net} may call is public. */
public final class SanTcpSocket {
  private static final VarHandle DESCRIPTOR;
  private static final VarHandle ADDRESS;
  private static final VarHandle PORT;
  private static final VarHandle LOCAL_PORT;

  static {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup());
      DESCRIPTOR = lookup.findVarHandle(SocketImpl.class, "fd", FileDescriptor.class);
      ADDRESS = lookup.findVarHandle(SocketImpl.class, "address", InetAddress.class);
      PORT = lookup.findVarHandle(SocketImpl.class, "port", int.class);
      LOCAL_PORT = lookup.findVarHandle(SocketImpl.class, "localport", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final NioSocketImpl impl;

  private SanTcpSocket(NioSocketImpl impl) {
    this.impl = impl;
  }

  /** A socket that has its descriptor. */
  public static SanTcpSocket create(boolean server) throws IOException {
    return create(server, true);
  }

  /**
   * A socket for datagrams behind {@link java.net.Socket}.
   *
   * @throws IOException if this JDK has none any more, as from 23 on
   */
  public static SanTcpSocket createDatagram() throws IOException {
    return create(false, false);
  }

  private static SanTcpSocket create(boolean server, boolean stream) throws IOException {
    NioSocketImpl impl = new NioSocketImpl(server);
    impl.create(stream);
    return new SanTcpSocket(impl);
  }

  /**
   * Accepts from a server socket of the JDK's own, which only knows how to fill its like.
   *
   * @return false, and nothing is done, if {@code into} is not ours
   */
  static boolean acceptInto(SocketImpl server, SocketImpl into) throws IOException {
    if (!(into instanceof SanSocketImpl ours)) {
      return false;
    }
    ours.acceptFrom(new SanTcpSocket((NioSocketImpl) server));
    return true;
  }

  /** The options that the JDK's sockets, or server sockets, have. */
  public static Set<SocketOption<?>> supportedOptions(boolean server) {
    return new NioSocketImpl(server).supportedOptions();
  }

  public void connect(SocketAddress remote, int millis) throws IOException {
    impl.connect(remote, millis);
  }

  public void bind(InetAddress host, int port) throws IOException {
    impl.bind(host, port);
  }

  public void listen(int backlog) throws IOException {
    impl.listen(backlog);
  }

  /**
   * Accepts into a new socket.
   *
   * @throws java.net.SocketTimeoutException if SO_TIMEOUT is set and is over
   */
  public SanTcpSocket accept() throws IOException {
    NioSocketImpl accepted = new NioSocketImpl(false);
    impl.accept(accepted);
    return new SanTcpSocket(accepted);
  }

  /** Accepts into a socket of the JDK's own. */
  public void accept(SocketImpl into) throws IOException {
    impl.accept(into);
  }

  public InputStream inputStream() {
    return impl.getInputStream();
  }

  public OutputStream outputStream() {
    return impl.getOutputStream();
  }

  public int available() throws IOException {
    return impl.available();
  }

  public void sendUrgentData(int data) throws IOException {
    impl.sendUrgentData(data);
  }

  public void shutdownInput() throws IOException {
    impl.shutdownInput();
  }

  public void shutdownOutput() throws IOException {
    impl.shutdownOutput();
  }

  public void close() throws IOException {
    impl.close();
  }

  public FileDescriptor descriptor() {
    return (FileDescriptor) DESCRIPTOR.get((SocketImpl) impl);
  }

  /** The address it is connected to, or bound to if it listens; as it was given. */
  public InetAddress address() {
    return (InetAddress) ADDRESS.get((SocketImpl) impl);
  }

  public int port() {
    return (int) PORT.get((SocketImpl) impl);
  }

  public int localPort() {
    return (int) LOCAL_PORT.get((SocketImpl) impl);
  }

  public <T> void set(SocketOption<T> name, T value) throws IOException {
    impl.setOption(name, value);
  }

  public <T> T get(SocketOption<T> name) throws IOException {
    return impl.getOption(name);
  }

  /** Sets an option by its number in {@link java.net.SocketOptions}. */
  public void set(int option, Object value) throws SocketException {
    impl.setOption(option, value);
  }

  /** Returns an option by its number in {@link java.net.SocketOptions}. */
  public Object get(int option) throws SocketException {
    return impl.getOption(option);
  }
}
