package io.twinport.contract.channel.selector;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Transport;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What ends a select from outside: wakeups, interrupts and the selector's close, also in races. */
public abstract class SelectorWakeupContract extends SelectingContract {
  /**
   * Up to JDK 22 {@code Thread.interrupt} looks for a selector to wake before it sets the thread's
   * status; an interrupt that comes just as a select begins may then wake nobody.
   */
  public static final boolean INTERRUPTS_ARE_LOST = Runtime.version().feature() < 23;

  protected SelectorWakeupContract(Transport transport) {
    super(transport);
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
}
