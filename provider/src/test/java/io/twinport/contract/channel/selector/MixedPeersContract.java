package io.twinport.contract.channel.selector;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Peers of the transport and peers of the JDK on one port: each is served, whatever the other is.
 */
public abstract class MixedPeersContract extends ContractTest {
  protected MixedPeersContract(Transport transport) {
    super(transport);
  }

  private SocketChannel plainClient(SocketAddress remote) throws IOException {
    SocketChannel channel = closing(JdkTransport.PROVIDER.openSocketChannel());
    channel.connect(remote);
    return channel;
  }

  private ServerSocketChannel plainListener() throws IOException {
    ServerSocketChannel listener = closing(JdkTransport.PROVIDER.openServerSocketChannel());
    listener.bind(transport.addressHere());
    return listener;
  }

  private static void assertEchoes(SocketChannel one, SocketChannel other) throws IOException {
    writeFully(one, "there");
    assertReads("there", other);
    writeFully(other, "and back");
    assertReads("and back", one);
  }

  @Test
  void plainClientReachesOurListener() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = plainClient(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
    assertEchoes(channel, accepted);
  }

  @Test
  void plainClientWakesABlockedAccept() throws Exception {
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 3; i++) {
      Background<SocketChannel> accepting = spawn(listener::accept);
      accepting.awaitBlocked();
      SocketChannel channel = plainClient(listener.getLocalAddress());
      assertEchoes(channel, closing(accepting.join()));
      Background<SocketChannel> again = spawn(listener::accept);
      again.awaitBlocked();
      SocketChannel own = connectTo(listener.getLocalAddress());
      assertEchoes(own, closing(again.join()));
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void plainClientWakesASelect() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    for (int i = 0; i < 3; i++) {
      Background<Integer> selecting = spawn(() -> selector.select());
      selecting.awaitBlocked();
      if (i % 2 == 0) {
        plainClient(listener.getLocalAddress());
      } else {
        connectTo(listener.getLocalAddress());
      }
      assertEquals(1, selecting.join());
      selector.selectedKeys().clear();
      assertNotNull(accept(listener));
      assertNull(listener.accept());
      assertEquals(0, selector.selectNow());
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void bothKindsQueuedAreAllAcceptedOnce() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    Set<SocketAddress> connected = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      connected.add(plainClient(listener.getLocalAddress()).getLocalAddress());
      connected.add(connectTo(listener.getLocalAddress()).getLocalAddress());
    }
    assertEquals(20, connected.size(), "addresses are unique over both kinds");
    Set<SocketAddress> accepted = new HashSet<>();
    while (accepted.size() < 20) {
      awaitReady(key, SelectionKey.OP_ACCEPT);
      SocketChannel channel = accept(listener);
      assertNotNull(channel, "ready for OP_ACCEPT after " + accepted.size());
      assertTrue(accepted.add(channel.getRemoteAddress()));
    }
    assertEquals(connected, accepted);
    assertNull(listener.accept());
    assertEquals(0, selector.selectNow());
  }

