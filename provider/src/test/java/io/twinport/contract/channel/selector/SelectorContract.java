package io.twinport.contract.channel.selector;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Transport;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Selecting: readiness, timeouts, and the selector's key sets. */
public abstract class SelectorContract extends SelectingContract {
  protected SelectorContract(Transport transport) {
    super(transport);
  }

  @Test
  void selectNowReturnsZeroWhenNothingIsReady() throws Exception {
    Watched watched = watch(READ);
    assertEquals(0, watched.selector().selectNow());
    assertTrue(watched.selector().selectedKeys().isEmpty());
    assertEquals(Set.of(watched.key()), watched.selector().keys());
  }

  @Test
  void selectReturnsWhenDataArrives() throws Exception {
    Watched watched = watch(READ);
    Background<Integer> selecting = spawn(() -> watched.selector().select());
    selecting.awaitBlocked();
    writeFully(watched.pair().far(), "x");
    assertEquals(1, selecting.join());
    assertEquals(Set.of(watched.key()), watched.selector().selectedKeys());
    assertTrue(watched.key().isReadable());
    assertFalse(watched.key().isWritable());
  }

  @Test
  void dataThatIsThereAlreadyIsSelected() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "early");
    Selector selector = openSelector();
    register(pair.near(), selector, READ);
    assertEquals(1, selector.select());
    assertReads("early", pair.near());
  }

  @Test
  void idleConnectionIsWritableAtOnce() throws Exception {
    Watched watched = watch(READ | WRITE);
    assertEquals(1, watched.selector().select());
    assertEquals(WRITE, watched.key().readyOps());
  }

  @Test
  void readAndWriteReadinessComeTogether() throws Exception {
    Watched watched = watch(READ | WRITE);
    writeFully(watched.pair().far(), "x");
    awaitReady(watched.key(), READ);
    assertEquals(READ | WRITE, watched.key().readyOps());
  }

  @Test
  void readReadinessIsLevelTriggered() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "abc");
    for (int i = 0; i < 3; i++) {
      assertEquals(1, watched.selector().select(10_000));
      watched.selector().selectedKeys().clear();
      assertEquals(1, watched.pair().near().read(ByteBuffer.allocate(1)));
    }
    assertEquals(0, watched.selector().selectNow());
  }

  @Test
  void endOfStreamStaysReadable() throws Exception {
    Watched watched = watch(READ);
    watched.pair().far().shutdownOutput();
    for (int i = 0; i < 3; i++) {
      assertEquals(1, watched.selector().select(10_000));
      watched.selector().selectedKeys().clear();
      assertEndOfStream(watched.pair().near());
    }
  }

  @Test
  void keyThatStaysInTheSelectedSetCountsOnce() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    assertEquals(1, watched.selector().select(10_000));
    assertEquals(0, watched.selector().selectNow());
    assertEquals(0, watched.selector().select(), "ready, but no news");
    assertEquals(Set.of(watched.key()), watched.selector().selectedKeys());
    assertTrue(watched.key().isReadable());
  }

  @Test
  void newReadinessOfASelectedKeyIsAddedAndCounted() throws Exception {
    Watched watched = watch(WRITE);
    assertEquals(1, watched.selector().select(10_000));
    assertEquals(WRITE, watched.key().readyOps());
    watched.key().interestOps(READ | WRITE);
    writeFully(watched.pair().far(), "x");
    awaitTrue("the key is updated", () -> watched.selector().selectNow() == 1);
    assertEquals(READ | WRITE, watched.key().readyOps());
  }

  @Test
  void readyOpsOfARemovedKeyAreReplaced() throws Exception {
    Watched watched = watch(READ | WRITE);
    writeFully(watched.pair().far(), "x");
    awaitReady(watched.key(), READ);
    assertReads("x", watched.pair().near());
    assertEquals(1, watched.selector().select(10_000));
    assertEquals(WRITE, watched.key().readyOps());
  }

  @Test
  void selectWithTimeoutWaitsItsTime() throws Exception {
    Watched watched = watch(READ);
    for (long millis : new long[] {1, 50, 200}) {
      long start = System.nanoTime();
      assertEquals(0, watched.selector().select(millis));
      long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
      assertTrue(elapsed >= millis - 5, "select(" + millis + ") returned after " + elapsed + " ms");
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void selectOfAnIdleListenerWaitsItsTime() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    listener.register(selector, SelectionKey.OP_ACCEPT);
    long start = System.nanoTime();
    assertEquals(0, selector.select(100));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(99));
  }

  @Test
  void selectIsNotEndedByEventsNobodyAskedFor() throws Exception {
    Watched watched = watch(0);
    Pair second = connectedPair();
    register(second.near(), watched.selector(), READ);
    long start = System.nanoTime();
    Background<Integer> selecting = spawn(() -> watched.selector().select(2_000));
    selecting.awaitBlocked();
    for (int i = 0; i < 20; i++) {
      writeFully(watched.pair().far(), "ignored");
    }
    assertEquals(0, selecting.join());
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(1_999));
  }

  @Test
  void selectOfAnEmptySelectorWaitsItsTime() throws Exception {
    long start = System.nanoTime();
    assertEquals(0, openSelector().select(60));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(59));
  }

  @Test
  void negativeTimeoutThrows() throws Exception {
    Selector selector = openSelector();
    assertThrows(IllegalArgumentException.class, () -> selector.select(-1));
    assertThrows(IllegalArgumentException.class, () -> selector.select(key -> {}, -1));
  }

  @Test
  void zeroTimeoutWaitsWithoutEnd() throws Exception {
    Watched watched = watch(READ);
    Background<Integer> selecting = spawn(() -> watched.selector().select(0));
    selecting.awaitBlocked();
    writeFully(watched.pair().far(), "x");
    assertEquals(1, selecting.join());
  }

  @Test
  void keySetCanNotBeChanged() throws Exception {
    Watched watched = watch(READ);
    Set<SelectionKey> keys = watched.selector().keys();
    assertThrows(UnsupportedOperationException.class, () -> keys.remove(watched.key()));
    assertThrows(UnsupportedOperationException.class, () -> keys.add(watched.key()));
    assertThrows(UnsupportedOperationException.class, keys::clear);
  }

  @Test
  void selectedKeySetCanOnlyShrink() throws Exception {
    Watched watched = watch(WRITE);
    assertEquals(1, watched.selector().select());
    Set<SelectionKey> selected = watched.selector().selectedKeys();
    assertThrows(UnsupportedOperationException.class, () -> selected.add(watched.key()));
    assertTrue(selected.remove(watched.key()));
    assertTrue(selected.isEmpty());
    assertEquals(1, watched.selector().select());
    assertSame(selected, watched.selector().selectedKeys());
    assertEquals(1, selected.size());
  }

  @Test
  void everyReadyChannelIsSelected() throws Exception {
    Selector selector = openSelector();
    List<Pair> pairs = new ArrayList<>();
    Set<SelectionKey> expected = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Pair pair = connectedPair();
      pairs.add(pair);
      SelectionKey key = register(pair.near(), selector, READ);
      if (i % 2 == 0) {
        expected.add(key);
      }
    }
    for (int i = 0; i < 40; i += 2) {
      writeFully(pairs.get(i).far(), "x");
    }
    awaitTrue(
        "all are selected",
        () -> {
          selector.select(1000);
          return selector.selectedKeys().size() == 20;
        });
    assertEquals(expected, selector.selectedKeys());
    assertEquals(40, selector.keys().size());
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenerAndConnectionsShareOneSelector() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    Selector selector = openSelector();
    SelectionKey acceptKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    SocketChannel client = connectTo(listener.getLocalAddress());
    awaitReady(acceptKey, SelectionKey.OP_ACCEPT);
    SocketChannel accepted = accept(listener);
    SelectionKey readKey = register(accepted, selector, READ);
    writeFully(client, "x");
    connectTo(listener.getLocalAddress());
    awaitTrue(
        "both are selected",
        () -> {
          selector.select(1000);
          return selector.selectedKeys().size() == 2;
        });
    assertTrue(acceptKey.isAcceptable());
    assertTrue(readKey.isReadable());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "no connection takes part, and a provider makes selectors of one JVM")
  void selectorsKnowTheirProviderAndState() throws Exception {
    Selector selector = openSelector();
    assertSame(provider(), selector.provider());
    assertTrue(selector.isOpen());
    selector.close();
    assertFalse(selector.isOpen());
  }

  /** The kernel reports such a socket as hung up, which is ready for everything. */
  @Test
  @Here(Here.End.SOCKET)
  void aChannelThatHasNotBegunToConnectIsReadyForAllThatIsAsked() throws Exception {
    int all = SelectionKey.OP_CONNECT | SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    for (int ops : new int[] {SelectionKey.OP_CONNECT, SelectionKey.OP_READ, all}) {
      for (boolean bound : new boolean[] {false, true}) {
        SocketChannel channel = openNonBlockingSocket();
        if (bound) {
          channel.bind(transport.socketAddress());
        }
        Selector selector = openSelector();
        SelectionKey key = channel.register(selector, ops);
        assertEquals(1, selector.select());
        assertEquals(ops, key.readyOps());
        assertEquals(0, selector.select(), "selected already");
        selector.selectedKeys().clear();
        assertEquals(1, selector.select());
        assertEquals(ops, key.readyOps());
        key.interestOps(0);
        selector.selectedKeys().clear();
        assertEquals(0, selector.selectNow());
      }
    }
  }

  @Test
  @Here(Here.End.SOCKET)
  void aChannelThatWasSelectedUnconnectedConnectsLater() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    Selector selector = openSelector();
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
    assertEquals(1, selector.select());
    selector.selectedKeys().clear();
    channel.connect(listener.getLocalAddress());
    finishConnecting(channel);
    key.interestOps(SelectionKey.OP_READ);
    selector.selectedKeys().clear();
    assertEquals(0, selector.selectNow());
    writeFully(accept(listener), "later");
    awaitReady(key, SelectionKey.OP_READ);
    assertReads("later", channel);
  }

  @Test
  void interestAddedFromOutsideIsSeenWhileKeysComeAndGo() throws Exception {
    Watched watched = watch(READ);
    Pair second = connectedPair();
    Selector selector = watched.selector();
    SocketChannel channel = watched.pair().near();
    second.near().configureBlocking(false);
    AtomicReference<SelectionKey> current = new AtomicReference<>(watched.key());
    Object registering = new Object();
    SynchronousQueue<Boolean> seen = new SynchronousQueue<>();
    int rounds = 1000;
    Background<Void> selecting =
        spawn(
            () -> {
              for (int round = 0; round < rounds; ) {
                selector.select();
                synchronized (registering) { // Whoever has woken the selector sets the interest.
                  SelectionKey key = current.get();
                  if (selector.selectedKeys().contains(key) && key.isWritable()) {
                    round++;
                    key.cancel();
                    selector.selectNow();
                    current.set(channel.register(selector, READ));
                    seen.put(true);
                  }
                }
                SelectionKey other = second.near().keyFor(selector);
                if (other == null) {
                  second.near().register(selector, READ);
                } else {
                  other.cancel();
                }
                selector.selectedKeys().clear();
              }
              return null;
            });
    for (int round = 0; round < rounds; round++) {
      synchronized (registering) {
        selector.wakeup();
        current.get().interestOps(READ | WRITE);
      }
      assertEquals(true, seen.poll(20, TimeUnit.SECONDS), "round " + round);
    }
    selecting.join();
  }

  @Test
  void interestChangedManyTimesBetweenSelectsIsWhatItWasLast() throws Exception {
    Watched watched = watch(0);
    for (int i = 0; i < 20_000; i++) {
      watched.key().interestOps(i % 2 == 0 ? READ : WRITE);
    }
    watched.key().interestOps(READ);
    assertEquals(0, watched.selector().selectNow());
    writeFully(watched.pair().far(), "x");
    awaitReady(watched.key(), READ);
    assertEquals(READ, watched.key().readyOps());
  }

  @Test
  void hundredsOfChannelsAreCancelledAndRegisteredAnew() throws Exception {
    Selector selector = openSelector();
    ServerSocketChannel listener = listen();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Pair pair = connectThrough(listener);
      pairs.add(pair);
      register(pair.near(), selector, READ | WRITE);
    }
    for (int round = 0; round < 3; round++) {
      awaitTrue(
          "all are selected",
          () -> {
            selector.select(1000);
            return selector.selectedKeys().size() == pairs.size();
          });
      selector.keys().forEach(SelectionKey::cancel);
      assertEquals(0, selector.selectNow());
      assertTrue(selector.keys().isEmpty());
      assertTrue(selector.selectedKeys().isEmpty());
      for (Pair pair : pairs) {
        pair.near().register(selector, READ | WRITE);
      }
    }
  }
}
