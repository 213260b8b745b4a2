package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@link Socket#connect}: what it leads to, how it fails, and what ends it. */
public abstract class SocketConnectContract extends SocketContract {
  protected SocketConnectContract(Transport transport) {
    super(transport);
  }

  @Test
  void connectedSocketConverses() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void connectWithATimeoutConverses() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.connect(server.getLocalSocketAddress(), 15_000);
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void readAfterATimedConnectHasNoTimeout() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.connect(server.getLocalSocketAddress(), 1000);
    Socket accepted = acceptFrom(server);
    assertEquals(0, socket.getSoTimeout());
    Background<Integer> reading = blockedRead(socket);
    TimeUnit.MILLISECONDS.sleep(1200);
    assertFalse(reading.isDone(), "the connect's timeout is over");
    send(accepted, "x");
    assertEquals('x', reading.join());
  }

  @Test
  void bothEndsKnowEachOther() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    Socket accepted = acceptFrom(server);
    assertEquals(server.getLocalSocketAddress(), socket.getRemoteSocketAddress());
    assertEquals(server.getLocalSocketAddress(), accepted.getLocalSocketAddress());
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertEquals(socket.getLocalPort(), accepted.getPort());
    assertEquals(server.getLocalPort(), socket.getPort());
    assertEquals(server.getLocalPort(), accepted.getLocalPort());
    assertEquals(server.getInetAddress(), socket.getInetAddress());
  }

  @Test
  void everyConnectionHasItsOwnPort() throws Exception {
    ServerSocket server = serve();
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Socket socket = connectedTo(server);
      assertTrue(ports.add(socket.getLocalPort()), "port " + socket.getLocalPort() + " again");
      assertEquals(socket.getLocalPort(), acceptFrom(server).getPort());
    }
  }

  @Test
  void connectToNobodyIsRefused() throws Exception {
    InetSocketAddress nobody = abandonedPort();
    Socket socket = newSocket();
    ConnectException e = assertThrows(ConnectException.class, () -> socket.connect(nobody));
    Refusals.CONNECTING.assertRefused(e);
    assertFalse(socket.isConnected());
  }

  @Test
  void timedConnectToNobodyIsRefused() throws Exception {
    InetSocketAddress nobody = abandonedPort();
    Socket socket = newSocket();
    ConnectException e = assertThrows(ConnectException.class, () -> socket.connect(nobody, 10_000));
    Refusals.POLLING.assertRefused(e);
  }

  @Test
  void refusedSocketIsAsTheJdks() throws Exception {
    InetSocketAddress nobody = abandonedPort();
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          return Outcome.ofAction(() -> socket.connect(nobody))
              + (" closed " + socket.isClosed() + " bound " + socket.isBound())
              + (" connected " + socket.isConnected() + " " + socket)
              + ("; again " + Outcome.ofAction(() -> socket.connect(nobody)))
              + ("; option " + Outcome.of(socket::getTcpNoDelay))
              + ("; stream " + Outcome.of(socket::getInputStream));
        });
  }

  @Test
  void secondConnectThrowsAsTheJdks() throws Exception {
    String told =
        assertAsTheJdks(
            sockets -> {
              ServerSocket server = sockets.serve();
              Socket socket = sockets.newSocket();
              socket.connect(server.getLocalSocketAddress());
              return Outcome.ofAction(() -> socket.connect(server.getLocalSocketAddress()))
                  + (" closed " + socket.isClosed());
            });
    assertTrue(told.contains("java.net.SocketException: "), told);
  }

  @Test
  void connectAfterCloseThrows() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    socket.close();
    assertSocketException("Socket is closed", () -> socket.connect(server.getLocalSocketAddress()));
    assertSocketException(
        "Socket is closed", () -> socket.connect(server.getLocalSocketAddress(), 10));
  }

  @Test
  void connectChecksItsArguments() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    assertThrows(IllegalArgumentException.class, () -> socket.connect(null));
    assertThrows(IllegalArgumentException.class, () -> socket.connect(null, 10));
    assertThrows(
        IllegalArgumentException.class, () -> socket.connect(server.getLocalSocketAddress(), -1));
    assertThrows(
        IllegalArgumentException.class, () -> socket.connect(Addresses.notOfTheInternet()));
    socket.connect(server.getLocalSocketAddress());
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void connectToAnUnresolvedNameIsAsTheJdks() throws Exception {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("name.invalid", 4711);
    assertThrows(UnknownHostException.class, () -> newSocket().connect(unresolved));
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          return Outcome.ofAction(() -> socket.connect(unresolved)) + " " + socket.isClosed();
        });
  }

  /** From JDK 24 on, whatever a connect fails at closes the socket, unless it is connected. */
  @Test
  void socketsWhoseConnectFailsAreAsTheJdks() throws Exception {
    InetSocketAddress nobody = abandonedPort();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("name.invalid", 4711);
    for (InetSocketAddress to : new InetSocketAddress[] {nobody, unresolved}) {
      assertAsTheJdks(
          sockets -> {
            Socket bound = sockets.newSocket();
            bound.bind(null);
            String told = Outcome.ofAction(() -> bound.connect(to)) + " " + bound.isClosed();
            ServerSocket server = sockets.serve();
            Socket connected = sockets.newSocket();
            connected.connect(server.getLocalSocketAddress());
            return told
                + ("; " + Outcome.ofAction(() -> connected.connect(to)))
                + (" " + connected.isClosed());
          });
    }
  }

  @Test
  void connectTimesOut() throws Exception {
    try (FullListener full = fullListener()) {
      Socket socket = newSocket();
      long start = System.nanoTime();
      SocketTimeoutException e =
          assertThrows(SocketTimeoutException.class, () -> socket.connect(full.address(), 150));
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
      assertEquals("Connect timed out", e.getMessage());
      assertTrue(millis >= 145, "timed out after " + millis + " ms");
      assertFalse(socket.isConnected());
    }
  }

  @Test
  void timedOutSocketIsAsTheJdks() throws Exception {
    try (FullListener full = fullListener()) {
      assertAsTheJdks(
          sockets -> {
            Socket socket = sockets.newSocket();
            return Outcome.ofAction(() -> socket.connect(full.address(), 200))
                + (" closed " + socket.isClosed() + " bound " + socket.isBound())
                + ("; again " + Outcome.ofAction(() -> socket.connect(full.address(), 200)));
          });
    }
  }

  @Test
  void connectWaitsForAPeerThatIsLate() throws Exception {
    try (FullListener full = fullListener()) {
      Socket socket = newSocket();
      Background<Void> connecting = blockedConnect(socket, full.address(), 0);
      awaitTrue(
          "connected",
          () -> {
            full.drain();
            return connecting.isDone();
          });
      connecting.join();
      assertTrue(socket.isConnected());
    }
  }

  @Test
  void connectToAHostThatNoUriCanNameIsAsTheJdks() throws Exception {
    for (String name : new String[] {"/name", "/", "a name", "[name]", "::", "n\u00e4me"}) {
      assertAsTheJdks(
          sockets -> {
            ServerSocket server = sockets.serve();
            InetAddress address = server.getInetAddress();
            InetAddress named = InetAddress.getByAddress(name, address.getAddress());
            try (Socket socket = sockets.newSocket()) {
              socket.connect(new InetSocketAddress(named, server.getLocalPort()));
              return "connected";
            } catch (IOException | IllegalArgumentException e) {
              return e.toString();
            }
          });
    }
  }

  private static Background<Void> blockedConnect(Socket socket, SocketAddress remote, int timeout)
      throws Exception {
    return blocked(
        () -> {
          socket.connect(remote, timeout);
          return null;
        });
  }

  @Test
  void closeEndsABlockedConnect() throws Exception {
    assertCloseEndsAConnect(0);
  }

  @Test
  void closeEndsATimedConnect() throws Exception {
    assertCloseEndsAConnect(15_000);
  }

  private void assertCloseEndsAConnect(int timeout) throws Exception {
    try (FullListener full = fullListener()) {
      Socket socket = newSocket();
      Background<Void> connecting = blockedConnect(socket, full.address(), timeout);
      socket.close();
      assertSocketClosed(connecting);
      assertTrue(socket.isClosed());
    }
  }

  @Test
  void interruptDoesNotEndABlockedConnect() throws Exception {
    try (FullListener full = fullListener()) {
      Socket socket = newSocket();
      Background<Void> connecting = blockedConnect(socket, full.address(), 0);
      connecting.interrupt();
      awaitTrue(
          "connected",
          () -> {
            full.drain();
            return connecting.isDone();
          });
      connecting.join();
      assertTrue(connecting.interruptedAtEnd());
      assertTrue(socket.isConnected());
    }
  }

  @Test
  void interruptOfAVirtualThreadsConnectIsAsTheJdks() throws Exception {
    assertAsTheJdks(sockets -> interruptOfAVirtualConnect(sockets, 0));
    assertAsTheJdks(sockets -> interruptOfAVirtualConnect(sockets, 15_000));
  }

  private String interruptOfAVirtualConnect(Maker sockets, int timeout) throws Exception {
    try (FullListener full = fullListener()) {
      Socket socket = sockets.newSocket();
      Background<Void> connecting =
          blockedVirtual(
              () -> {
                socket.connect(full.address(), timeout);
                return null;
              });
      String outcome =
          interruptedOutcome(
              connecting,
              () -> {
                awaitTrue(
                    "connected",
                    () -> {
                      full.drain();
                      return connecting.isDone();
                    });
                return null;
              });
      return outcome + socket.isClosed();
    }
  }

  @Test
  void interruptedThreadConnects() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    Background<Boolean> connecting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              socket.connect(server.getLocalSocketAddress());
              return Thread.currentThread().isInterrupted();
            });
    assertTrue(connecting.join(), "still interrupted");
    assertConverse(socket, acceptFrom(server));
  }

  /** Over loopback, TCP mostly has its answer before anybody would wait for it. */
  @Test
  void virtualThreadThatIsInterruptedAlreadyConnects() throws Exception {
    for (int timeout : new int[] {0, 15_000}) {
      ServerSocket server = serve();
      Socket socket = newSocket();
      Background<String> connecting =
          Background.startVirtual(
              () -> {
                Thread.currentThread().interrupt();
                return Outcome.ofAction(
                    () -> socket.connect(server.getLocalSocketAddress(), timeout));
              });
      String outcome = connecting.join();
      assertTrue(connecting.interruptedAtEnd());
      if (socket.isConnected()) {
        assertConverse(socket, acceptFrom(server));
      } else {
        assertFalse(transport.san(), outcome);
        assertTrue(outcome.contains("SocketException: Closed by interrupt"), outcome);
      }
    }
  }

  @Test
  void connectToAnUnresolvedNameBehindARefusedOneIsAsTheJdks() throws Exception {
    InetSocketAddress nobody = abandonedPort();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("name.invalid", 4711);
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          return Outcome.ofAction(() -> socket.connect(nobody))
              + Outcome.ofAction(() -> socket.connect(unresolved))
              + Outcome.ofAction(() -> socket.connect(nobody));
        });
  }

  @Test
  void connectIsCompleteBeforeTheAccept() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    send(socket, "early");
    socket.shutdownOutput();
    Socket accepted = acceptFrom(server);
    assertReceives("early", accepted);
    assertAtEnd(accepted);
  }

  @Test
  void socketsMeetChannels() throws Exception {
    try (ServerSocketChannel listener = listen()) {
      Socket socket = newSocket();
      socket.connect(listener.getLocalAddress());
      SocketChannel accepted = accept(listener);
      send(socket, "to a channel");
      assertReads("to a channel", accepted);
      writeFully(accepted, "to a socket");
      assertReceives("to a socket", socket);
      assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteAddress());
    }
  }

  @Test
  void channelsMeetServerSockets() throws Exception {
    ServerSocket server = serve();
    SocketChannel channel = connectTo(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    writeFully(channel, "to a socket");
    assertReceives("to a socket", accepted);
    send(accepted, "to a channel");
    assertReads("to a channel", channel);
    channel.close();
    assertAtEnd(accepted);
  }

  @Test
  void jdkClientsAreServedOnTheSamePort() throws Exception {
    ServerSocket server = serve();
    Socket plain = closing(PlatformSockets.JDK.newSocket());
    plain.connect(server.getLocalSocketAddress());
    Socket accepted = acceptFrom(server);
    assertEquals(plain.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(plain, accepted);
  }

  @Test
  void jdkServersAreReached() throws Exception {
    ServerSocket server = closing(PlatformSockets.JDK.newServerSocket());
    server.bind(transport.bindAddress());
    Socket socket = connectedTo(server);
    Socket accepted = acceptFrom(server);
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void manyConnectAtOnce() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(transport.bindAddress(), 200);
    int clients = 60;
    Set<Background<Socket>> connecting = new HashSet<>();
    for (int i = 0; i < clients; i++) {
      connecting.add(spawn(() -> connectedTo(server)));
    }
    Set<SocketAddress> seen = new HashSet<>();
    for (int i = 0; i < clients; i++) {
      seen.add(acceptFrom(server).getRemoteSocketAddress());
    }
    for (Background<Socket> one : connecting) {
      assertTrue(seen.remove(one.join().getLocalSocketAddress()));
    }
    assertEquals(Set.of(), seen);
  }

  @Test
  void concurrentConnectsOfOneSocketConnectItAtMostOnce() throws Exception {
    ServerSocket server = serve();
    Socket socket = newSocket();
    Background<Boolean> one = spawn(() -> connects(socket, server));
    Background<Boolean> other = spawn(() -> connects(socket, server));
    // Not exactly once: the one that fails may close the socket, which ends the other.
    boolean both = one.join() && other.join();
    assertFalse(both, "both connected");
  }

  /** Whether a connect was the one that connected; another may have overtaken it. */
  private static boolean connects(Socket socket, ServerSocket server) throws Exception {
    try {
      socket.connect(server.getLocalSocketAddress());
      return true;
    } catch (SocketException e) {
      assertEquals(SocketException.class, e.getClass(), e.toString());
      return false;
    }
  }
}
