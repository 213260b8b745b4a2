package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;

/**
 * The other ways to make sockets: all constructors, subclasses, the default factories, and socket
 * implementations of the application's own. They make whatever this JVM has installed.
 */
public abstract class SocketFactoryContract extends SocketContract {
  protected SocketFactoryContract(Transport transport) {
    super(transport);
  }

  private void assertConnected(Socket socket, ServerSocket server) throws IOException {
    closing(socket);
    Socket accepted = acceptFrom(server);
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  @SuppressWarnings("AddressSelection") // The host is an address.
  void constructorsConnect() throws Exception {
    ServerSocket server = serve();
    int port = server.getLocalPort();
    InetAddress host = Addresses.LOOPBACK4;
    assertConnected(new Socket("127.0.0.1", port), server);
    assertConnected(new Socket(host, port), server);
    assertConnected(new Socket("127.0.0.1", port, host, 0), server);
    assertConnected(new Socket(host, port, host, 0), server);
    assertConnected(new Socket(host, port, null, 0), server);
    assertConnected(new Socket((String) null, port), server); // The loopback address.
  }

  @Test
  void constructorBindsToTheLocalAddressGiven() throws Exception {
    ServerSocket server = serve();
    InetAddress second = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    Socket socket = closing(new Socket(Addresses.LOOPBACK4, server.getLocalPort(), second, 0));
    assertEquals(second, socket.getLocalAddress());
    assertEquals(second, acceptFrom(server).getInetAddress());
  }

  @Test
  @SuppressWarnings("AddressSelection") // The host is an address.
  void constructorsThatFailThrow() throws Exception {
    int nobody = abandonedPort().getPort();
    ConnectException e =
        assertThrows(ConnectException.class, () -> new Socket(Addresses.LOOPBACK4, nobody));
    Refusals.CONNECTING.assertRefused(e);
    assertThrows(IllegalArgumentException.class, () -> new Socket("127.0.0.1", 65_536));
    assertThrows(IllegalArgumentException.class, () -> new Socket("127.0.0.1", -1));
    assertThrows(NullPointerException.class, () -> new Socket((InetAddress) null, 80));
    assertThrows(IllegalArgumentException.class, () -> new Socket((Proxy) null));
  }

  @Test
  void constructorsThatFailLeaveNoDescriptor() throws Exception {
    int nobody = abandonedPort().getPort();
    assertThrows(ConnectException.class, () -> new Socket(Addresses.LOOPBACK4, nobody));
    int before = Descriptors.count();
    for (int i = 0; i < 30; i++) {
      assertThrows(ConnectException.class, () -> new Socket(Addresses.LOOPBACK4, nobody));
    }
    awaitTrue("no more descriptors than before", () -> Descriptors.count() <= before + 2);
  }

  @Test
  void serverConstructorsBind() throws Exception {
    ServerSocket[] servers = {
      closing(new ServerSocket(0)),
      closing(new ServerSocket(0, 5)),
      closing(new ServerSocket(0, 5, Addresses.LOOPBACK4)),
      closing(new ServerSocket(0, -1, null))
    };
    for (ServerSocket server : servers) {
      Socket socket = newSocket();
      socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()));
      assertConverse(socket, acceptFrom(server));
    }
    assertThrows(IllegalArgumentException.class, () -> new ServerSocket(65_536));
    assertThrows(IllegalArgumentException.class, () -> new ServerSocket(-1));
  }

  @Test
  void defaultFactoriesMakeSockets() throws Exception {
    ServerSocket server = closing(ServerSocketFactory.getDefault().createServerSocket(0));
    assertConnected(
        SocketFactory.getDefault().createSocket(Addresses.LOOPBACK4, server.getLocalPort()),
        server);
    Socket unconnected = closing(SocketFactory.getDefault().createSocket());
    assertFalse(unconnected.isConnected());
  }

  /** A server that accepts into a subclass of its own. */
  private static final class OwnServer extends ServerSocket {
    private final Socket next;

    OwnServer(Socket next) throws IOException {
      super(0, 5, Addresses.LOOPBACK4);
      this.next = next;
    }

    @Override
    public Socket accept() throws IOException {
      implAccept(next);
      return next;
    }
  }

  private static final class OwnSocket extends Socket {
    OwnSocket() {}

    OwnSocket(SocketImpl impl) throws SocketException {
      super(impl);
    }
  }

  @Test
  void subclassOfServerAcceptsIntoASubclassOfSocket() throws Exception {
    OwnSocket own = closing(new OwnSocket());
    own.setSoTimeout(4321);
    OwnServer server = closing(new OwnServer(own));
    Socket client = connectedTo(server);
    server.accept();
    assertTrue(own.isConnected() && own.isBound());
    assertEquals(client.getLocalSocketAddress(), own.getRemoteSocketAddress());
    assertEquals(4321, own.getSoTimeout());
    assertConverse(client, own);
  }

  @Test
  void socketThatIsBoundIsAcceptedInto() throws Exception {
    Socket own = closing(new Socket());
    own.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    InetSocketAddress before = (InetSocketAddress) own.getLocalSocketAddress();
    OwnServer server = closing(new OwnServer(own));
    Socket client = connectedTo(server);
    server.accept();
    assertEquals(server.getLocalPort(), own.getLocalPort());
    assertConverse(client, own);
    closing(new ServerSocket(before.getPort(), 1, before.getAddress())); // It is free again.
  }

  @Test
  void socketThatIsConnectedLeavesItsPeerWhenItIsAcceptedInto() throws Exception {
    ServerSocket first = closing(new ServerSocket(0, 5, Addresses.LOOPBACK4));
    for (boolean accepted : new boolean[] {false, true}) {
      Socket connected = closing(new Socket(Addresses.LOOPBACK4, first.getLocalPort()));
      Socket other = acceptFrom(first);
      Socket own = accepted ? other : connected;
      Socket peer = accepted ? connected : other;
      OwnServer server = closing(new OwnServer(own));
      Socket client = connectedTo(server);
      server.accept();
      assertAtEnd(peer);
      assertEquals(client.getLocalSocketAddress(), own.getRemoteSocketAddress());
      assertConverse(client, own);
    }
  }

  @Test
  void datagramsAreTheJdksMatter() throws Exception {
    DatagramSocket peer =
        closing(new DatagramSocket(new InetSocketAddress(Addresses.LOOPBACK4, 0)));
    peer.setSoTimeout(15_000);
    Socket socket;
    try {
      socket = closing(datagramSocket(peer.getLocalPort()));
    } catch (IllegalArgumentException e) {
      assertTrue(Runtime.version().feature() > 21, "later JDKs make none");
      return;
    }
    send(socket, "datagram");
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    peer.receive(packet);
    assertEquals(8, packet.getLength());
    assertEquals(socket.getLocalSocketAddress(), packet.getSocketAddress());
    peer.send(packet);
    assertReceives("datagram", socket);
    socket.setSoTimeout(20);
    assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
  }

  @SuppressWarnings("deprecation") // Nobody should, but it can be made.
  private static Socket datagramSocket(int port) throws IOException {
    return new Socket(Addresses.LOOPBACK4, port, /* stream= */ false);
  }

  @Test
  void subclassWithoutAnImplementationIsAcceptedInto() throws Exception {
    OwnSocket own = closing(new OwnSocket(null));
    OwnServer server = closing(new OwnServer(own));
    Socket client = connectedTo(server);
    server.accept();
    assertConverse(client, own);
  }

  @Test
  void socketMadeForAProxyIsAcceptedInto() throws Exception {
    Proxy proxy = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(Addresses.LOOPBACK4, 1080));
    Socket own = closing(new Socket(proxy));
    OwnServer server = closing(new OwnServer(own));
    Socket client = connectedTo(server);
    server.accept();
    assertConverse(client, own);
  }

  @Test
  void subclassOfSocketConnects() throws Exception {
    ServerSocket server = serve();
    OwnSocket own = new OwnSocket();
    own.connect(server.getLocalSocketAddress());
    assertConnected(own, server);
  }

  /** An implementation that is no one else's: it has one answer, and takes what is sent. */
  private static final class OwnImpl extends SocketImpl {
    private boolean closed;

    @Override
    protected void create(boolean stream) {
      assertTrue(stream);
    }

    @Override
    protected void connect(String host, int port) throws IOException {
      throw new IOException("not asked for");
    }

    @Override
    protected void connect(InetAddress address, int port) throws IOException {
      throw new IOException("not asked for");
    }

    @Override
    protected void connect(SocketAddress address, int timeout) {
      this.address = ((InetSocketAddress) address).getAddress();
      this.port = ((InetSocketAddress) address).getPort();
    }

    @Override
    protected void bind(InetAddress host, int port) {
      localport = port == 0 ? 7 : port;
    }

    @Override
    protected void listen(int backlog) {}

    @Override
    protected void accept(SocketImpl s) throws IOException {
      throw new IOException("nobody comes");
    }

    @Override
    protected InputStream getInputStream() {
      return new ByteArrayInputStream(utf8("own"));
    }

    @Override
    protected OutputStream getOutputStream() {
      return OutputStream.nullOutputStream();
    }

    @Override
    protected int available() {
      return 3;
    }

    @Override
    protected void close() {
      closed = true;
    }

    @Override
    protected void sendUrgentData(int data) {}

    @Override
    public void setOption(int option, Object value) {}

    @Override
    public Object getOption(int option) {
      return null;
    }
  }

  /** A server whose implementation is the application's. */
  private static final class OwnImplServer extends ServerSocket {
    OwnImplServer(SocketImpl impl) {
      super(impl);
    }
  }

  @Test
  void ownImplementationOfASocketIsUsed() throws Exception {
    OwnImpl impl = new OwnImpl();
    Socket socket = closing(new OwnSocket(impl));
    socket.connect(new InetSocketAddress(Addresses.NOT_OURS, 99));
    assertEquals(99, socket.getPort());
    assertReceives("own", socket);
    socket.getOutputStream().write(1);
    socket.close();
    assertTrue(impl.closed);
  }

  @Test
  void ownImplementationOfAServerIsUsed() throws Exception {
    ServerSocket server = closing(new OwnImplServer(new OwnImpl()));
    server.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    assertEquals(7, server.getLocalPort());
    // It could not accept into what it does not know.
    assertThrows(IOException.class, server::accept);
  }

  @Test
  void serverDoesNotAcceptIntoAnOwnImplementation() throws Exception {
    OwnServer server = closing(new OwnServer(closing(new OwnSocket(new OwnImpl()))));
    connectedTo(server);
    IOException e = assertThrows(IOException.class, server::accept);
    assertTrue(e.getMessage().contains("cannot accept a connection with"), e.getMessage());
  }
}
