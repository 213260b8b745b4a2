package io.twinport.contract.san;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.socket.RefusalContract;
import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.KernelTcp;
import io.twinport.contract.support.OneHost;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What only transports over a SAN promise: that the connections are on it, and that a full backlog
 * refuses at once where Linux's TCP makes the client wait.
 */
public abstract class SanPathContract extends ContractTest {
  protected SanPathContract(Transport transport) {
    super(transport);
  }

  /** How many lines the kernel has here for a connection over TCP. */
  private int linesOnTcp() {
    return transport.twoHosts() ? 1 : 2;
  }

  private ServerSocketChannel listenWithBacklog(int backlog) throws IOException {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), backlog);
    return listener;
  }

  private void assertRefusedAtOnce(SocketAddress remote) throws IOException {
    SocketChannel channel = openSocket();
    long start = System.nanoTime();
    ConnectException e = assertThrows(ConnectException.class, () -> channel.connect(remote));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    Refusals.CONNECTING.assertRefused(e);
    assertTrue(millis < 5_000, "refused after " + millis + " ms");
    assertFalse(channel.isOpen());
  }

  @Test
  void connectionsAreNotTcpConnections() throws Exception {
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 5; i++) {
      Pair pair = connectThrough(listener);
      writeFully(pair.near(), "x");
      assertReads("x", pair.far());
    }
    assertEquals(0, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  void connectionsOfAPlainClientAreTcpConnections() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
    plain.connect(listener.getLocalAddress());
    accept(listener);
    boolean bothEndsHere = !transport.twoHosts() || transport.nearEndIsAccepted();
    assertEquals(bothEndsHere ? 2 : 1, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  void everyLocalAddressOfAWildcardListenerIsOnTheSan() throws Exception {
    ServerSocketChannel listener = listenAt(Addresses.WILDCARD6);
    List<InetAddress> addresses = new ArrayList<>(List.of(transport.bindAddress().getAddress()));
    if (!transport.twoHosts()) {
      Addresses.host4().ifPresent(addresses::add);
      if (Addresses.hasIpv6()) {
        addresses.add(Addresses.LOOPBACK6);
      }
    }
    for (InetAddress address : addresses) {
      InetSocketAddress remote = new InetSocketAddress(address, Addresses.port(listener));
      SocketChannel channel = connectTo(remote);
      SocketChannel accepted = accept(listener);
      assertEquals(remote, accepted.getLocalAddress());
      writeFully(channel, "x");
      assertReads("x", accepted);
      assertEquals(0, KernelTcp.established(Addresses.port(listener)), "to " + address);
    }
  }

  @Test
  @Here(Here.End.SOCKET)
  void connectionsMadeThroughASelectorAreOnTheSan() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    finishConnecting(channel);
    SocketChannel accepted = accept(listener);
    channel.write(bytes("x"));
    assertReads("x", accepted);
    assertEquals(0, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  @Here(Here.End.LISTENER)
  void connectionsAcceptedThroughASelectorAreOnTheSan() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    SocketChannel channel = connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    SocketChannel accepted = accept(listener);
    writeFully(channel, "x");
    assertReads("x", accepted);
    assertEquals(0, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  @OneHost("UCX over TCP can't have a port that the application's own socket holds")
  void boundClientsAreOnTheSan() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    channel.bind(transport.socketAddress());
    SocketAddress bound = channel.getLocalAddress();
    channel.connect(listener.getLocalAddress());
    assertEquals(bound, accept(listener).getRemoteAddress());
    assertEquals(0, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  void fullBacklogRefusesAtOnce() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(4);
    for (int i = 0; i < 4; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 5; i++) {
      assertRefusedAtOnce(listener.getLocalAddress());
    }
    listener.configureBlocking(false);
    for (int i = 0; i < 4; i++) {
      assertNotNull(accept(listener));
    }
    assertNull(listener.accept(), "what was refused is never accepted");
  }

  @Test
  void acceptMakesRoomInTheBacklog() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(2);
    connectTo(listener.getLocalAddress());
    connectTo(listener.getLocalAddress());
    for (int i = 0; i < 20; i++) {
      assertRefusedAtOnce(listener.getLocalAddress());
      accept(listener);
      connectTo(listener.getLocalAddress());
    }
  }

  @Test
  void backlogOfOneTakesOne() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(1);
    SocketChannel queued = connectTo(listener.getLocalAddress());
    assertRefusedAtOnce(listener.getLocalAddress());
    writeFully(queued, "first");
    assertReads("first", accept(listener));
  }

  @Test
  @Here(Here.End.SOCKET)
  void fullBacklogRefusesNonBlockingConnects() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(1);
    connectTo(listener.getLocalAddress());
    SocketChannel channel = openNonBlockingSocket();
    ConnectException e =
        assertThrows(
            ConnectException.class,
            () -> {
              channel.connect(listener.getLocalAddress());
              finishConnecting(channel);
            });
    Refusals.POLLING.assertRefused(e);
    assertFalse(channel.isOpen());
  }

  @Test
  @Here(Here.End.SOCKET)
  void fullBacklogRefusesInTheJdksWords() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(1);
    connectTo(listener.getLocalAddress());
    RefusalContract.assertEachWayTells(transport, closedPort(), listener.getLocalAddress());
  }

  @Test
  @Here(Here.End.LISTENER)
  void refusalWakesNobody() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(2);
    listener.configureBlocking(false);
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    connectTo(listener.getLocalAddress());
    connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    key.interestOps(0);
    Background<Integer> selecting = spawn(() -> selector.select(2_000));
    selecting.awaitBlocked();
    assertRefusedAtOnce(listener.getLocalAddress());
    assertEquals(0, selecting.join());
    key.interestOps(SelectionKey.OP_ACCEPT);
    assertEquals(1, selector.select(10_000));
  }

  @Test
  void fullBacklogOfTheSanLeavesTcpClientsAlone() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(1);
    connectTo(listener.getLocalAddress());
    assertRefusedAtOnce(listener.getLocalAddress());
    SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
    plain.connect(listener.getLocalAddress());
    accept(listener);
    accept(listener);
  }

  @Test
  void clientsThatClosedInTheQueueLeaveItUsable() throws Exception {
    ServerSocketChannel listener = listenWithBacklog(2);
    for (int i = 0; i < 2; i++) {
      connectTo(listener.getLocalAddress()).close();
    }
    for (int i = 0; i < 2; i++) {
      assertEndOfStream(accept(listener));
    }
    Pair pair = connectThrough(listener);
    writeFully(pair.near(), "x");
    assertReads("x", pair.far());
  }

  @Test
  void reusePortListenersStayOnTcp() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    listener.bind(transport.bindAddress());
    SocketChannel channel = connectTo(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    writeFully(channel, "x");
    assertReads("x", accepted);
    assertEquals(linesOnTcp(), KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  void listenerReopenedOnItsPortIsOnTheSanAtOnce() throws Exception {
    InetSocketAddress address = freePort();
    for (int i = 0; i < 20; i++) {
      ServerSocketChannel listener = openListener();
      listener.bind(address);
      Pair pair = connectThrough(listener);
      writeFully(pair.near(), "x");
      assertReads("x", pair.far());
      assertEquals(0, KernelTcp.established(address.getPort()));
      listener.close();
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenerIsServedInAForeignSelector() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    SocketChannel early = connectTo(listener.getLocalAddress());
    Selector foreign = closing(JdkTransport.PROVIDER.openSelector());
    SelectionKey key = listener.register(foreign, SelectionKey.OP_ACCEPT);
    acceptFrom(early, key, listener);
    for (int i = 0; i < 3; i++) {
      acceptFrom(connectTo(listener.getLocalAddress()), key, listener);
    }
    assertEquals(0, KernelTcp.established(Addresses.port(listener)));
    SocketChannel plain = closing(JdkTransport.PROVIDER.openSocketChannel());
    plain.connect(listener.getLocalAddress());
    acceptFrom(plain, key, listener);
    listener.close();
    assertEquals(0, foreign.selectNow());
    assertEquals(0, foreign.keys().size());
  }

  private void acceptFrom(SocketChannel client, SelectionKey key, ServerSocketChannel listener)
      throws Exception {
    awaitReady(key, SelectionKey.OP_ACCEPT);
    SocketChannel accepted = accept(listener);
    assertEquals(client.getLocalAddress(), accepted.getRemoteAddress());
    writeFully(client, "x");
    assertReads("x", accepted);
    key.selector().selectedKeys().clear();
    assertEquals(0, key.selector().selectNow(), "nobody is left");
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenerBoundInAForeignSelectorHasNoTwin() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.configureBlocking(false);
    Selector foreign = closing(JdkTransport.PROVIDER.openSelector());
    SelectionKey key = listener.register(foreign, SelectionKey.OP_ACCEPT);
    foreign.selectNow(); // From here on the selector knows the descriptor, and asks no more.
    foreign.selectedKeys().clear();
    listener.bind(transport.bindAddress());
    SocketChannel client = connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    SocketChannel accepted = accept(listener);
    assertEquals(client.getLocalAddress(), accepted.getRemoteAddress());
  }

  @Test
  void connectionIsServedInAForeignSelector() throws Exception {
    Pair pair = connectThrough(listen());
    SocketChannel channel = pair.near();
    channel.configureBlocking(false);
    Selector foreign = closing(JdkTransport.PROVIDER.openSelector());
    SelectionKey key = channel.register(foreign, SelectionKey.OP_READ);
    assertEquals(0, foreign.selectNow());
    for (int i = 0; i < 100; i++) {
      Background<Integer> selecting = spawn(() -> selectReady(foreign));
      writeFully(pair.far(), "xy");
      assertEquals(1, selecting.join());
      assertEquals(1, channel.read(ByteBuffer.allocate(1)));
      foreign.selectedKeys().clear();
      assertEquals(1, foreign.select(), "ready for as long as there is something");
      assertEquals(1, channel.read(ByteBuffer.allocate(1)));
      foreign.selectedKeys().clear();
    }
    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    assertEquals(1, selectReady(foreign));
    assertEquals(SelectionKey.OP_WRITE, key.readyOps());
    key.interestOps(SelectionKey.OP_READ);
    foreign.selectedKeys().clear();
    pair.far().shutdownOutput();
    assertEquals(1, selectReady(foreign));
    assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
    channel.close();
    assertEquals(0, foreign.selectNow());
    assertEquals(0, foreign.keys().size());
  }

  /** A selection may end early once after the channel was found to have nothing more. */
  private static int selectReady(Selector selector) throws IOException {
    int ready = selector.select();
    return ready == 0 ? selector.select() : ready;
  }

  @Test
  void connectionIsServedInAForeignSelectorAndOneOfOurs() throws Exception {
    Pair pair = connectThrough(listen());
    SocketChannel channel = pair.near();
    channel.configureBlocking(false);
    Selector ours = openSelector();
    channel.register(ours, SelectionKey.OP_READ);
    assertEquals(0, ours.selectNow());
    Selector foreign = closing(JdkTransport.PROVIDER.openSelector());
    channel.register(foreign, SelectionKey.OP_READ);
    for (int i = 0; i < 20; i++) {
      Background<Integer> selecting = spawn(ours::select);
      Background<Integer> selectingToo = spawn(() -> selectReady(foreign));
      writeFully(pair.far(), "x");
      assertEquals(1, selecting.join());
      assertEquals(1, selectingToo.join());
      assertEquals(1, channel.read(ByteBuffer.allocate(1)));
      ours.selectedKeys().clear();
      foreign.selectedKeys().clear();
    }
  }

  @Test
  @OneHost("UCX over TCP has a socket for each connection")
  void manyIdleConnectionsCostNoDescriptors() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 500);
    connectThrough(listener);
    int before = Descriptors.count();
    List<SocketChannel> channels = new ArrayList<>();
    Selector selector = openSelector();
    for (int i = 0; i < 300; i++) {
      Pair pair = connectThrough(listener);
      channels.add(pair.far());
      pair.near().configureBlocking(false);
      pair.near().register(selector, SelectionKey.OP_READ);
    }
    assertEquals(0, selector.selectNow());
    int grown = Descriptors.count() - before;
    assertTrue(grown < 60, grown + " descriptors for 300 connections");
    for (SocketChannel channel : channels) {
      writeFully(channel, "x");
    }
    int seen = 0;
    while (seen < 300) {
      seen += selector.select(SanPathContract::drain, 10_000);
    }
  }

  private static void drain(SelectionKey key) {
    try {
      assertEquals(1, ((SocketChannel) key.channel()).read(ByteBuffer.allocate(8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
