package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;

/** Connecting: blocking, non-blocking, refused, repeated and out of turn. */
public abstract class ConnectContract extends ContractTest {
  protected ConnectContract(Transport transport) {
    super(transport);
  }

  @Test
  void blockingConnectReturnsTrueAndIsConnected() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    assertFalse(channel.isConnected());
    assertTrue(channel.connect(listener.getLocalAddress()));
    assertTrue(channel.isConnected());
    assertFalse(channel.isConnectionPending());
    assertTrue(channel.isBlocking());
  }

  @Test
  void connectCompletesBeforeAccept() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    writeFully(channel, "sent before accept");
    SocketChannel accepted = accept(listener);
    assertReads("sent before accept", accepted);
  }

  @Test
  void bindConnectAcceptInOneThread() throws Exception {
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 20; i++) {
      Pair pair = connectThrough(listener);
      writeFully(pair.near(), "ping");
      assertReads("ping", pair.far());
      writeFully(pair.far(), "pong");
      assertReads("pong", pair.near());
      pair.near().close();
      pair.far().close();
    }
  }

  @Test
  void nonBlockingConnectFinishesThroughSelector() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    finishConnecting(channel);
    assertTrue(channel.isConnected());
    assertFalse(channel.isConnectionPending());
    SocketChannel accepted = accept(listener);
    channel.write(bytes("x"));
    assertReads("x", accepted);
  }

  @Test
  void opConnectIsSelectedOnceAndThenTheOutcomeIsFinal() throws Exception {
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 20; i++) {
      SocketChannel channel = openNonBlockingSocket();
      Selector selector = openSelector();
      if (channel.connect(listener.getLocalAddress())) {
        continue;
      }
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
      assertEquals(1, selector.select(10_000));
      assertTrue(key.isConnectable());
      selector.selectedKeys().clear();
      assertTrue(channel.finishConnect(), "ready for OP_CONNECT means the outcome is final");
      assertEquals(0, selector.selectNow(), "OP_CONNECT is not selected again");
      assertTrue(selector.selectedKeys().isEmpty());
    }
  }

  @Test
  void opConnectStaysSelectedUntilFinishConnect() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    if (channel.connect(listener.getLocalAddress())) {
      return;
    }
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    for (int i = 0; i < 3; i++) {
      assertEquals(1, selector.select(10_000));
      assertTrue(key.isConnectable());
      selector.selectedKeys().clear();
    }
    assertTrue(channel.isConnectionPending());
    assertTrue(channel.finishConnect());
  }

  @Test
  void registerForOpConnectBeforeConnectFiresAfterIt() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    if (!channel.connect(listener.getLocalAddress())) {
      awaitReady(key, SelectionKey.OP_CONNECT);
      assertTrue(channel.finishConnect());
    }
    assertTrue(channel.isConnected());
  }

  @Test
  void interestInReadAndConnectFromTheStart() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT | SelectionKey.OP_READ);
    if (!channel.connect(listener.getLocalAddress())) {
      awaitReady(key, SelectionKey.OP_CONNECT);
      assertTrue(channel.finishConnect());
    }
    writeFully(accept(listener), "z");
    awaitReady(key, SelectionKey.OP_READ);
    assertFalse(key.isConnectable());
    assertEquals(1, channel.read(ByteBuffer.allocate(4)));
  }

  @Test
  void finishConnectAgainReturnsTrue() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    finishConnecting(channel);
    assertTrue(channel.finishConnect());
    assertTrue(channel.finishConnect());
  }

  @Test
  void finishConnectOfABlockingConnectReturnsTrue() throws Exception {
    ServerSocketChannel listener = listen();
    assertTrue(connectTo(listener.getLocalAddress()).finishConnect());
  }

  @Test
  void finishConnectInBlockingModeWaitsForTheOutcome() throws Exception {
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 20; i++) {
      SocketChannel channel = openNonBlockingSocket();
      channel.connect(listener.getLocalAddress());
      channel.configureBlocking(true);
      assertTrue(channel.finishConnect());
      assertTrue(channel.isConnected());
      accept(listener);
    }
  }

  @Test
  void finishConnectByPollingWithoutSelector() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    awaitTrue("finishConnect", channel::finishConnect);
    assertTrue(channel.isConnected());
  }

  @Test
  void finishConnectWithoutConnectThrows() throws Exception {
    SocketChannel channel = openSocket();
    assertThrows(NoConnectionPendingException.class, channel::finishConnect);
    assertTrue(channel.isOpen());
  }

  @Test
  void pendingConnectForbidsConnectBindAndTransfer() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress remote = listener.getLocalAddress();
    SocketChannel channel = openNonBlockingSocket();
    if (channel.connect(remote)) {
      assertThrows(AlreadyConnectedException.class, () -> channel.connect(remote));
      return;
    }
    assertTrue(channel.isConnectionPending());
    assertFalse(channel.isConnected());
    assertThrows(ConnectionPendingException.class, () -> channel.connect(remote));
    assertThrows(ConnectionPendingException.class, () -> channel.bind(null));
    assertThrows(NotYetConnectedException.class, () -> channel.read(ByteBuffer.allocate(1)));
    assertThrows(NotYetConnectedException.class, () -> channel.write(ByteBuffer.allocate(1)));
    assertThrows(NotYetConnectedException.class, channel::shutdownInput);
    assertThrows(NotYetConnectedException.class, channel::shutdownOutput);
    assertTrue(channel.isOpen());
    finishConnecting(channel);
    assertTrue(channel.isConnected());
  }

  @Test
  void connectTwiceThrowsAlreadyConnected() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress remote = listener.getLocalAddress();
    SocketChannel channel = connectTo(remote);
    assertThrows(AlreadyConnectedException.class, () -> channel.connect(remote));
    assertTrue(channel.isConnected());
    assertTrue(channel.isOpen());
  }

  @Test
  void acceptedChannelIsConnectedAndRefusesConnect() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress remote = listener.getLocalAddress();
    connectTo(remote);
    SocketChannel accepted = accept(listener);
    assertTrue(accepted.isConnected());
    assertTrue(accepted.finishConnect());
    assertThrows(AlreadyConnectedException.class, () -> accepted.connect(remote));
  }

  @Test
  void blockingConnectToClosedPortIsRefusedAndCloses() throws Exception {
    InetSocketAddress nobody = closedPort();
    SocketChannel channel = openSocket();
    ConnectException refused = assertThrows(ConnectException.class, () -> channel.connect(nobody));
    Refusals.CONNECTING.assertRefused(refused);
    assertFalse(channel.isOpen());
    assertFalse(channel.isConnected());
    assertThrows(ClosedChannelException.class, () -> channel.connect(nobody));
  }

  @Test
  void nonBlockingConnectToClosedPortIsRefusedAndCloses() throws Exception {
    InetSocketAddress nobody = closedPort();
    SocketChannel channel = openNonBlockingSocket();
    ConnectException refused =
        assertThrows(
            ConnectException.class,
            () -> {
              channel.connect(nobody);
              finishConnecting(channel);
            });
    Refusals.POLLING.assertRefused(refused);
    assertFalse(channel.isOpen());
    assertThrows(ClosedChannelException.class, channel::finishConnect);
  }

  @Test
  void refusedConnectSelectsOpConnect() throws Exception {
    InetSocketAddress nobody = closedPort();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    ConnectException refused =
        assertThrows(
            ConnectException.class,
            () -> {
              assertFalse(channel.connect(nobody));
              awaitReady(key, SelectionKey.OP_CONNECT);
              channel.finishConnect();
            });
    Refusals.POLLING.assertRefused(refused);
    assertFalse(key.isValid());
  }

  @Test
  void connectAfterAnotherChannelWasRefused() throws Exception {
    ServerSocketChannel listener = openListener();
    SocketChannel early = openSocket();
    InetSocketAddress address = freePort();
    assertThrows(ConnectException.class, () -> early.connect(address));
    listener.bind(address);
    SocketChannel channel = connectTo(address);
    SocketChannel accepted = accept(listener);
    writeFully(channel, "now");
    assertReads("now", accepted);
  }

  @Test
  void connectToUnresolvedAddressThrows() throws Exception {
    SocketChannel channel = openSocket();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 80);
    assertThrows(UnresolvedAddressException.class, () -> channel.connect(unresolved));
  }

  @Test
  void connectToUnsupportedAddressTypeThrows() throws Exception {
    SocketChannel channel = openSocket();
    SocketAddress odd =
        new SocketAddress() {
          private static final long serialVersionUID = 1L;
        };
    assertThrows(UnsupportedAddressTypeException.class, () -> channel.connect(odd));
  }

  @Test
  void connectToNullThrows() throws Exception {
    SocketChannel channel = openSocket();
    RuntimeException expected =
        assertThrows(
            RuntimeException.class, () -> JdkTransport.PROVIDER.openSocketChannel().connect(null));
    assertThrows(expected.getClass(), () -> channel.connect(null));
  }

  @Test
  void connectOnClosedChannelThrows() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress remote = listener.getLocalAddress();
    SocketChannel channel = openSocket();
    channel.close();
    assertThrows(ClosedChannelException.class, () -> channel.connect(remote));
    assertThrows(ClosedChannelException.class, channel::finishConnect);
    assertFalse(channel.isConnected());
  }

  @Test
  void transferBeforeConnectThrowsNotYetConnected() throws Exception {
    SocketChannel channel = openSocket();
    ByteBuffer one = ByteBuffer.allocate(1);
    ByteBuffer[] many = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertThrows(NotYetConnectedException.class, () -> channel.read(one));
    assertThrows(NotYetConnectedException.class, () -> channel.write(one));
    assertThrows(NotYetConnectedException.class, () -> channel.read(many));
    assertThrows(NotYetConnectedException.class, () -> channel.write(many));
    assertTrue(channel.isOpen());
  }

  @Test
  void shutdownBeforeConnectThrowsNotYetConnected() throws Exception {
    SocketChannel channel = openSocket();
    assertThrows(NotYetConnectedException.class, channel::shutdownInput);
    assertThrows(NotYetConnectedException.class, channel::shutdownOutput);
    assertTrue(channel.isOpen());
  }

  @Test
  @Here(Here.End.SOCKET)
  void closeRacesWithARefusedConnect() throws Exception {
    InetSocketAddress nobody = closedPort();
    for (int i = 0; i < 400; i++) {
      SocketChannel channel = openSocket();
      channel.configureBlocking(i % 2 == 0);
      Background<Boolean> connecting =
          spawn(
              () -> {
                boolean connected = channel.connect(nobody);
                while (!connected) {
                  connected = channel.finishConnect();
                }
                return connected;
              });
      for (int spins = 50 * (i % 40); spins > 0; spins--) {
        Thread.onSpinWait();
      }
      channel.close();
      connecting.joinFailure(IOException.class);
      assertFalse(channel.isConnected());
    }
  }

  @Test
  void closeOfAPendingConnectEndsIt() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    channel.close();
    assertFalse(channel.isConnected());
    assertFalse(channel.isConnectionPending());
    assertThrows(ClosedChannelException.class, channel::finishConnect);
    SocketChannel next = connectTo(listener.getLocalAddress());
    writeFully(next, "next");
    next.shutdownOutput();
    String seen = "";
    while (seen.isEmpty()) {
      seen = readWhateverArrives(accept(listener));
    }
    assertEquals("next", seen);
  }

  /** A connection given up while pending may be accepted, and then ends without a byte. */
  private static String readWhateverArrives(SocketChannel accepted) {
    try {
      return new String(readToEnd(accepted), UTF_8);
    } catch (IOException reset) {
      return "";
    }
  }

  @Test
  void closeOfARegisteredPendingConnectInvalidatesItsKey() throws Exception {
    ServerSocketChannel listener = listen();
    Selector selector = openSelector();
    SocketChannel channel = openNonBlockingSocket();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    channel.connect(listener.getLocalAddress());
    channel.close();
    assertFalse(key.isValid());
    assertEquals(0, selector.selectNow());
    assertTrue(selector.keys().isEmpty());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "no connection takes part, and a provider makes channels of one JVM")
  void channelsKnowTheirProvider() throws Exception {
    assertSame(provider(), openSocket().provider());
    assertSame(provider(), openListener().provider());
    assertSame(provider(), openSelector().provider());
  }
}
