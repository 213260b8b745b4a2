package io.twinport.contract.channel.adaptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.OneHost;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.SocketFacts;
import io.twinport.contract.support.Transport;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link SocketChannel#socket}: addresses and states, answered as the JDK's adaptor answers. */
public abstract class SocketAdaptorContract extends AdaptorContract {
  protected SocketAdaptorContract(Transport transport) {
    super(transport);
  }

  /** Everything a socket tells about itself, with ports by name. */
  private static Map<String, String> describe(Socket socket, int localPort, int remotePort) {
    Map<String, String> facts = SocketFacts.of(socket);
    facts.put("setSoTimeout", Outcome.ofAction(() -> socket.setSoTimeout(0)));
    facts.put("shutdownInput", Outcome.ofAction(socket::shutdownInput));
    facts.put("shutdownOutput", Outcome.ofAction(socket::shutdownOutput));
    facts.replaceAll((name, fact) -> SocketFacts.withPortsByName(fact, localPort, remotePort));
    return facts;
  }

  private static Map<String, String> describe(SocketChannel channel, InetSocketAddress remote)
      throws Exception {
    int localPort = channel.isOpen() ? Addresses.port(channel) : 0;
    return describe(channel.socket(), localPort, remote.getPort());
  }

  @Test
  void socketIsAlwaysTheSameAndKnowsItsChannel() throws Exception {
    SocketChannel channel = connectedPair().near();
    Socket socket = channel.socket();
    assertSame(socket, channel.socket());
    assertSame(channel, socket.getChannel());
  }

  @Test
  void unconnectedSocketAnswersAsTheJdks() throws Exception {
    SocketChannel model = closing(JdkTransport.PROVIDER.openSocketChannel());
    Outcome.assertSameAnswers(
        describe(model.socket(), -9, -9), describe(openSocket().socket(), -9, -9));
  }

  @Test
  void boundSocketAnswersAsTheJdks() throws Exception {
    SocketChannel model = closing(JdkTransport.PROVIDER.openSocketChannel());
    model.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    SocketChannel channel = openSocket();
    channel.socket().bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    Outcome.assertSameAnswers(
        describe(model.socket(), Addresses.port(model), -9),
        describe(channel.socket(), Addresses.port(channel), -9));
  }

  @Test
  @OneHost("compares the addresses with those of the JDK's connection on this host")
  void connectedSocketAnswersAsTheJdks() throws Exception {
    Pair model = jdkPair();
    Pair pair = connectedPair();
    Outcome.assertSameAnswers(
        describe(model.near(), Addresses.local(model.far())),
        describe(pair.near(), Addresses.local(pair.far())));
  }

  @Test
  @OneHost("compares the addresses with those of the JDK's connection on this host")
  void closedSocketAnswersAsTheJdks() throws Exception {
    Pair model = jdkPair();
    Pair pair = connectedPair();
    Outcome.assertSameAnswers(describeClosed(model), describeClosed(pair));
  }

  private static Map<String, String> describeClosed(Pair pair) throws Exception {
    int local = Addresses.port(pair.near());
    int remote = Addresses.port(pair.far());
    pair.near().close();
    return describe(pair.near().socket(), local, remote);
  }

  @Test
  void addressesOfTheSocketAreTheChannels() throws Exception {
    Pair pair = connectedPair();
    Socket socket = pair.near().socket();
    assertEquals(pair.near().getRemoteAddress(), socket.getRemoteSocketAddress());
    assertEquals(pair.near().getLocalAddress(), socket.getLocalSocketAddress());
    assertEquals(Addresses.port(pair.far()), socket.getPort());
    assertEquals(Addresses.port(pair.near()), socket.getLocalPort());
  }

  @Test
  void negativeTimeoutThrows() throws Exception {
    Socket socket = openSocket().socket();
    assertThrows(IllegalArgumentException.class, () -> socket.setSoTimeout(-1));
    assertEquals(0, socket.getSoTimeout());
  }

