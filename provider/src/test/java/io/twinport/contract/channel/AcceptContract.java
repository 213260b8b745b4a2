package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Transport;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Accepting: blocking, non-blocking, selected; the order, number and state of what is accepted. */
public abstract class AcceptContract extends ContractTest {
  protected AcceptContract(Transport transport) {
    super(transport);
  }

  @Test
  void nonBlockingAcceptReturnsNullWhenNobodyConnects() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    assertNull(listener.accept());
    assertNull(listener.accept());
  }

  @Test
  void nonBlockingAcceptReturnsWhatIsQueuedAndThenNull() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    assertNotNull(accepted);
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
    assertNull(listener.accept());
  }

  @Test
  void blockingAcceptWaitsForAConnect() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    SocketChannel accepted = closing(accepting.join());
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
  }

  @Test
  void blockingAcceptManyTimesOver() throws Exception {
    ServerSocketChannel listener = listen();
    Background<Integer> accepting =
        spawn(
            () -> {
              for (int i = 0; i < 200; i++) {
                try (SocketChannel accepted = listener.accept()) {
                  writeFully(accepted, "served");
                }
              }
              return 200;
            });
    for (int i = 0; i < 200; i++) {
      try (SocketChannel channel = provider().openSocketChannel()) {
        channel.connect(listener.getLocalAddress());
        assertReads("served", channel);
        assertEndOfStream(channel);
      }
    }
    assertEquals(200, accepting.join());
  }

  @Test
  void acceptedChannelIsBlockingEvenFromANonBlockingListener() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    connectTo(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    assertTrue(accepted.isBlocking());
    assertFalse(accepted.isRegistered());
    Background<Integer> reading = spawn(() -> accepted.read(ByteBuffer.allocate(1)));
    reading.awaitBlocked();
    accepted.close();
    reading.joinAny();
  }

  @Test
  void acceptsComeInTheOrderOfTheConnects() throws Exception {
    ServerSocketChannel listener = listen();
    List<SocketAddress> connected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      connected.add(connectTo(listener.getLocalAddress()).getLocalAddress());
    }
    List<SocketAddress> accepted = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      accepted.add(accept(listener).getRemoteAddress());
    }
    assertEquals(connected, accepted);
  }

  @Test
  void asManyConnectsAsTheBacklogWaitWithoutAccept() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 7);
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      channels.add(connectTo(listener.getLocalAddress()));
    }
    for (SocketChannel channel : channels) {
      SocketChannel accepted = accept(listener);
      assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
    }
  }

  @Test
  void backlogIsFreedByAccept() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 2);
    connectTo(listener.getLocalAddress());
    connectTo(listener.getLocalAddress());
    for (int i = 0; i < 50; i++) {
      accept(listener);
      connectTo(listener.getLocalAddress());
    }
  }

  @Test
  void severalThreadsAcceptFromOneListener() throws Exception {
    ServerSocketChannel listener = listen();
    List<Background<SocketAddress>> accepting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      accepting.add(
          spawn(
              () -> {
                try (SocketChannel accepted = listener.accept()) {
                  return accepted.getRemoteAddress();
                }
              }));
    }
    List<SocketAddress> connected = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      connected.add(connectTo(listener.getLocalAddress()).getLocalAddress());
    }
    List<SocketAddress> accepted = new ArrayList<>();
    for (Background<SocketAddress> one : accepting) {
      accepted.add(one.join());
    }
    assertTrue(accepted.containsAll(connected));
  }

  @Test
  void acceptedChannelWorksOnAnotherThreadAtOnce() throws Exception {
    ServerSocketChannel listener = listen();
    List<Background<byte[]>> workers = new ArrayList<>();
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      channels.add(connectTo(listener.getLocalAddress()));
      SocketChannel accepted = accept(listener);
      workers.add(spawn(() -> readFully(accepted, 4)));
    }
    for (SocketChannel channel : channels) {
      writeFully(channel, "work");
    }
    for (Background<byte[]> worker : workers) {
      assertEquals(bytes("work"), ByteBuffer.wrap(worker.join()));
    }
  }

  @Test
  void opAcceptIsSelectedWhenAConnectArrives() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    assertEquals(0, selector.selectNow());
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    connectTo(listener.getLocalAddress());
    assertEquals(1, selecting.join());
    assertTrue(key.isAcceptable());
    assertEquals(SelectionKey.OP_ACCEPT, key.readyOps());
  }

  @Test
  void opAcceptStaysSelectedUntilTheQueueIsDrained() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    for (int i = 0; i < 3; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(1, selector.select(10_000), "request " + i);
      selector.selectedKeys().clear();
      assertNotNull(accept(listener));
    }
    assertEquals(0, selector.selectNow());
    assertNull(listener.accept());
  }

  @Test
  void oneSelectServesAllThatIsQueued() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    for (int i = 0; i < 5; i++) {
      connectTo(listener.getLocalAddress());
    }
    awaitReady(key, SelectionKey.OP_ACCEPT);
    for (int i = 0; i < 5; i++) {
      assertNotNull(accept(listener));
    }
    assertNull(listener.accept());
    assertEquals(0, selector.selectNow());
  }

  @Test
  void requestQueuedBeforeRegisterIsSelected() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    connectTo(listener.getLocalAddress());
    Selector selector = openSelector();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    assertEquals(1, selector.select(10_000));
  }

  @Test
  void twoSelectorsBothSeeARequest() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector one = openSelector();
    Selector two = openSelector();
    listener.register(one, SelectionKey.OP_ACCEPT);
    listener.register(two, SelectionKey.OP_ACCEPT);
    Background<Integer> selecting = spawn(() -> two.select());
    selecting.awaitBlocked();
    connectTo(listener.getLocalAddress());
    assertEquals(1, one.select(10_000));
    assertEquals(1, selecting.join());
    assertNotNull(accept(listener));
    one.selectedKeys().clear();
    two.selectedKeys().clear();
    assertEquals(0, one.selectNow());
    assertEquals(0, two.selectNow());
  }

  @Test
  void blockingAcceptAfterSelectedUse() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    assertNotNull(accept(listener));
    key.cancel();
    selector.selectNow();
    listener.configureBlocking(true);
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    connectTo(listener.getLocalAddress());
    assertTrue(closing(accepting.join()).isConnected());
  }

  @Test
  void whatAClientSentBeforeItClosedIsReadAfterAccept() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    writeFully(channel, "gone before accept");
    channel.close();
    SocketChannel accepted = accept(listener);
    assertReads("gone before accept", accepted);
    assertEndOfStream(accepted);
  }

  @Test
  void clientThatClosedWithoutAWordIsAcceptedAndEnds() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    SocketAddress remote = channel.getLocalAddress();
    channel.close();
    SocketChannel accepted = accept(listener);
    assertEquals(remote, accepted.getRemoteAddress());
    assertEndOfStream(accepted);
  }

  @Test
  void acceptOnClosedListenerThrows() throws Exception {
    ServerSocketChannel listener = listen();
    listener.close();
    assertThrows(ClosedChannelException.class, listener::accept);
    assertFalse(listener.isOpen());
  }

  @Test
  void twoListenersDoNotMixTheirConnections() throws Exception {
    ServerSocketChannel one = listen();
    ServerSocketChannel two = listen();
    for (int i = 0; i < 10; i++) {
      SocketChannel toOne = connectTo(one.getLocalAddress());
      SocketChannel toTwo = connectTo(two.getLocalAddress());
      assertEquals(toTwo.getLocalAddress(), accept(two).getRemoteAddress());
      assertEquals(toOne.getLocalAddress(), accept(one).getRemoteAddress());
    }
  }

  @Test
  void listenerOnlyKnowsOpAccept() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    assertEquals(SelectionKey.OP_ACCEPT, listener.validOps());
    Selector selector = openSelector();
    assertThrows(
        IllegalArgumentException.class, () -> listener.register(selector, SelectionKey.OP_READ));
  }

  @Test
  void bindAfterRegisterIsSelectedToo() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.configureBlocking(false);
    Selector selector = openSelector();
    SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
    listener.bind(transport.bindAddress());
    connectTo(listener.getLocalAddress());
    awaitReady(key, SelectionKey.OP_ACCEPT);
    assertNotNull(accept(listener));
  }

  @Test
  void receiveBufferSetBeforeBindDoesNotDisturbAccept() throws Exception {
    ServerSocketChannel listener = openListener();
    assertSame(listener, listener.setOption(StandardSocketOptions.SO_RCVBUF, 32 * 1024));
    listener.bind(transport.bindAddress());
    Pair pair = connectThrough(listener);
    writeFully(pair.near(), "small window");
    assertReads("small window", pair.far());
  }
}
