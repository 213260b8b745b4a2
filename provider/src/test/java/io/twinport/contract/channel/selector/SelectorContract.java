package io.twinport.contract.channel.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Phaser;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Selecting: readiness, timeouts, wakeup, actions, and the selector's key sets. */
public abstract class SelectorContract extends ContractTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;

  /**
   * Up to JDK 22 {@code Thread.interrupt} looks for a selector to wake before it sets the thread's
   * status; an interrupt that comes just as a select begins may then wake nobody.
   */
  public static final boolean INTERRUPTS_ARE_LOST = Runtime.version().feature() < 23;

  protected SelectorContract(Transport transport) {
    super(transport);
  }

  /** A connection whose near end is registered with a selector of its own. */
  private record Watched(Pair pair, Selector selector, SelectionKey key) {}

  private Watched watch(int ops) throws Exception {
    Pair pair = connectedPair();
    Selector selector = openSelector();
    return new Watched(pair, selector, register(pair.near(), selector, ops));
  }

  private static SelectionKey register(SocketChannel channel, Selector selector, int ops)
      throws Exception {
    channel.configureBlocking(false);
    return channel.register(selector, ops);
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
  void wakeupEndsASelect() throws Exception {
    Watched watched = watch(READ);
    Background<Integer> selecting = spawn(() -> watched.selector().select());
    selecting.awaitBlocked();
    assertSame(watched.selector(), watched.selector().wakeup());
    assertEquals(0, selecting.join());
  }

  @Test
  void wakeupBeforeSelectEndsTheNextOneOnly() throws Exception {
    Watched watched = watch(READ);
    watched.selector().wakeup();
    watched.selector().wakeup();
    assertEquals(0, watched.selector().select());
    long start = System.nanoTime();
    assertEquals(0, watched.selector().select(60));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(59));
  }

  @Test
  void selectNowTakesAWakeupBack() throws Exception {
    Watched watched = watch(READ);
    watched.selector().wakeup();
    assertEquals(0, watched.selector().selectNow());
    long start = System.nanoTime();
    assertEquals(0, watched.selector().select(60));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(59));
  }

  @Test
  void wakeupsAreNeverLost() throws Exception {
    Watched watched = watch(READ);
    int rounds = 2000;
    AtomicInteger seen = new AtomicInteger();
    Background<Void> selecting =
        spawn(
            () -> {
              for (int i = 0; i < rounds; i++) {
                watched.selector().select();
                seen.incrementAndGet();
              }
              return null;
            });
    for (int i = 1; i <= rounds; i++) {
      int expected = i;
      watched.selector().wakeup();
      while (seen.get() < expected) {
        assertFalse(selecting.isDone() && seen.get() < expected);
        Thread.onSpinWait();
      }
    }
    selecting.join();
  }

  @Test
  void wakeupReportsReadyKeysToo() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    awaitReady(watched.key(), READ);
    watched.selector().wakeup();
    assertEquals(1, watched.selector().select());
  }

  @Test
  void actionSeesEachReadyKeyAndTheSelectedSetStaysEmpty() throws Exception {
    Watched watched = watch(READ);
    Pair second = connectedPair();
    SelectionKey secondKey = register(second.near(), watched.selector(), READ);
    writeFully(watched.pair().far(), "x");
    writeFully(second.far(), "y");
    Set<SelectionKey> seen = new HashSet<>();
    int calls = 0;
    while (seen.size() < 2) {
      calls +=
          watched
              .selector()
              .select(
                  key -> {
                    assertEquals(READ, key.readyOps());
                    if (seen.add(key)) {
                      key.interestOps(0);
                    }
                  },
                  10_000);
    }
    assertEquals(2, calls);
    assertEquals(Set.of(watched.key(), secondKey), seen);
    assertTrue(watched.selector().selectedKeys().isEmpty());
  }

  @Test
  void actionIsCalledAgainWhileReady() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    AtomicInteger calls = new AtomicInteger();
    assertEquals(1, watched.selector().select(key -> calls.incrementAndGet()));
    assertEquals(1, watched.selector().select(key -> calls.incrementAndGet(), 10_000));
    assertEquals(1, watched.selector().selectNow(key -> calls.incrementAndGet()));
    assertEquals(3, calls.get());
    assertReads("x", watched.pair().near());
    assertEquals(0, watched.selector().selectNow(key -> calls.incrementAndGet()));
    assertEquals(3, calls.get());
  }

  @Test
  void actionMayCancelItsKey() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    assertEquals(1, watched.selector().select(SelectionKey::cancel));
    assertFalse(watched.key().isValid());
    assertEquals(0, watched.selector().selectNow());
    assertTrue(watched.selector().keys().isEmpty());
    watched.pair().near().configureBlocking(true);
    assertReads("x", watched.pair().near());
  }

  @Test
  void actionMayCloseItsChannel() throws Exception {
    Watched watched = watch(READ);
    watched.pair().far().shutdownOutput();
    assertEquals(1, watched.selector().select(SelectorContract::closeChannel));
    assertFalse(watched.pair().near().isOpen());
    assertFalse(watched.key().isValid());
    assertEndOfStream(watched.pair().far());
    assertEquals(0, watched.selector().selectNow());
    assertTrue(watched.selector().keys().isEmpty());
  }

  private static void closeChannel(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void actionMayChangeInterest() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    assertEquals(1, watched.selector().select(key -> key.interestOps(WRITE)));
    AtomicInteger ready = new AtomicInteger();
    assertEquals(1, watched.selector().select(key -> ready.set(key.readyOps())));
    assertEquals(WRITE, ready.get());
  }

  @Test
  void actionMayNotSelectAgain() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    Selector selector = watched.selector();
    List<Throwable> thrown = new ArrayList<>();
    selector.select(
        key -> {
          thrown.add(assertThrows(IllegalStateException.class, selector::selectNow));
          thrown.add(assertThrows(IllegalStateException.class, () -> selector.select(10)));
          thrown.add(assertThrows(IllegalStateException.class, () -> selector.selectNow(k -> {})));
        });
    assertEquals(3, thrown.size());
    assertEquals(1, selector.selectNow());
  }

  @Test
  void actionThatThrowsLeavesTheSelectorUsable() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    Selector selector = watched.selector();
    IllegalMonitorStateException thrown =
        assertThrows(
            IllegalMonitorStateException.class,
            () ->
                selector.select(
                    key -> {
                      throw new IllegalMonitorStateException("from the action");
                    }));
    assertEquals("from the action", thrown.getMessage());
    assertEquals(1, selector.select(key -> {}, 10_000));
    assertEquals(1, selector.select(10_000));
  }

  @Test
  void actionMayCloseTheSelector() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    Selector selector = watched.selector();
    assertThrows(ClosedSelectorException.class, () -> selector.select(k -> closeSelector(k)));
    assertFalse(selector.isOpen());
    assertTrue(watched.pair().near().isOpen());
  }

  private static void closeSelector(SelectionKey key) {
    try {
      key.selector().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nullActionThrows() throws Exception {
    Selector selector = openSelector();
    assertThrows(NullPointerException.class, () -> selector.select(null));
    assertThrows(NullPointerException.class, () -> selector.select(null, 10));
    assertThrows(NullPointerException.class, () -> selector.selectNow(null));
  }

  @Test
  void wakeupFromAnActionEndsTheNextSelect() throws Exception {
    Watched watched = watch(READ);
    writeFully(watched.pair().far(), "x");
    assertEquals(1, watched.selector().select(key -> watched.selector().wakeup()));
    assertReads("x", watched.pair().near());
    assertEquals(0, watched.selector().select());
  }

  @Test
  void closeEndsASelectAndInvalidatesKeys() throws Exception {
    Watched watched = watch(READ);
    Selector selector = watched.selector();
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    selector.close();
    Throwable end = selecting.joinAny();
    assertTrue(end == null || end instanceof ClosedSelectorException, () -> "ended with " + end);
    assertFalse(selector.isOpen());
    assertFalse(watched.key().isValid());
    assertFalse(watched.pair().near().isRegistered());
    assertNull(watched.pair().near().keyFor(selector));
    assertTrue(watched.pair().near().isOpen());
    watched.pair().near().configureBlocking(true);
    writeFully(watched.pair().far(), "after");
    assertReads("after", watched.pair().near());
  }

  @Test
  void closedSelectorThrows() throws Exception {
    Watched watched = watch(READ);
    Selector selector = watched.selector();
    selector.close();
    selector.close();
    assertThrows(ClosedSelectorException.class, selector::select);
    assertThrows(ClosedSelectorException.class, () -> selector.select(10));
    assertThrows(ClosedSelectorException.class, selector::selectNow);
    assertThrows(ClosedSelectorException.class, () -> selector.select(key -> {}));
    assertThrows(ClosedSelectorException.class, selector::keys);
    assertThrows(ClosedSelectorException.class, selector::selectedKeys);
    assertThrows(
        ClosedSelectorException.class, () -> watched.pair().near().register(selector, READ));
    assertThrows(CancelledKeyException.class, () -> watched.key().interestOps(READ));
    assertSame(selector, selector.wakeup());
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
  void interruptsInARowEndEverySelect() throws Exception {
    Watched watched = watch(READ);
    assertEverySelectIsEnded(
        watched.selector(), Background::start, Background::interrupt, INTERRUPTS_ARE_LOST);
    writeFully(watched.pair().far(), "x");
    assertEquals(1, watched.selector().select(10_000));
  }

  @Test
  void wakeupsInARowEndEverySelect() throws Exception {
    Selector selector = watch(READ).selector();
    assertEverySelectIsEnded(selector, Background::start, selecting -> selector.wakeup(), false);
  }

  /**
   * Each select is ended by a disturbance of its own, and the one behind it finds nothing left.
   *
   * @param lost whether a disturbance may be missed, so that it has to be repeated
   */
  public static void assertEverySelectIsEnded(
      Selector selector, Start start, Consumer<Background<?>> disturbance, boolean lost)
      throws Exception {
    int rounds = 5 * ROUNDS;
    Phaser step = new Phaser(2);
    Background<Void> selecting =
        start.of(
            () -> {
              for (int i = 0; i < rounds; i++) {
                step.arriveAndAwaitAdvance();
                assertEquals(0, selector.select(), "nothing was sent");
                Thread.interrupted();
                assertEquals(0, selector.selectNow(), "nothing was sent");
                step.arriveAndAwaitAdvance();
              }
              return null;
            });
    for (int i = 0; i < rounds && !selecting.isDone(); i++) {
      awaitStep(step, "a select begins", () -> {});
      disturbance.accept(selecting);
      awaitStep(
          step,
          "select " + i + " ends",
          () -> {
            if (lost) {
              disturbance.accept(selecting);
            }
          });
    }
    selecting.join();
  }

  private static void awaitStep(Phaser step, String what, Runnable meanwhile) throws Exception {
    int phase = step.arrive();
    awaitTrue(
        what,
        () -> {
          try {
            step.awaitAdvanceInterruptibly(phase, 500, TimeUnit.MILLISECONDS);
            return true;
          } catch (TimeoutException e) {
            meanwhile.run();
            return false;
          }
        });
  }

  /** How a call gets a thread of its own. */
  public interface Start {
    /** Starts {@code call} on that thread. */
    Background<Void> of(Callable<Void> call);
  }

  @Test
  void wakeupAfterAnInterruptAndACloseIsHarmless() throws Exception {
    for (int i = 0; i < 50; i++) {
      Watched watched = watch(READ);
      Selector selector = watched.selector();
      Background<Integer> selecting = spawn(() -> selector.select());
      selecting.awaitBlocked();
      selecting.interrupt();
      selector.close();
      assertSame(selector, selector.wakeup());
      assertEndedByClose(selecting.joinAny());
      watched.pair().near().close();
      watched.pair().far().close();
    }
  }

  /** A select that is begun when its selector is closed returns; one that begins then throws. */
  private static void assertEndedByClose(Throwable end) {
    assertTrue(end == null || end instanceof ClosedSelectorException, () -> "ended with " + end);
  }

  @Test
  void registerRacesWithTheSelectorsClose() throws Exception {
    raceWithClose(
        (channel, key) -> channel.register(key.selector(), WRITE), ClosedSelectorException.class);
  }

  @Test
  void interestOpsRaceWithTheSelectorsClose() throws Exception {
    raceWithClose((channel, key) -> key.interestOps(0), CancelledKeyException.class);
    raceWithClose((channel, key) -> key.interestOpsOr(WRITE), CancelledKeyException.class);
    raceWithClose((channel, key) -> key.interestOpsAnd(0), CancelledKeyException.class);
  }

  @Test
  void cancelRacesWithTheSelectorsClose() throws Exception {
    raceWithClose((channel, key) -> key.cancel(), CancelledKeyException.class);
  }

  @Test
  void closeOfTheChannelRacesWithTheSelectorsClose() throws Exception {
    raceWithClose((channel, key) -> channel.close(), CancelledKeyException.class);
  }

  private interface Update {
    void of(SocketChannel channel, SelectionKey key) throws Exception;
  }

  /** Up to JDK 24, an update that meets the close may be told of the key or of the selector. */
  private void raceWithClose(Update update, Class<? extends Exception> tooLate) throws Exception {
    for (int i = 0; i < 100; i++) {
      Pair pair = connectedPair();
      Selector selector = openSelector();
      SelectionKey key = register(pair.near(), selector, READ);
      Phaser begin = new Phaser(i % 2 == 0 ? 2 : 3);
      Background<Void> updating =
          spawn(
              () -> {
                begin.arriveAndAwaitAdvance();
                update.of(pair.near(), key);
                return null;
              });
      Background<Void> closing =
          spawn(
              () -> {
                begin.arriveAndAwaitAdvance();
                selector.close();
                return null;
              });
      Throwable select = null;
      if (i % 2 != 0) {
        begin.arriveAndAwaitAdvance();
        Background<Integer> selecting = spawn(() -> selector.select());
        select = selecting.joinAny();
      }
      closing.join();
      Throwable late = updating.joinAny();
      boolean told =
          tooLate.isInstance(late)
              || (Runtime.version().feature() < 25
                  && (late instanceof ClosedSelectorException
                      || late instanceof CancelledKeyException));
      assertTrue(late == null || told, () -> "ended with " + late);
      assertEndedByClose(select);
      assertFalse(key.isValid());
      assertFalse(pair.near().isRegistered());
      pair.near().close();
      pair.far().close();
    }
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
  void actionRunsOnTheSelectingThreadUnderTheSelectorsLocks() throws Exception {
    Watched watched = watch(WRITE);
    Selector selector = watched.selector();
    Set<SelectionKey> keys = selector.keys();
    Set<SelectionKey> selected = selector.selectedKeys();
    Thread here = Thread.currentThread();
    AtomicInteger calls = new AtomicInteger();
    Consumer<SelectionKey> action =
        key -> {
          calls.incrementAndGet();
          assertSame(here, Thread.currentThread());
          assertTrue(Thread.holdsLock(selector));
          assertTrue(Thread.holdsLock(selected));
          assertFalse(Thread.holdsLock(keys));
        };
    assertEquals(1, selector.select(action));
    assertEquals(1, selector.select(action, 10_000));
    assertEquals(1, selector.selectNow(action));
    assertEquals(3, calls.get());
  }

  private static void mustNotBeCalled(SelectionKey key) {
    throw new AssertionError("called for " + key);
  }

  @Test
  void selectWithAnActionWaitsItsTimeAndCallsNobody() throws Exception {
    Watched watched = watch(READ);
    long start = System.nanoTime();
    assertEquals(0, watched.selector().select(SelectorContract::mustNotBeCalled, 60));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(59));
    assertEquals(0, watched.selector().selectNow(SelectorContract::mustNotBeCalled));
  }

  @Test
  void wakeupEndsASelectWithAnAction() throws Exception {
    Watched watched = watch(READ);
    Selector selector = watched.selector();
    selector.wakeup();
    assertEquals(0, selector.select(SelectorContract::mustNotBeCalled));
    selector.wakeup();
    assertEquals(0, selector.select(SelectorContract::mustNotBeCalled, 60_000));
    for (long millis : new long[] {0, 60_000}) {
      Background<Integer> selecting =
          spawn(() -> selector.select(SelectorContract::mustNotBeCalled, millis));
      selecting.awaitBlocked();
      selector.wakeup();
      assertEquals(0, selecting.join());
    }
  }

  @Test
  void interruptEndsASelectWithAnAction() throws Exception {
    Watched watched = watch(READ);
    Selector selector = watched.selector();
    for (long millis : new long[] {0, 60_000}) {
      Background<Integer> selecting =
          spawn(() -> selector.select(SelectorContract::mustNotBeCalled, millis));
      selecting.awaitBlocked();
      selecting.interrupt();
      assertEquals(0, selecting.join());
      assertTrue(selecting.interruptedAtEnd());
      selector.selectNow(); // The interrupt is a wakeup that may still be pending.
      Background<Integer> interrupted =
          spawn(
              () -> {
                Thread.currentThread().interrupt();
                return selector.select(SelectorContract::mustNotBeCalled, millis);
              });
      assertEquals(0, interrupted.join());
      assertTrue(interrupted.interruptedAtEnd());
      selector.selectNow();
    }
    assertTrue(selector.isOpen());
  }

  @Test
  void closeEndsASelectWithAnAction() throws Exception {
    for (long millis : new long[] {0, 60_000}) {
      Selector selector = watch(READ).selector();
      Background<Integer> selecting =
          spawn(() -> selector.select(SelectorContract::mustNotBeCalled, millis));
      selecting.awaitBlocked();
      selector.close();
      assertEndedByClose(selecting.joinAny());
      assertThrows(
          ClosedSelectorException.class,
          () -> selector.select(SelectorContract::mustNotBeCalled, millis));
      assertThrows(
          ClosedSelectorException.class,
          () -> selector.selectNow(SelectorContract::mustNotBeCalled));
    }
  }

  @Test
  void actionIsCalledForKeysThatAreSelectedAndNotForThoseThatAreCancelled() throws Exception {
    Watched watched = watch(WRITE);
    Selector selector = watched.selector();
    SelectionKey other = register(connectedPair().near(), selector, WRITE);
    assertEquals(2, selector.select());
    watched.key().cancel();
    List<SelectionKey> called = new ArrayList<>();
    assertEquals(1, selector.selectNow(called::add));
    assertEquals(List.of(other), called);
    assertEquals(Set.of(other), selector.keys());
    assertEquals(Set.of(other), selector.selectedKeys());
    other.cancel();
    assertEquals(0, selector.selectNow(SelectorContract::mustNotBeCalled));
    assertTrue(selector.keys().isEmpty());
    assertTrue(selector.selectedKeys().isEmpty());
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