  @Test
  void shutdownThroughTheSocketIsSeenByPeerAndFlags() throws Exception {
    Pair pair = connectedPair();
    Socket socket = pair.near().socket();
    assertFalse(socket.isInputShutdown());
    assertFalse(socket.isOutputShutdown());
    socket.shutdownOutput();
    assertTrue(socket.isOutputShutdown());
    assertEndOfStream(pair.far());
    socket.shutdownInput();
    assertTrue(socket.isInputShutdown());
    assertFalse(socket.isClosed());
    assertTrue(socket.isConnected());
  }

  @Test
  void closeOfTheSocketClosesTheChannel() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().close();
    assertFalse(pair.near().isOpen());
    assertTrue(pair.near().socket().isClosed());
    assertEndOfStream(pair.far());
  }

  @Test
  void connectThroughTheSocket() throws Exception {
    ServerSocketChannel listener = listen();
    for (int timeout : new int[] {0, 10_000}) {
      SocketChannel channel = openSocket();
      channel.socket().connect(listener.getLocalAddress(), timeout);
      assertTrue(channel.isConnected());
      assertTrue(channel.isBlocking());
      writeFully(channel, "via socket");
      assertReads("via socket", accept(listener));
    }
    SocketChannel channel = openSocket();
    channel.socket().connect(listener.getLocalAddress());
    assertTrue(channel.socket().isConnected());
  }

  @Test
  void refusedConnectThroughTheSocketCloses() throws Exception {
    InetSocketAddress nobody = closedPort();
    for (int timeout : new int[] {0, 10_000}) {
      SocketChannel channel = openSocket();
      ConnectException e =
          assertThrows(ConnectException.class, () -> channel.socket().connect(nobody, timeout));
      Refusals.POLLING.assertRefused(e);
      assertTrue(channel.socket().isClosed());
    }
  }

  @Test
  void connectOutOfTurnThroughTheSocketThrowsAsTheJdks() throws Exception {
    ServerSocketChannel listener = listen();
    InetSocketAddress remote = Addresses.local(listener);
    assertEquals(
        connectOutOfTurn(
            jdkPair().near(), closing(JdkTransport.PROVIDER.openSocketChannel()), remote),
        connectOutOfTurn(connectedPair().near(), openSocket(), remote));
  }

  private static String connectOutOfTurn(
      SocketChannel connected, SocketChannel fresh, InetSocketAddress remote) throws Exception {
    StringBuilder seen = new StringBuilder();
    Socket socket = fresh.socket();
    seen.append(Outcome.ofAction(() -> connected.socket().connect(remote))).append('\n');
    seen.append(Outcome.ofAction(() -> connected.socket().bind(null))).append('\n');
    seen.append(Outcome.ofAction(() -> socket.connect(null))).append('\n');
    seen.append(Outcome.ofAction(() -> socket.connect(remote, -1))).append('\n');
    fresh.configureBlocking(false);
    seen.append(Outcome.ofAction(() -> socket.connect(remote, 10))).append('\n');
    seen.append(Outcome.ofAction(() -> socket.connect(remote))).append('\n');
    fresh.close();
    seen.append(Outcome.ofAction(() -> socket.connect(remote))).append('\n');
    seen.append(Outcome.ofAction(() -> socket.bind(null))).append('\n');
    return seen.toString();
  }

  @Test
  void unresolvedConnectThroughTheSocketThrowsAsTheJdks() throws Exception {
    SocketChannel model = closing(JdkTransport.PROVIDER.openSocketChannel());
    SocketChannel channel = openSocket();
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 80);
    assertEquals(
        Outcome.ofAction(() -> model.socket().connect(nowhere)),
        Outcome.ofAction(() -> channel.socket().connect(nowhere)));
    assertEquals(model.isOpen(), channel.isOpen());
  }
}
