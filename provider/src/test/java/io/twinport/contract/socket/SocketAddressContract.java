package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** {@link Socket#bind}, and the addresses that sockets connect from and to. */
public abstract class SocketAddressContract extends SocketContract {
  protected SocketAddressContract(Transport transport) {
    super(transport);
  }

  @Test
  void boundSocketConnectsFromItsAddress() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    int port = socket.getLocalPort();
    assertTrue(port > 0);
    socket.connect(server.getLocalSocketAddress());
    assertEquals(port, socket.getLocalPort());
    Socket accepted = acceptFrom(server);
    assertEquals(
        new InetSocketAddress(Addresses.LOOPBACK4, port), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void socketBoundToTheWildcardConnects() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.bind(null);
    assertTrue(socket.isBound());
    int port = socket.getLocalPort();
    socket.connect(server.getLocalSocketAddress());
    assertEquals(port, socket.getLocalPort());
    assertEquals(port, acceptFrom(server).getPort());
    assertEquals(Addresses.LOOPBACK4, socket.getLocalAddress());
  }

  @Test
  void bindTwiceThrows() throws Exception {
    Socket socket = newSocket();
    socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    assertSocketException(
        "Already bound", () -> socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0)));
  }

  @Test
  void bindAfterConnectThrows() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    assertSocketException("Already bound", () -> socket.bind(null));
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void bindAfterCloseThrows() throws Exception {
    Socket socket = newSocket();
    socket.close();
    assertSocketException("Socket is closed", () -> socket.bind(null));
  }

  @Test
  void bindChecksItsArgument() throws Exception {
    Socket socket = newSocket();
    assertSocketException(
        "Unresolved address",
        () -> socket.bind(InetSocketAddress.createUnresolved("x.invalid", 0)));
    assertThrows(IllegalArgumentException.class, () -> socket.bind(Addresses.notOfTheInternet()));
    assertFalse(socket.isBound());
    socket.bind(null);
    assertTrue(socket.isBound());
  }

  @Test
  void bindToAnAddressInUseThrows() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    BindException e =
        assertThrows(BindException.class, () -> socket.bind(server.getLocalSocketAddress()));
    assertEquals("Address already in use", e.getMessage());
    assertFalse(socket.isBound());
  }

  @Test
  void bindToAForeignAddressThrows() throws Exception {
    Socket socket = newSocket();
    BindException e =
        assertThrows(
            BindException.class, () -> socket.bind(new InetSocketAddress(Addresses.NOT_OURS, 0)));
    assertEquals("Cannot assign requested address", e.getMessage());
  }

  @Test
  void connectToTheWildcardGoesWhereTheJdksDoes() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.newServerSocket();
          server.bind(null);
          Socket socket = sockets.newSocket();
          socket.connect(new InetSocketAddress((InetAddress) null, server.getLocalPort()));
          Socket accepted = closing(server.accept());
          assertConverse(socket, accepted);
          return socket.getInetAddress() + " " + accepted.getLocalAddress();
        });
  }

  @Test
  void connectsOverIpv6() throws Exception {
    assumeTrue(Addresses.hasIpv6(), "no ::1 on this host");
    ServerSocket server = serveAt(Addresses.LOOPBACK6);
    Socket socket = connectedTo(server);
    Socket accepted = acceptFrom(server);
    assertEquals(Addresses.LOOPBACK6, socket.getInetAddress());
    assertEquals(Addresses.LOOPBACK6, accepted.getInetAddress());
    assertEquals(Addresses.LOOPBACK6, accepted.getLocalAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void ipv4ClientsAreIpv4ToAWildcardListener() throws Exception {
    ServerSocket server = serveAt(Addresses.WILDCARD6);
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()));
    Socket accepted = acceptFrom(server);
    assertEquals(Addresses.LOOPBACK4, accepted.getInetAddress());
    assertEquals(Addresses.LOOPBACK4, accepted.getLocalAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void connectsToTheHostsOwnAddress() throws Exception {
    InetAddress host = Addresses.host4().orElse(null);
    assumeTrue(host != null, "no address but loopback's");
    ServerSocket server = serveAt(Addresses.WILDCARD4);
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(host, server.getLocalPort()));
    Socket accepted = acceptFrom(server);
    assertEquals(host, socket.getInetAddress());
    assertEquals(host, accepted.getLocalAddress());
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void connectByNameKeepsTheName() throws Exception {
    ServerSocket server = serve();
    InetAddress named = InetAddress.getByAddress("some.name", Addresses.LOOPBACK4.getAddress());
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(named, server.getLocalPort()));
    assertEquals("some.name/127.0.0.1", socket.getInetAddress().toString());
    assertTrue(socket.toString().startsWith("Socket[addr=some.name/127.0.0.1,port="));
  }

  @Test
  void refusalByNameIsToldAsTheJdks() throws Exception {
    InetAddress named = InetAddress.getByAddress("some.name", Addresses.LOOPBACK4.getAddress());
    InetSocketAddress nobody = new InetSocketAddress(named, abandonedPort().getPort());
    assertAsTheJdks(sockets -> Outcome.ofAction(() -> sockets.newSocket().connect(nobody)));
  }

  @Test
  void connectToPortZeroFailsAsTheJdks() throws Exception {
    InetSocketAddress zero = new InetSocketAddress(Addresses.LOOPBACK4, 0);
    assertAsTheJdks(sockets -> Outcome.ofAction(() -> sockets.newSocket().connect(zero)));
  }
}
