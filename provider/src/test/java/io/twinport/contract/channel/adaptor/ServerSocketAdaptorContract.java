package io.twinport.contract.channel.adaptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * {@link ServerSocketChannel#socket}: accept with and without a timeout, bind and states, as the
 * JDK's adaptor.
 */
public abstract class ServerSocketAdaptorContract extends ContractTest {
  protected ServerSocketAdaptorContract(Transport transport) {
    super(transport);
  }

  private ServerSocketChannel jdkListener() throws Exception {
    return closing(JdkTransport.PROVIDER.openServerSocketChannel());
  }

  private static Map<String, String> describe(ServerSocket socket, int port) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("getInetAddress", Outcome.of(socket::getInetAddress));
    facts.put("getLocalPort", Outcome.of(socket::getLocalPort));
    facts.put("getLocalSocketAddress", Outcome.of(socket::getLocalSocketAddress));
    facts.put("isBound", Outcome.of(socket::isBound));
    facts.put("isClosed", Outcome.of(socket::isClosed));
    facts.put("getSoTimeout", Outcome.of(socket::getSoTimeout));
    facts.put("setSoTimeout", Outcome.ofAction(() -> socket.setSoTimeout(0)));
    facts.put("getReuseAddress", Outcome.of(socket::getReuseAddress));
    facts.put("setReuseAddress", Outcome.ofAction(() -> socket.setReuseAddress(true)));
    facts.put("setReceiveBufferSize", Outcome.ofAction(() -> socket.setReceiveBufferSize(0)));
    facts.put("getReceiveBufferSize", Outcome.of(socket::getReceiveBufferSize));
    facts.put("toString", Outcome.of(socket::toString));
    facts.replaceAll((name, fact) -> fact.replaceAll("\\b" + port + "\\b", "PORT"));
    return facts;
  }

  @Test
  void socketIsAlwaysTheSameAndKnowsItsChannel() throws Exception {
    ServerSocketChannel listener = openListener();
    assertSame(listener.socket(), listener.socket());
    assertSame(listener, listener.socket().getChannel());
  }

  @Test
  void unboundSocketAnswersAsTheJdks() throws Exception {
    Outcome.assertSameAnswers(
        describe(jdkListener().socket(), -9), describe(openListener().socket(), -9));
  }

  @Test
  void boundSocketAnswersAsTheJdks() throws Exception {
    ServerSocketChannel model = jdkListener();
    model.bind(transport.bindAddress());
    ServerSocketChannel listener = listen();
    Outcome.assertSameAnswers(
        describe(model.socket(), Addresses.port(model)),
        describe(listener.socket(), Addresses.port(listener)));
  }

  @Test
  void closedSocketAnswersAsTheJdks() throws Exception {
    ServerSocketChannel model = jdkListener();
    model.bind(transport.bindAddress());
    Outcome.assertSameAnswers(describeClosed(model), describeClosed(listen()));
  }

  private static Map<String, String> describeClosed(ServerSocketChannel listener) throws Exception {
    int port = Addresses.port(listener);
    listener.close();
    return describe(listener.socket(), port);
  }

  @Test
  void bindThroughTheSocketListens() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.socket().bind(transport.bindAddress());
    assertEquals(Addresses.port(listener), listener.socket().getLocalPort());
    Pair pair = connectThrough(listener);
    writeFully(pair.near(), "bound");
    assertReads("bound", pair.far());
  }

  @Test
  void bindThroughTheSocketWithBacklog() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.socket().bind(transport.bindAddress(), 3);
    for (int i = 0; i < 3; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 3; i++) {
      assertNotNull(accept(listener));
    }
  }

  @Test
  void bindThroughTheSocketToNullIsTheWildcard() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.socket().bind(null);
    assertTrue(listener.socket().getInetAddress().isAnyLocalAddress());
    InetAddress target = transport.bindAddress().getAddress();
    connectTo(new InetSocketAddress(target, listener.socket().getLocalPort()));
    assertNotNull(accept(listener));
  }

  @Test
  void bindThroughTheSocketOutOfTurnThrowsAsTheJdks() throws Exception {
    ServerSocketChannel model = jdkListener();
    ServerSocketChannel listener = openListener();
    assertEquals(bindOutOfTurn(model), bindOutOfTurn(listener));
  }

  private String bindOutOfTurn(ServerSocketChannel listener) throws Exception {
    ServerSocket socket = listener.socket();
    StringBuilder seen = new StringBuilder();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 0);
    seen.append(Outcome.ofAction(() -> socket.bind(unresolved))).append('\n');
    socket.bind(transport.bindAddress());
    seen.append(Outcome.ofAction(() -> socket.bind(transport.bindAddress()))).append('\n');
    socket.close();
    seen.append(Outcome.ofAction(() -> socket.bind(transport.bindAddress()))).append('\n');
    return seen.toString();
  }

  @Test
  void bindThroughTheSocketToAPortInUseThrows() throws Exception {
    ServerSocketChannel first = listen();
    ServerSocketChannel second = openListener();
    assertThrows(BindException.class, () -> second.socket().bind(first.getLocalAddress()));
  }

  @Test
  void acceptReturnsTheSocketOfAnAcceptedChannel() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    Socket accepted = closing(listener.socket().accept());
    assertNotNull(accepted.getChannel());
    assertSame(accepted, accepted.getChannel().socket());
    assertEquals(channel.getLocalAddress(), accepted.getRemoteSocketAddress());
    accepted.getOutputStream().write(bytes("hi").array());
    assertReads("hi", channel);
  }

  @Test
  void acceptWaitsForAConnect() throws Exception {
    ServerSocketChannel listener = listen();
    Background<Socket> accepting = spawn(() -> listener.socket().accept());
    accepting.awaitBlocked();
    connectTo(listener.getLocalAddress());
    assertTrue(closing(accepting.join()).isConnected());
  }

  @Test
  void acceptTimesOutAndTheListenerStaysUsable() throws Exception {
    ServerSocketChannel listener = listen();
    ServerSocket socket = listener.socket();
    socket.setSoTimeout(80);
    assertEquals(80, socket.getSoTimeout());
    long start = System.nanoTime();
    SocketTimeoutException e = assertThrows(SocketTimeoutException.class, socket::accept);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
    assertTrue(millis >= 75, "timed out after " + millis + " ms");
    assertEquals("Accept timed out", e.getMessage());
    assertTrue(listener.isOpen());
    connectTo(listener.getLocalAddress());
    Socket accepted = closing(socket.accept());
    assertEquals(0, accepted.getSoTimeout());
    assertTrue(accepted.getChannel().isBlocking());
  }

  @Test
  void timedAcceptReturnsAsSoonAsAConnectArrives() throws Exception {
    ServerSocketChannel listener = listen();
    listener.socket().setSoTimeout(15_000);
    Background<Socket> accepting = spawn(() -> listener.socket().accept());
    accepting.awaitBlocked();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    assertEquals(channel.getLocalAddress(), closing(accepting.join()).getRemoteSocketAddress());
  }

  @Test
  void acceptOfANonBlockingListener() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    ServerSocket socket = listener.socket();
    assertThrows(IllegalBlockingModeException.class, socket::accept);
    connectTo(listener.getLocalAddress());
    assertTrue(closing(acceptSoon(socket)).isConnected());
    socket.setSoTimeout(100);
    assertThrows(IllegalBlockingModeException.class, socket::accept);
  }

  /** From afar, a client may know of its connection a moment before the listener does. */
  private static Socket acceptSoon(ServerSocket listener) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        return listener.accept();
      } catch (IllegalBlockingModeException notYet) {
        if (System.nanoTime() - end > 0) {
          throw notYet;
        }
        Thread.sleep(1);
      }
    }
  }

  @Test
  void acceptOutOfTurnThrowsAsTheJdks() throws Exception {
    assertEquals(acceptOutOfTurn(jdkListener()), acceptOutOfTurn(openListener()));
  }

  private static String acceptOutOfTurn(ServerSocketChannel listener) throws Exception {
    ServerSocket socket = listener.socket();
    StringBuilder seen = new StringBuilder();
    seen.append(Outcome.of(socket::accept)).append('\n');
    seen.append(Outcome.ofAction(() -> socket.setSoTimeout(-1))).append('\n');
    socket.setSoTimeout(10);
    seen.append(Outcome.of(socket::accept)).append('\n');
    socket.close();
    seen.append(Outcome.of(socket::accept)).append('\n');
    return seen.toString();
  }

  @Test
  void closeEndsABlockedAccept() throws Exception {
    for (int timeout : new int[] {0, 15_000}) {
      ServerSocketChannel listener = listen();
      listener.socket().setSoTimeout(timeout);
      Background<Socket> accepting = spawn(() -> listener.socket().accept());
      accepting.awaitBlocked();
      listener.socket().close();
      accepting.joinFailure(AsynchronousCloseException.class);
      assertFalse(listener.isOpen());
    }
  }

  @Test
  void interruptEndsABlockedAcceptAsTheJdks() throws Exception {
    for (int timeout : new int[] {0, 15_000}) {
      ServerSocketChannel model = jdkListener();
      model.bind(transport.bindAddress());
      assertEquals(interruptAccept(model, timeout), interruptAccept(listen(), timeout));
    }
  }

  private static String interruptAccept(ServerSocketChannel listener, int timeout)
      throws Exception {
    listener.socket().setSoTimeout(timeout);
    Background<String> accepting = spawn(() -> Outcome.of(listener.socket()::accept));
    accepting.awaitBlocked();
    accepting.interrupt();
    return accepting.join()
        + "; interrupted "
        + accepting.interruptedAtEnd()
        + "; open "
        + listener.isOpen();
  }
}
