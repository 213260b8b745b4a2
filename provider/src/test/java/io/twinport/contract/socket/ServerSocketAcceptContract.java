package io.twinport.contract.socket;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Transport;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@link ServerSocket#accept}: waiting, timing out, closing, and several threads at once. */
public abstract class ServerSocketAcceptContract extends SocketContract {
  protected ServerSocketAcceptContract(Transport transport) {
    super(transport);
  }

  private static Background<Socket> blockedAccept(ServerSocket server) throws Exception {
    return blocked(server::accept);
  }

  @Test
  void acceptTakesWhoeverIsQueued() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    Socket accepted = acceptFrom(server);
    assertEquals(socket.getLocalSocketAddress(), accepted.getRemoteSocketAddress());
    assertConverse(socket, accepted);
  }

  @Test
  void acceptWaitsForAConnect() throws Exception {
    ServerSocket server = serve();
    Background<Socket> accepting = blockedAccept(server);
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
  }

  @Test
  void acceptsInTheOrderOfConnects() throws Exception {
    ServerSocket server = serve();
    List<SocketAddress> connected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      connected.add(connectedTo(server).getLocalSocketAddress());
    }
    List<SocketAddress> accepted = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      accepted.add(acceptFrom(server).getRemoteSocketAddress());
    }
    assertEquals(connected, accepted);
  }

  @Test
  void acceptTimesOut() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(80);
    long start = System.nanoTime();
    SocketTimeoutException e = assertThrows(SocketTimeoutException.class, server::accept);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
    assertEquals("Accept timed out", e.getMessage());
    assertTrue(millis >= 75, "timed out after " + millis + " ms");
    assertFalse(server.isClosed());
  }

  @Test
  void serverStaysUsableAfterATimeout() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(10);
    assertThrows(SocketTimeoutException.class, server::accept);
    server.setSoTimeout(15_000);
    Socket socket = connectedTo(server);
    assertConverse(socket, acceptFrom(server));
    Background<Socket> accepting = blockedAccept(server);
    Socket next = connectedTo(server);
    assertConverse(next, closing(accepting.join()));
  }

  @Test
  void timeoutTakenBackMeansForEver() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(10);
    assertThrows(SocketTimeoutException.class, server::accept);
    server.setSoTimeout(0);
    Background<Socket> accepting = blockedAccept(server);
    TimeUnit.MILLISECONDS.sleep(100);
    assertFalse(accepting.isDone());
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
  }

  @Test
  void timeoutSetDuringAnAcceptIsForTheNext() throws Exception {
    ServerSocket server = serve();
    Background<Socket> accepting = blockedAccept(server);
    server.setSoTimeout(20);
    TimeUnit.MILLISECONDS.sleep(100);
    assertFalse(accepting.isDone());
    connectedTo(server);
    closing(accepting.join());
    assertThrows(SocketTimeoutException.class, server::accept);
  }

  @Test
  void timeoutIsSetAndRead() throws Exception {
    ServerSocket server = newServerSocket();
    assertEquals(0, server.getSoTimeout());
    server.setSoTimeout(321);
    server.bind(transport.bindAddress());
    assertEquals(321, server.getSoTimeout());
    assertThrows(IllegalArgumentException.class, () -> server.setSoTimeout(-1));
    server.close();
    assertSocketException("Socket is closed", () -> server.setSoTimeout(1));
    assertSocketException("Socket is closed", server::getSoTimeout);
  }

  @Test
  void severalTimedAcceptsAllTimeOut() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(50);
    List<Background<Socket>> accepting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      accepting.add(spawn(server::accept));
    }
    for (Background<Socket> one : accepting) {
      one.joinFailure(SocketTimeoutException.class);
    }
  }

  @Test
  void oneOfTwoTimedAcceptsTakesTheOnlyClient() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(1000);
    Background<Socket> one = spawn(server::accept);
    Background<Socket> other = spawn(server::accept);
    Socket client = connectedTo(server);
    awaitTrue("one has it", () -> one.isDone() || other.isDone());
    boolean first = one.isDone();
    assertConverse(client, closing((first ? one : other).join()));
    (first ? other : one).joinFailure(SocketTimeoutException.class);
  }

  @Test
  void timedAcceptOfAnInterruptedThreadTimesOut() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(60);
    Background<Long> accepting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              long start = System.nanoTime();
              assertThrows(SocketTimeoutException.class, server::accept);
              return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
            });
    long millis = accepting.join();
    assertTrue(millis >= 55, "timed out after " + millis + " ms");
    assertTrue(accepting.interruptedAtEnd());
    assertFalse(server.isClosed());
  }

  @Test
  void longestTimeoutWaits() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(Integer.MAX_VALUE);
    Background<Socket> accepting = blockedAccept(server);
    Socket socket = newSocket();
    socket.connect(server.getLocalSocketAddress(), Integer.MAX_VALUE);
    assertConverse(socket, closing(accepting.join()));
  }

  @Test
  void whoeverACloseEndsFindsTheServerClosed() throws Exception {
    for (int timeout : new int[] {0, 19_000}) {
      for (int i = 0; i < 20; i++) {
        ServerSocket server = serve();
        server.setSoTimeout(timeout);
        Background<Boolean> accepting =
            spawn(
                () -> {
                  assertThrows(SocketException.class, server::accept);
                  return server.isClosed();
                });
        server.close();
        assertTrue(accepting.join());
      }
    }
  }

  @Test
  void closeEndsABlockedAccept() throws Exception {
    ServerSocket server = serve();
    Background<Socket> accepting = blockedAccept(server);
    server.close();
    assertSocketClosed(accepting);
  }

  @Test
  void closeEndsATimedAccept() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(19_000);
    Background<Socket> accepting = blockedAccept(server);
    server.close();
    assertSocketClosed(accepting);
  }

  @Test
  void closeEndsAllAccepts() throws Exception {
    ServerSocket server = serve();
    List<Background<Socket>> accepting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      accepting.add(blockedAccept(server));
    }
    server.close();
    for (Background<Socket> one : accepting) {
      assertSocketClosed(one);
    }
  }

  @Test
  void acceptOfAClosedServerThrows() throws Exception {
    ServerSocket server = serve();
    server.close();
    assertSocketException("Socket is closed", server::accept);
  }

  @Test
  void acceptOfAnUnboundServerThrows() throws Exception {
    assertSocketException("Socket is not bound yet", newServerSocket()::accept);
  }

  @Test
  void closeOfAServerLeavesAcceptedSocketsAlone() throws Exception {
    ServerSocket server = serve();
    Socket socket = connectedTo(server);
    Socket accepted = acceptFrom(server);
    server.close();
    assertConverse(socket, accepted);
  }

  @Test
  void connectAfterTheServersCloseIsRefused() throws Exception {
    ServerSocket server = serve();
    SocketAddress address = server.getLocalSocketAddress();
    connectedTo(server);
    acceptFrom(server);
    server.close();
    assertThrows(ConnectException.class, () -> newSocket().connect(address));
  }

  @Test
  void interruptDoesNotEndABlockedAccept() throws Exception {
    ServerSocket server = serve();
    Background<Socket> accepting = blockedAccept(server);
    accepting.interrupt();
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
    assertTrue(accepting.interruptedAtEnd());
    assertFalse(server.isClosed());
  }

  @Test
  void interruptDoesNotEndATimedAccept() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(19_000);
    Background<Socket> accepting = blockedAccept(server);
    accepting.interrupt();
    Socket socket = connectedTo(server);
    assertConverse(socket, closing(accepting.join()));
    assertTrue(accepting.interruptedAtEnd());
  }

  @Test
  void threadsShareTheArrivals() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(transport.bindAddress(), 100);
    int each = 15;
    List<Background<Set<SocketAddress>>> acceptors = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      acceptors.add(
          spawn(
              () -> {
                Set<SocketAddress> seen = new HashSet<>();
                for (int k = 0; k < each; k++) {
                  seen.add(acceptFrom(server).getRemoteSocketAddress());
                }
                return seen;
              }));
    }
    Set<SocketAddress> connected = new HashSet<>();
    for (int i = 0; i < 4 * each; i++) {
      connected.add(connectedTo(server).getLocalSocketAddress());
    }
    Set<SocketAddress> accepted = new HashSet<>();
    for (Background<Set<SocketAddress>> acceptor : acceptors) {
      accepted.addAll(acceptor.join());
    }
    assertEquals(connected, accepted);
  }

  @Test
  void acceptedSocketsAreUsedOnOtherThreads() throws Exception {
    ServerSocket server = serve();
    List<Background<byte[]>> workers = new ArrayList<>();
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(connectedTo(server));
      Socket accepted = acceptFrom(server);
      workers.add(
          spawn(
              () -> {
                byte[] request = accepted.getInputStream().readNBytes(4);
                accepted.getOutputStream().write(request);
                accepted.close();
                return request;
              }));
    }
    for (Socket client : clients) {
      send(client, "echo");
      assertReceives("echo", client);
      assertAtEnd(client);
    }
    for (Background<byte[]> worker : workers) {
      worker.join();
    }
  }

  @Test
  void backlogHoldsThatMany() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(transport.bindAddress(), 10);
    for (int i = 0; i < 10; i++) {
      send(connectedTo(server), "queued");
    }
    for (int i = 0; i < 10; i++) {
      assertReceives("queued", acceptFrom(server));
    }
  }

  @Test
  void queuedClientThatHasGoneIsAcceptedAsTheJdks() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.serve();
          Socket gone = sockets.newSocket();
          gone.connect(server.getLocalSocketAddress());
          send(gone, "bye");
          gone.close();
          Socket accepted = closing(server.accept());
          assertReceives("bye", accepted);
          assertAtEnd(accepted);
          return "accepted";
        });
  }

  @Test
  void everyAcceptIsANewSocket() throws Exception {
    ServerSocket server = serve();
    connectedTo(server);
    Socket one = acceptFrom(server);
    connectedTo(server);
    assertNotSame(one, acceptFrom(server));
  }

  @Test
  void acceptOverTheWildcardNamesTheConcreteAddress() throws Exception {
    ServerSocket server = newServerSocket();
    server.bind(new InetSocketAddress(0));
    Socket socket = newSocket();
    socket.connect(new InetSocketAddress(Addresses.LOOPBACK4, server.getLocalPort()));
    Socket accepted = acceptFrom(server);
    assertEquals(Addresses.LOOPBACK4, accepted.getLocalAddress());
    assertEquals(server.getLocalPort(), accepted.getLocalPort());
  }

  @Test
  void bothKindsOfClientsAreAcceptedInTurn() throws Exception {
    ServerSocket server = serve();
    Set<SocketAddress> connected = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      connected.add(connectedTo(server).getLocalSocketAddress());
      Socket plain = closing(PlatformSockets.JDK.newSocket());
      plain.connect(server.getLocalSocketAddress());
      connected.add(plain.getLocalSocketAddress());
    }
    Set<SocketAddress> accepted = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      accepted.add(acceptFrom(server).getRemoteSocketAddress());
    }
    assertEquals(connected, accepted);
  }

  @Test
  void blockedAcceptTakesAPlainTcpClient() throws Exception {
    ServerSocket server = serve();
    for (int timeout : new int[] {0, 19_000}) {
      server.setSoTimeout(timeout);
      Background<Socket> accepting = blockedAccept(server);
      Socket plain = closing(PlatformSockets.JDK.newSocket());
      plain.connect(server.getLocalSocketAddress());
      assertConverse(plain, closing(accepting.join()));
    }
  }

  @Test
  void closeRacesWithAccepts() throws Exception {
    for (int i = 0; i < 50; i++) {
      ServerSocket server = serve();
      Background<Socket> accepting = spawn(server::accept);
      server.close();
      String message = accepting.joinFailure(SocketException.class).getMessage();
      assertTrue(Set.of("Socket closed", "Socket is closed").contains(message), message);
    }
  }

  @Test
  void timeoutsInARowLoseNoClient() throws Exception {
    ServerSocket server = serve();
    server.setSoTimeout(1);
    int clients = 30;
    Background<Void> connecting =
        spawn(
            () -> {
              for (int i = 0; i < clients; i++) {
                connectedTo(server);
                TimeUnit.MILLISECONDS.sleep(2);
              }
              return null;
            });
    int accepted = 0;
    while (accepted < clients) {
      try {
        acceptFrom(server);
        accepted++;
      } catch (SocketTimeoutException e) {
        assertEquals("Accept timed out", e.getMessage());
      }
    }
    connecting.join();
  }
}
