package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@link ServerSocket#bind}: where it listens, and how it fails. */
public abstract class ServerSocketBindContract extends SocketContract {
  /** The first JDK known to keep a server bound whatever another bind of it comes to. */
  private static final int FIRST_TO_REMEMBER = 25;

  protected ServerSocketBindContract(Transport transport) {
    super(transport);
  }

  @Test
  void portZeroIsAPortOfTheKernelsChoice() throws Exception {
    ServerSocket server = newServerSocket();
    assertEquals(-1, server.getLocalPort());
    server.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    assertTrue(server.isBound());
    assertTrue(server.getLocalPort() > 0);
    assertEquals(
        new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()),
        server.getLocalSocketAddress());
  }

  @Test
  void nullIsTheWildcard() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(null);
    assertTrue(server.getInetAddress().isAnyLocalAddress());
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()));
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void wildcardAnswersOnIpv6Too() throws Exception {
    assumeTrue(Addresses.hasIpv6(), "no ::1 on this host");
    ServerSocket server = newServerSocket();
    server.bind(null);
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK6, server.getLocalPort()));
    Socket accepted = acceptFrom(server);
    assertEquals(Addresses.LOOPBACK6, accepted.getLocalAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void negativeBacklogIsTheDefault() throws Exception {
    for (int backlog : new int[] {0, -1, Integer.MIN_VALUE, 1, 100_000}) {
      ServerSocket server = newServerSocket();
      server.bind(transport.bindAddress(), backlog);
      Socket socket = connectedTo(server);
      assertConverse(socket, acceptFrom(server));
    }
  }

  @Test
  void bindTwiceThrows() throws Exception {
    ServerSocket server = serve();
    assertSocketException("Already bound", () -> server.bind(transport.bindAddress()));
    Socket socket = connectedTo(server);
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void bindAfterCloseThrows() throws Exception {
    ServerSocket server = newServerSocket();
    server.close();
    assertSocketException("Socket is closed", () -> server.bind(transport.bindAddress()));
  }

  @Test
  void bindChecksItsArgument() throws Exception {
    ServerSocket server = newServerSocket();
    assertSocketException(
        "Unresolved address",
        () -> server.bind(InetSocketAddress.createUnresolved("name.invalid", 0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> server.bind(UnixDomainSocketAddress.of(Path.of("nowhere"))));
    assertFalse(server.isBound());
    server.bind(transport.bindAddress());
  }

  @Test
  void addressInUseThrows() throws Exception {
    ServerSocket one = serve();
    ServerSocket two = newServerSocket();
    BindException e =
        assertThrows(BindException.class, () -> two.bind(one.getLocalSocketAddress()));
    assertEquals("Address already in use", e.getMessage());
    assertFalse(two.isBound());
    Socket socket = connectedTo(one);
    assertConverse(socket, acceptFrom(one));
  }

  @Test
  void addressOfAChannelInUseThrows() throws Exception {
    ServerSocketChannel listener = listen();
    ServerSocket server = newServerSocket();
    assertThrows(BindException.class, () -> server.bind(listener.getLocalAddress()));
  }

  @Test
  void foreignAddressThrows() throws Exception {
    ServerSocket server = newServerSocket();
    BindException e =
        assertThrows(
            BindException.class, () -> server.bind(new InetSocketAddress(Addresses.NOT_OURS, 0)));
    assertEquals("Cannot assign requested address", e.getMessage());
  }

  @Test
  void failedBindLeavesTheServerAsTheJdks() throws Exception {
    ServerSocket one = serve();
    assertAsTheJdks(
        sockets -> {
          ServerSocket two = sockets.newServerSocket();
          return Outcome.ofAction(() -> two.bind(one.getLocalSocketAddress()))
              + (two.isBound() + " " + two.isClosed() + " " + two)
              + Outcome.ofAction(() -> two.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0)))
              + two.isBound();
        });
  }

  @Test
  void portIsFreeAfterClose() throws Exception {
    ServerSocket one = serve();
    SocketAddress address = one.getLocalSocketAddress();
    Socket socket = connectedTo(one);
    Socket accepted = acceptFrom(one);
    assertConverse(socket, accepted);
    socket.close();
    assertAtEnd(accepted);
    accepted.close();
    one.close();
    ServerSocket two = newServerSocket();
    two.bind(address);
    Socket next = connectedTo(two);
    assertConverse(next, acceptFrom(two));
  }

  @Test
  void restartedServerServesAtOnce() throws Exception {
    SocketAddress address = freePort();
    for (int i = 0; i < 20; i++) {
      ServerSocket server = newServerSocket();
      server.setReuseAddress(true);
      server.bind(address);
      Socket socket = connectedTo(server);
      assertConverse(socket, acceptFrom(server));
      server.close();
    }
  }

  @Test
  void samePortOnTwoAddressesAreTwoServers() throws Exception {
    ServerSocket one = serveAt(Addresses.LOOPBACK4);
    InetAddress second = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    ServerSocket two = newServerSocket();
    two.bind(new InetSocketAddress(second, one.getLocalPort()));
    Socket toTwo = connectedTo(two);
    Socket toOne = connectedTo(one);
    assertEquals(second, acceptFrom(two).getLocalAddress());
    assertEquals(Addresses.LOOPBACK4, acceptFrom(one).getLocalAddress());
    assertEquals(second, toTwo.getInetAddress());
    assertEquals(Addresses.LOOPBACK4, toOne.getInetAddress());
  }

  @Test
  void reuseAddressIsTheJdksByDefault() throws Exception {
    assertAsTheJdks(sockets -> Outcome.of(sockets.newServerSocket()::getReuseAddress));
  }

  @Test
  void closeIsIdempotent() throws Exception {
    ServerSocket server = serve();
    server.close();
    server.close();
    assertTrue(server.isClosed());
    assertTrue(server.isBound(), "closed, but it was bound");
  }

  @Test
  void addressOfAClosedServerIsRemembered() throws Exception {
    ServerSocket server = serve();
    SocketAddress address = server.getLocalSocketAddress();
    server.close();
    assertAsTheJdks(
        sockets -> {
          ServerSocket closed = sockets.serve();
          int port = closed.getLocalPort();
          closed.close();
          return (closed.getLocalPort() == port) + " " + closed.getInetAddress();
        });
    assertEquals(address, server.getLocalSocketAddress());
  }

  @Test
  void textIsThatOfABoundServer() throws Exception {
    ServerSocket server = newServerSocket();
    assertEquals("ServerSocket[unbound]", server.toString());
    server.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    assertEquals(
        "ServerSocket[addr=/127.0.0.1,localport=%d]".formatted(server.getLocalPort()),
        server.toString());
  }

  @Test
  void concurrentBindsOfOneServerBindItOnce() throws Exception {
    ServerSocket server = newServerSocket();
    Background<String> one = spawn(() -> Outcome.ofAction(() -> server.bind(null)));
    Background<String> two = spawn(() -> Outcome.ofAction(() -> server.bind(null)));
    assertTrue(
        one.join().equals("returns normally") ^ two.join().equals("returns normally"),
        "exactly one binds");
    // Before, the one that fails may have the server forget that the other has bound it.
    assertTrue(server.isBound() || Runtime.version().feature() < FIRST_TO_REMEMBER);
  }
}
