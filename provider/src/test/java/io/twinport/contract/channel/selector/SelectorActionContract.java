package io.twinport.contract.channel.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Selects that call an action for each ready key. */
public abstract class SelectorActionContract extends SelectingContract {
  protected SelectorActionContract(Transport transport) {
    super(transport);
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
    assertEquals(1, watched.selector().select(SelectorActionContract::closeChannel));
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
    assertEquals(0, watched.selector().select(SelectorActionContract::mustNotBeCalled, 60));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(59));
    assertEquals(0, watched.selector().selectNow(SelectorActionContract::mustNotBeCalled));
  }

  @Test
  void wakeupEndsASelectWithAnAction() throws Exception {
    Watched watched = watch(READ);
    Selector selector = watched.selector();
    selector.wakeup();
    assertEquals(0, selector.select(SelectorActionContract::mustNotBeCalled));
    selector.wakeup();
    assertEquals(0, selector.select(SelectorActionContract::mustNotBeCalled, 60_000));
    for (long millis : new long[] {0, 60_000}) {
      Background<Integer> selecting =
          spawn(() -> selector.select(SelectorActionContract::mustNotBeCalled, millis));
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
          spawn(() -> selector.select(SelectorActionContract::mustNotBeCalled, millis));
      selecting.awaitBlocked();
      selecting.interrupt();
      assertEquals(0, selecting.join());
      assertTrue(selecting.interruptedAtEnd());
      selector.selectNow(); // The interrupt is a wakeup that may still be pending.
      Background<Integer> interrupted =
          spawn(
              () -> {
                Thread.currentThread().interrupt();
                return selector.select(SelectorActionContract::mustNotBeCalled, millis);
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
          spawn(() -> selector.select(SelectorActionContract::mustNotBeCalled, millis));
      selecting.awaitBlocked();
      selector.close();
      assertEndedByClose(selecting.joinAny());
      assertThrows(
          ClosedSelectorException.class,
          () -> selector.select(SelectorActionContract::mustNotBeCalled, millis));
      assertThrows(
          ClosedSelectorException.class,
          () -> selector.selectNow(SelectorActionContract::mustNotBeCalled));
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
    assertEquals(0, selector.selectNow(SelectorActionContract::mustNotBeCalled));
    assertTrue(selector.keys().isEmpty());
    assertTrue(selector.selectedKeys().isEmpty());
  }
}
