package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Background;
import io.twinport.inproc.InProcessProvider;
import io.twinport.spi.Reason;
import io.twinport.support.ListeningProvider;
import io.twinport.support.SwitchFixture;
import io.twinport.waiting.EpollBell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.nio.ch.DefaultSelectorProvider;

/** What the selector does beyond the contract that the JDK's keeps, too. */
@Timeout(60)
final class SelectTest extends SwitchFixture {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** A select on a thread of its own, which is waiting when this returns. */
  private static Background<Integer> selecting(Selector selector) throws InterruptedException {
    Background<Integer> select = Background.start(selector::select);
    select.awaitBlocked();
    return select;
  }

  @Test
  void aPostThatFindsNothingDoesNotEndTheSelect() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    Selector selector = selector();
    SelectionKey key = register(server, selector, SelectionKey.OP_READ);
    Background<Integer> selected = selecting(selector);
    TwinSelector twin = (TwinSelector) selector;
    for (int i = 0; i < 1000; i++) {
      twin.enqueue(((TwinSocketChannel) server).sanKeys().find(selector));
      Thread.onSpinWait();
    }
    assertFalse(selected.isDone());
    client.write(bytes(1));
    assertEquals(1, selected.join());
    assertTrue(key.isReadable());
  }

  @Test
  void aTimedSelectWithIdleSanKeysIsNotShort() throws Exception {
    ServerSocketChannel listener = listen();
    connect(listener);
    Selector selector = selector();
    register(closing(listener.accept()), selector, SelectionKey.OP_READ);
    for (long millis : new long[] {1, 7, 30}) {
      long start = System.nanoTime();
      assertEquals(0, selector.select(millis));
      assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(millis));
    }
  }

  /** A peer that has been told of a sleep rings once more, and so on, if a ring announces one. */
  @Test
  void aRingOfAnEarlierSleepIsTakenAwake() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "with one processor nobody spins");
    ListeningProvider peers = new ListeningProvider();
    peers.started = true;
    provider = provider(Map.of("wait", "spin", "providers", "inproc,listening"), san, peers);
    ServerSocketChannel listener = listen();
    connect(listener);
    Selector selector = selector();
    register(closing(listener.accept()), selector, SelectionKey.OP_READ);
    assertEquals(0, selector.select(1));
    for (int i = 0; i < 100; i++) {
      peers.heard.clear();
      ((EpollBell) peers.bell).ring();
      assertEquals(0, selector.select(1));
      assertTrue(Collections.frequency(peers.heard, ListeningProvider.ASLEEP) <= 1);
    }
  }

  /** Has a connection on the SAN and one on TCP selected for reading; returns their clients. */
  private SocketChannel[] bothRegistered(Selector selector) throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel san = connect(listener);
    SocketChannel plain = closing(DefaultSelectorProvider.get().openSocketChannel());
    plain.connect(listener.getLocalAddress());
    for (int i = 0; i < 2; i++) {
      register(closing(listener.accept()), selector, SelectionKey.OP_READ);
    }
    return new SocketChannel[] {san, plain};
  }

  /**
   * The kernel hears of a key's interest in the select; a spin that comes before is blind to it.
   */
  @Test
  void aTcpKeyThatIsAskedForAgainIsSelectedAtOnce() throws Exception {
    provider = provider(Map.of("wait", "spin"), san);
    Selector selector = selector();
    SocketChannel plain = bothRegistered(selector)[1];
    plain.write(bytes(1)); // Never read.
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertEquals(1, selector.select());
      SelectionKey key = selector.selectedKeys().iterator().next();
      selector.selectedKeys().clear();
      key.interestOps(0);
      assertEquals(0, selector.selectNow());
      key.interestOps(SelectionKey.OP_READ);
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertTrue(millis < 2_500, millis + " ms: each waits for the end of a spin of 50");
  }

  @Test
  void aTcpKeyThatStaysSelectedEndsASpinAsInTheJdk() throws Exception {
    provider = provider(Map.of("wait", "spin"), san);
    Selector selector = selector();
    SocketChannel plain = bothRegistered(selector)[1];
    plain.write(bytes(1)); // Never read, and its key is never taken out of the selected ones.
    assertEquals(1, selector.select());
    for (int i = 0; i < 100; i++) {
      assertEquals(0, selector.select());
    }
  }

  @Test
  void tcpDoesNotStarveBehindABusySan() throws Exception {
    Selector selector = selector();
    SocketChannel[] clients = bothRegistered(selector);
    clients[0].write(bytes(1)); // Never read: ready in each select.
    clients[1].write(bytes(2));
    int selects = 0;
    AtomicBoolean tcpSeen = new AtomicBoolean();
    while (!tcpSeen.get()) {
      selector.select(key -> tcpSeen.compareAndSet(false, !(key.channel() instanceof SanChannel)));
      assertTrue(++selects < 1000);
    }
  }

  @Test
  void twoSelectorsBothSeeAConnectionsBytes() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    Selector first = selector();
    Selector second = selector();
    register(server, first, SelectionKey.OP_READ);
    register(server, second, SelectionKey.OP_READ);
    for (int i = 0; i < 200; i++) {
      Future<Integer> a = threads.submit(() -> first.select());
      Future<Integer> b = threads.submit(() -> second.select());
      client.write(bytes(i));
      assertEquals(1, a.get());
      assertEquals(1, b.get());
      first.selectedKeys().clear();
      second.selectedKeys().clear();
      assertEquals(1, server.read(ByteBuffer.allocate(8)));
    }
  }

  @Test
  void aListenerThatWasRegisteredBeforeItWasBoundWakesASelect() throws Exception {
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    Selector selector = selector();
    register(listener, selector, SelectionKey.OP_ACCEPT);
    assertEquals(1, selector.select()); // To Linux an unbound socket has hung up.
    selector.selectedKeys().clear();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Background<Integer> selected = selecting(selector);
    assertFalse(isOnTcp(connect(listener)));
    assertEquals(1, selected.join());
  }

  @Test
  void aSelectSeesAConnectBegunMeanwhileOnTheSan() throws Exception {
    // One whose connects take a moment, or there would be nothing to wait for.
    provider = provider(Map.of(), InProcessProvider.withDriver());
    seesAConnectBegunMeanwhile(listen(), false);
  }

  @Test
  void aSelectSeesAConnectBegunMeanwhileOnTcp() throws Exception {
    ServerSocketChannel plain = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    seesAConnectBegunMeanwhile(plain, true);
  }

  private void seesAConnectBegunMeanwhile(ServerSocketChannel listener, boolean tcp)
      throws Exception {
    SocketChannel client = closing(provider.openSocketChannel());
    Selector selector = selector();
    SelectionKey key = register(client, selector, SelectionKey.OP_CONNECT);
    AtomicBoolean begun = new AtomicBoolean();
    Background<Void> finishing =
        Background.start(
            () -> {
              do { // Before that, to Linux it has hung up.
                assertEquals(1, selector.select());
                assertTrue(key.isConnectable());
                selector.selectedKeys().clear();
              } while (!begun.get() || !client.finishConnect());
              return null;
            });
    assertFalse(client.connect(listener.getLocalAddress()));
    begun.set(true);
    finishing.join();
    assertEquals(tcp, isOnTcp(client));
  }

  @Test
  void connectFiresOnceAfterAFallbackThatComesLate() throws Exception {
    InProcessProvider late = InProcessProvider.withDriver();
    provider = provider(Map.of("backlog-full", "tcp"), late);
    ServerSocketChannel listener = listen(1);
    connect(listener);
    SocketChannel client = closing(provider.openSocketChannel());
    Selector selector = selector();
    SelectionKey key = register(client, selector, SelectionKey.OP_CONNECT);
    assertFalse(client.connect(listener.getLocalAddress()));
    assertEquals(1, selector.select());
    assertTrue(key.isConnectable());
    assertTrue(client.finishConnect());
    assertTrue(isOnTcp(client));
    assertEquals(Reason.BACKLOG_FULL, ((TwinSocketChannel) client).twin.reason());
    selector.selectedKeys().clear();
    key.interestOps(SelectionKey.OP_CONNECT | SelectionKey.OP_READ);
    assertEquals(0, selector.selectNow());
  }

  @Test
  void noWakeupIsLostBetweenTwoSelectors() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    int rounds = 30_000;
    Future<?> echo = threads.submit(() -> bounce(server, rounds));
    client.write(bytes(0));
    bounce(client, rounds);
    echo.get();
  }

  private Void bounce(SocketChannel channel, int rounds) throws IOException {
    Selector selector = selector();
    register(channel, selector, SelectionKey.OP_READ);
    ByteBuffer one = ByteBuffer.allocate(1);
    for (int i = 0; i < rounds; ) {
      selector.select();
      selector.selectedKeys().clear();
      one.clear();
      if (channel.read(one) == 1) {
        i++;
        one.flip();
        assertEquals(1, channel.write(one));
      }
    }
    return null;
  }

  @Test
  void noWakeupCallIsLost() throws Exception {
    ServerSocketChannel listener = listen();
    connect(listener);
    Selector selector = selector();
    register(closing(listener.accept()), selector, SelectionKey.OP_READ);
    for (int i = 0; i < 20_000; i++) {
      Future<Integer> selected = i % 10 == 0 ? threads.submit(() -> selector.select()) : null;
      selector.wakeup();
      assertEquals(0, selected == null ? selector.select() : selected.get());
    }
  }

  /** Whoever registers an unconnected channel posts its key, and so does whoever connects it. */
  @Test
  void aConnectBegunAsTheSelectBeginsIsSeen() throws Exception {
    provider = provider(Map.of(), InProcessProvider.withDriver());
    ServerSocketChannel listener = listen();
    for (int i = 0; i < 4_000; i++) {
      SocketChannel client = provider.openSocketChannel();
      client.configureBlocking(false);
      Selector selector = provider.openSelector();
      client.register(selector, SelectionKey.OP_CONNECT);
      AtomicBoolean go = new AtomicBoolean();
      Future<Boolean> connecting =
          threads.submit(
              () -> {
                while (!go.get()) {
                  Thread.onSpinWait();
                }
                return client.connect(listener.getLocalAddress());
              });
      go.set(true);
      for (int spins = i % 1_000; spins > 0; spins--) { // So that they meet at every point.
        Thread.onSpinWait();
      }
      do {
        assertEquals(1, selector.select(10_000), "a lost outcome");
        selector.selectedKeys().clear();
      } while (!client.isConnectionPending() || !client.finishConnect());
      connecting.get();
      selector.close();
      client.close();
      listener.accept().close();
    }
  }
}