  @Test
  void neitherKindStarvesTheOther() throws Exception {
    ServerSocketChannel listener = listen();
    Set<SocketAddress> plain = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 10; i++) {
      plain.add(plainClient(listener.getLocalAddress()).getLocalAddress());
    }
    List<Boolean> kinds = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      kinds.add(plain.contains(accept(listener).getRemoteAddress()));
    }
    if (transport.san()) {
      for (int i = 0; i < 20; i += 2) {
        assertFalse(kinds.get(i).equals(kinds.get(i + 1)), "alternates: " + kinds);
      }
    }
  }

  @Test
  void ourClientReachesAPlainListener() throws Exception {
    ServerSocketChannel listener = plainListener();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    assertEchoes(channel, accept(listener));
  }

  @Test
  @Here(Here.End.SOCKET)
  void ourClientReachesAPlainListenerThroughASelector() throws Exception {
    ServerSocketChannel listener = plainListener();
    for (int i = 0; i < 20; i++) {
      SocketChannel channel = openNonBlockingSocket();
      Selector selector = openSelector();
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
      if (!channel.connect(listener.getLocalAddress())) {
        assertEquals(1, selector.select(10_000));
        assertTrue(key.isConnectable());
        selector.selectedKeys().clear();
        assertTrue(channel.finishConnect());
      }
      assertEquals(0, selector.selectNow());
      key.interestOps(SelectionKey.OP_READ);
      SocketChannel accepted = accept(listener);
      writeFully(accepted, "x");
      awaitReady(key, SelectionKey.OP_READ);
      assertEquals(1, channel.read(ByteBuffer.allocate(8)));
    }
  }

  @Test
  void ourClientReachesAPlainListenerByPolling() throws Exception {
    ServerSocketChannel listener = plainListener();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    awaitTrue("finishConnect", channel::finishConnect);
    channel.configureBlocking(true);
    assertEchoes(channel, accept(listener));
  }

  @Test
  void ourClientReachesAPlainListenerThroughTheSocket() throws Exception {
    ServerSocketChannel listener = plainListener();
    SocketChannel channel = openSocket();
    channel.socket().connect(listener.getLocalAddress(), 10_000);
    assertEchoes(channel, accept(listener));
  }

  @Test
  void boundClientReachesAPlainListener() throws Exception {
    ServerSocketChannel listener = plainListener();
    SocketChannel channel = openSocket();
    channel.bind(transport.socketAddress());
    SocketAddress bound = channel.getLocalAddress();
    channel.connect(listener.getLocalAddress());
    assertEquals(bound, channel.getLocalAddress());
    assertEquals(bound, accept(listener).getRemoteAddress());
  }

  @Test
  @Here(Here.End.LISTENER)
  void oneSelectorServesBothKinds() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    EchoServer server = closing(new EchoServer(provider().openSelector(), listener));
    Background<Void> serving = spawn(server::serve);
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(
          i % 2 == 0
              ? plainClient(listener.getLocalAddress())
              : connectTo(listener.getLocalAddress()));
    }
    for (int round = 0; round < 50; round++) {
      for (SocketChannel client : clients) {
        writeFully(client, "round");
      }
      for (SocketChannel client : clients) {
        assertReads("round", client);
      }
    }
    for (SocketChannel client : clients) {
      client.close();
    }
    awaitTrue("all have ended", () -> server.ended() == 20);
    server.close();
    serving.join();
  }

  @Test
  @Here(Here.End.SOCKET)
  void oneSelectorDrivesClientsOfBothKinds() throws Exception {
    ServerSocketChannel plain = plainListener();
    ServerSocketChannel own = listen();
    Selector selector = openSelector();
    List<SocketChannel> peers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ServerSocketChannel listener = i % 2 == 0 ? plain : own;
      SocketChannel channel = connectTo(listener.getLocalAddress());
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, i);
      peers.add(accept(listener));
    }
    for (int round = 0; round < 50; round++) {
      for (SocketChannel peer : peers) {
        writeFully(peer, "x");
      }
      Set<Object> seen = new HashSet<>();
      while (seen.size() < 10) {
        selector.select(key -> seen.add(readOne(key)), 10_000);
      }
    }
  }

  private static Object readOne(SelectionKey key) {
    try {
      assertEquals(1, ((SocketChannel) key.channel()).read(ByteBuffer.allocate(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return key.attachment();
  }

  @Test
  void closeEndsAnAcceptAfterBothKindsWereServed() throws Exception {
    ServerSocketChannel listener = listen();
    plainClient(listener.getLocalAddress());
    connectTo(listener.getLocalAddress());
    accept(listener);
    accept(listener);
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    listener.close();
    accepting.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  @Here(Here.End.LISTENER)
  void selectorOfTheJdkTakesOurListener() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector foreign = closing(JdkTransport.PROVIDER.openSelector());
    SelectionKey key = listener.register(foreign, SelectionKey.OP_ACCEPT);
    SocketChannel first = plainClient(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    assertEchoes(first, accept(listener));
    SocketChannel second = connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    assertEchoes(second, accept(listener));
  }

  @Test
  void ourSelectorTakesChannelsOfTheJdk() throws Exception {
    ServerSocketChannel listener = plainListener();
    listener.configureBlocking(false);
    Selector selector = openSelector();
    SelectionKey acceptKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    SocketChannel channel = plainClient(listener.getLocalAddress());
    awaitReady(acceptKey, SelectionKey.OP_ACCEPT);
    SocketChannel accepted = accept(listener);
    channel.configureBlocking(false);
    SelectionKey readKey = channel.register(selector, SelectionKey.OP_READ);
    writeFully(accepted, "plain");
    awaitReady(readKey, SelectionKey.OP_READ);
    assertReads("plain", channel);
    readKey.cancel();
    channel.configureBlocking(true);
    assertEchoes(channel, accepted);
  }
}
