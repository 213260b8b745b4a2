package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.SocketFacts;
import io.twinport.contract.support.Transport;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** All that a socket tells about itself, after each event of its life. */
public abstract class SocketStateContract extends SocketContract {
  protected SocketStateContract(Transport transport) {
    super(transport);
  }

  /** Everything that can be asked, without changing the socket; ports by name. */
  private static String describe(Socket socket, int localPort, int remotePort) {
    Map<String, String> facts = SocketFacts.of(socket);
    facts.put("getChannel", Outcome.of(socket::getChannel));
    facts.put("available", Outcome.of(() -> socket.getInputStream().available()));
    return withPortsByName(facts, localPort, remotePort);
  }

  private static String describe(ServerSocket server, int localPort) {
    Map<String, String> facts = new TreeMap<>();
    facts.put("getInetAddress", Outcome.of(server::getInetAddress));
    facts.put("getLocalPort", Outcome.of(server::getLocalPort));
    facts.put("getLocalSocketAddress", Outcome.of(server::getLocalSocketAddress));
    facts.put("isBound", Outcome.of(server::isBound));
    facts.put("isClosed", Outcome.of(server::isClosed));
    facts.put("getChannel", Outcome.of(server::getChannel));
    facts.put("getSoTimeout", Outcome.of(server::getSoTimeout));
    facts.put("toString", Outcome.of(server::toString));
    return withPortsByName(facts, localPort, -9);
  }

  private static String withPortsByName(Map<String, String> facts, int local, int remote) {
    StringBuilder all = new StringBuilder();
    facts.forEach(
        (name, fact) ->
            all.append(name)
                .append(' ')
                .append(SocketFacts.withPortsByName(fact, local, remote))
                .append('\n'));
    return all.toString();
  }

  private static String describeNear(Ends ends) {
    return describe(ends.near(), ends.near().getLocalPort(), ends.near().getPort());
  }

  @Test
  void unboundSocket() throws Exception {
    assertAsTheJdks(sockets -> describe(sockets.newSocket(), -9, -9));
  }

  @Test
  void boundSocket() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
          return describe(socket, socket.getLocalPort(), -9);
        });
  }

  @Test
  void socketBoundToTheWildcard() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.bind(null);
          return describe(socket, socket.getLocalPort(), -9);
        });
  }

  @Test
  void connectedSocket() throws Exception {
    assertAsTheJdks(sockets -> describeNear(sockets.connect()));
  }

  @Test
  void acceptedSocket() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          return describe(ends.far(), ends.far().getLocalPort(), ends.far().getPort());
        });
  }

  @Test
  void socketWithItsInputShut() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.near().shutdownInput();
          return describeNear(ends);
        });
  }

  @Test
  void socketWithItsOutputShut() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.near().shutdownOutput();
          return describeNear(ends);
        });
  }

  @Test
  void socketWhosePeerHasClosed() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().close();
          assertAtEnd(ends.near());
          return describeNear(ends);
        });
  }

  @Test
  void socketWhosePeerHasReset() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          ends.far().setSoLinger(true, 0);
          ends.far().close();
          return Outcome.of(() -> ends.near().getInputStream().read()) + describeNear(ends);
        });
  }

  @Test
  void closedSocketThatWasNew() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.close();
          return describe(socket, -9, -9);
        });
  }

  @Test
  void closedSocketThatWasBound() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Socket socket = sockets.newSocket();
          socket.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
          int port = socket.getLocalPort();
          socket.close();
          return describe(socket, port, -9);
        });
  }

  @Test
  void closedSocketThatWasConnected() throws Exception {
    assertAsTheJdks(
        sockets -> {
          Ends ends = sockets.connect();
          int local = ends.near().getLocalPort();
          int remote = ends.near().getPort();
          ends.near().close();
          return describe(ends.near(), local, remote);
        });
  }

  @Test
  void unboundServerSocket() throws Exception {
    assertAsTheJdks(sockets -> describe(sockets.newServerSocket(), -9));
  }

  @Test
  void boundServerSocket() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.serve();
          return describe(server, server.getLocalPort());
        });
  }

  @Test
  void serverSocketBoundToTheWildcard() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.newServerSocket();
          server.bind(null);
          return describe(server, server.getLocalPort());
        });
  }

  @Test
  void closedServerSocket() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.serve();
          int port = server.getLocalPort();
          server.close();
          return describe(server, port);
        });
  }

  @Test
  void closedServerSocketThatWasUnbound() throws Exception {
    assertAsTheJdks(
        sockets -> {
          ServerSocket server = sockets.newServerSocket();
          server.close();
          return describe(server, -9);
        });
  }

  @Test
  void thereIsNoChannel() throws Exception {
    Ends ends = connectedEnds();
    assertNull(ends.near().getChannel());
    assertNull(ends.far().getChannel());
    assertNull(serve().getChannel());
  }

  @Test
  void streamsAreAlwaysTheSame() throws Exception {
    Socket socket = connectedEnds().near();
    assertSame(socket.getInputStream(), socket.getInputStream());
    assertSame(socket.getOutputStream(), socket.getOutputStream());
  }

  @Test
  void closeIsIdempotent() throws Exception {
    Ends ends = connectedEnds();
    ends.near().close();
    ends.near().close();
    assertTrue(ends.near().isClosed());
    assertTrue(ends.near().isConnected(), "closed, but it was connected");
    assertFalse(ends.far().isClosed());
  }

  @Test
  void performancePreferencesChangeNothing() throws Exception {
    ServerSocket server = newServerSocket();
    server.setPerformancePreferences(0, 1, 2);
    server.bind(transport.bindAddress());
    Socket socket = newSocket();
    socket.setPerformancePreferences(2, 1, 0);
    socket.connect(server.getLocalSocketAddress());
    socket.setPerformancePreferences(-1, 5, 0);
    assertConverse(socket, acceptFrom(server));
  }

  @Test
  void textIsThatOfAConnectedSocket() throws Exception {
    Socket socket = connectedEnds().near();
    assertEquals(
        "Socket[addr=/127.0.0.1,port=%d,localport=%d]"
            .formatted(socket.getPort(), socket.getLocalPort()),
        socket.toString());
  }
}
