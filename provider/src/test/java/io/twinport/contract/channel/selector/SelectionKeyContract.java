package io.twinport.contract.channel.selector;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Transport;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Registration and keys: interest, cancellation, attachments, blocking mode, several selectors and
 * threads.
 */
public abstract class SelectionKeyContract extends ContractTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;

  protected SelectionKeyContract(Transport transport) {
    super(transport);
  }

  private Pair nonBlockingPair() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    return pair;
  }

  @Test
  void keyKnowsItsChannelSelectorInterestAndAttachment() throws Exception {
    SocketChannel channel = nonBlockingPair().near();
    Selector selector = openSelector();
    Object attachment = new Object();
    SelectionKey key = channel.register(selector, READ, attachment);
    assertSame(channel, key.channel());
    assertSame(selector, key.selector());
    assertEquals(READ, key.interestOps());
    assertEquals(0, key.readyOps());
    assertSame(attachment, key.attachment());
    assertTrue(key.isValid());
    assertTrue(channel.isRegistered());
    assertSame(key, channel.keyFor(selector));
  }

  @Test
  void attachReplacesTheAttachment() throws Exception {
    SelectionKey key = nonBlockingPair().near().register(openSelector(), READ, "first");
    assertEquals("first", key.attach("second"));
    assertEquals("second", key.attachment());
    key.attach(null);
    assertNull(key.attachment());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "it is about keys, and a provider makes selectors for channels of one JVM")
  void attachmentsAreLetGoOfWithTheirSelector() throws Exception {
    ServerSocketChannel listener = listen();
    listener.configureBlocking(false);
    Pair pair = nonBlockingPair();
    List<WeakReference<Object>> attachments = new ArrayList<>();
    for (SelectableChannel channel : List.of(listener, pair.near(), openNonBlockingSocket())) {
      attachments.add(registeredUntilClosed(channel));
    }
    awaitTrue(
        "all are collected",
        () -> {
          System.gc();
          return attachments.stream().allMatch(attachment -> attachment.get() == null);
        });
    assertTrue(listener.isOpen() && pair.near().isOpen());
  }

  /** The attachment of a key whose selector is closed by the time this returns. */
  private static WeakReference<Object> registeredUntilClosed(SelectableChannel channel)
      throws Exception {
    Object attachment = new Object();
    try (Selector selector = channel.provider().openSelector()) {
      channel.register(selector, channel.validOps(), attachment);
      selector.selectNow();
    }
    return new WeakReference<>(attachment);
  }

  @Test
  void registerAgainUpdatesTheSameKey() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ, "one");
    assertSame(key, pair.near().register(selector, WRITE, "two"));
    assertEquals(WRITE, key.interestOps());
    assertEquals("two", key.attachment());
    assertEquals(1, selector.keys().size());
    awaitReady(key, WRITE);
  }

  @Test
  void registerWithoutAttachmentDropsTheOldOne() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ, "one");
    pair.near().register(selector, READ);
    assertNull(key.attachment());
  }

  @Test
  void registerInBlockingModeThrows() throws Exception {
    Pair pair = connectedPair();
    Selector selector = openSelector();
    assertThrows(IllegalBlockingModeException.class, () -> pair.near().register(selector, READ));
    assertFalse(pair.near().isRegistered());
  }

  @Test
  void registerOnAClosedChannelThrows() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    pair.near().close();
    assertThrows(ClosedChannelException.class, () -> pair.near().register(selector, READ));
    assertTrue(selector.keys().isEmpty());
  }

  @Test
  void socketsKnowReadWriteAndConnect() throws Exception {
    SocketChannel channel = nonBlockingPair().near();
    assertEquals(READ | WRITE | SelectionKey.OP_CONNECT, channel.validOps());
    Selector selector = openSelector();
    assertThrows(
        IllegalArgumentException.class, () -> channel.register(selector, SelectionKey.OP_ACCEPT));
    SelectionKey key = channel.register(selector, READ);
    assertThrows(IllegalArgumentException.class, () -> key.interestOps(SelectionKey.OP_ACCEPT));
    assertThrows(IllegalArgumentException.class, () -> key.interestOpsOr(SelectionKey.OP_ACCEPT));
    assertEquals(READ, key.interestOps());
  }

  @Test
  void interestOpsOrAndAndReturnTheOldOnes() throws Exception {
    Pair pair = nonBlockingPair();
    SelectionKey key = pair.near().register(openSelector(), READ);
    assertEquals(READ, key.interestOpsOr(WRITE));
    assertEquals(READ | WRITE, key.interestOps());
    assertEquals(READ | WRITE, key.interestOpsAnd(~READ));
    assertEquals(WRITE, key.interestOps());
    awaitReady(key, WRITE);
    assertSame(key, key.interestOps(0));
    assertEquals(0, key.interestOps());
  }

  @Test
  void interestZeroSelectsNothing() throws Exception {
    Pair pair = nonBlockingPair();
    SelectionKey key = pair.near().register(openSelector(), READ);
    writeFully(pair.far(), "x");
    awaitReady(key, READ);
    key.interestOps(0);
    assertEquals(0, key.selector().selectNow());
    key.interestOps(READ);
    assertEquals(1, key.selector().select(10_000));
  }

  @Test
  void interestTurnedOnAndOffManyTimes() throws Exception {
    Pair pair = nonBlockingPair();
    SelectionKey key = pair.near().register(openSelector(), 0);
    ByteBuffer buffer = ByteBuffer.allocate(8);
    for (int i = 0; i < 500; i++) {
      key.interestOps(READ);
      writeFully(pair.far(), "x");
      awaitReady(key, READ);
      key.interestOps(WRITE);
      awaitReady(key, WRITE);
      assertFalse(key.isReadable());
      key.interestOps(0);
      assertEquals(0, key.selector().selectNow());
      assertEquals(1, pair.near().read(buffer.clear()));
    }
  }

  @Test
  void interestChangedByAnotherThreadTakesEffectAfterWakeup() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, 0);
    writeFully(pair.far(), "x");
    Background<Integer> selecting =
        spawn(
            () -> {
              int n = 0;
              while (n == 0) {
                n = selector.select();
              }
              return n;
            });
    selecting.awaitBlocked();
    key.interestOps(READ);
    selector.wakeup();
    assertEquals(1, selecting.join());
    assertTrue(key.isReadable());
  }

  @Test
  void interestRemovedByAnotherThreadTakesEffectAfterWakeup() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    key.interestOpsAnd(~READ);
    selector.wakeup();
    assertEquals(0, selecting.join());
    writeFully(pair.far(), "x");
    assertEquals(0, selector.select(50));
  }

  @Test
  void registerWhileAnotherThreadSelectsDoesNotBlock() throws Exception {
    Pair first = nonBlockingPair();
    Pair second = nonBlockingPair();
    Selector selector = openSelector();
    first.near().register(selector, READ);
    Background<Integer> selecting =
        spawn(
            () -> {
              int n = 0;
              while (n == 0) {
                n = selector.select();
              }
              return n;
            });
    selecting.awaitBlocked();
    SelectionKey key = second.near().register(selector, READ);
    assertTrue(selector.keys().contains(key));
    selector.wakeup();
    writeFully(second.far(), "x");
    assertEquals(1, selecting.join());
    assertTrue(key.isReadable());
  }

  @Test
  void cancelMakesTheKeyInvalid() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    key.cancel();
    key.cancel();
    assertFalse(key.isValid());
    assertThrows(CancelledKeyException.class, key::interestOps);
    assertThrows(CancelledKeyException.class, () -> key.interestOps(WRITE));
    assertThrows(CancelledKeyException.class, () -> key.interestOpsOr(WRITE));
    assertThrows(CancelledKeyException.class, () -> key.interestOpsAnd(WRITE));
    assertThrows(CancelledKeyException.class, key::readyOps);
    assertThrows(CancelledKeyException.class, key::isReadable);
    assertSame(pair.near(), key.channel());
    assertSame(selector, key.selector());
  }

  @Test
  void registerBeforeACancelledKeyIsGoneThrows() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey old = pair.near().register(selector, READ);
    old.cancel();
    assertThrows(CancelledKeyException.class, () -> pair.near().register(selector, READ));
    selector.selectNow();
    SelectionKey young = pair.near().register(selector, READ);
    assertNotSame(old, young);
    writeFully(pair.far(), "x");
    awaitReady(young, READ);
  }

  @Test
  void cancelAndRegisterAgainManyTimes() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    for (int i = 0; i < 200; i++) {
      SelectionKey key = pair.near().register(selector, READ);
      writeFully(pair.far(), "x");
      awaitReady(key, READ);
      assertReads("x", pair.near());
      key.cancel();
      selector.selectNow();
      assertFalse(pair.near().isRegistered());
    }
  }

  @Test
  void cancelledKeyLeavesTheSetsAtTheNextSelect() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, WRITE);
    assertEquals(1, selector.select());
    key.cancel();
    selector.selectNow();
    assertTrue(selector.keys().isEmpty());
    assertTrue(selector.selectedKeys().isEmpty());
    assertNull(pair.near().keyFor(selector));
    assertFalse(pair.near().isRegistered());
  }

  @Test
  void cancelledKeyIsNotSelected() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    writeFully(pair.far(), "x");
    awaitReady(key, READ);
    key.cancel();
    assertEquals(0, selector.selectNow());
    assertEquals(0, selector.select(20));
  }

  @Test
  void cancelByAnotherThreadDuringSelect() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    key.cancel();
    selector.wakeup();
    assertEquals(0, selecting.join());
    assertEquals(0, selector.selectNow());
    assertTrue(selector.keys().isEmpty());
    writeFully(pair.far(), "x");
    assertEquals(0, selector.selectNow());
  }

  @Test
  @Timeout(120)
  void cancelByAnotherThreadDuringRegister() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    AtomicBoolean over = new AtomicBoolean();
    Background<Integer> cancelling =
        spawn(
            () -> {
              int rounds = 0;
              for (; !over.get(); rounds++) {
                selector.keys().forEach(SelectionKey::cancel);
              }
              return rounds;
            });
    try {
      for (int i = 0; i < 5_000; i++) {
        try {
          pair.near().register(selector, READ);
        } catch (CancelledKeyException e) {
          assertTrue(Runtime.version().feature() < 19, "as no JDK does any more");
        }
        do {
          selector.selectNow();
        } while (!selector.keys().isEmpty());
      }
    } finally {
      over.set(true);
    }
    assertTrue(cancelling.join() > 0);
    SelectionKey key = pair.near().register(selector, READ);
    writeFully(pair.far(), "x");
    awaitReady(key, READ);
  }

  @Test
  void blockingModeNeedsAllKeysGone() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    assertThrows(IllegalBlockingModeException.class, () -> pair.near().configureBlocking(true));
    assertSame(pair.near(), pair.near().configureBlocking(false));
    key.cancel();
    selector.selectNow();
    pair.near().configureBlocking(true);
    assertTrue(pair.near().isBlocking());
    writeFully(pair.far(), "blocking");
    assertReads("blocking", pair.near());
  }

  @Test
  void blockingModeIsAllowedRightAfterCancel() throws Exception {
    Pair pair = nonBlockingPair();
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, READ);
    key.cancel();
    pair.near().configureBlocking(true);
    writeFully(pair.far(), "now");
    assertReads("now", pair.near());
    selector.selectNow();
    assertTrue(selector.keys().isEmpty());
  }

  @Test
  void channelRegisteredWithTwoSelectorsIsSelectedByBoth() throws Exception {
    Pair pair = nonBlockingPair();
    Selector one = openSelector();
    Selector two = openSelector();
    SelectionKey keyOne = pair.near().register(one, READ);
    SelectionKey keyTwo = pair.near().register(two, READ);
    assertNotSame(keyOne, keyTwo);
    Background<Integer> first = spawn(() -> one.select());
    Background<Integer> second = spawn(() -> two.select());
    first.awaitBlocked();
    second.awaitBlocked();
    writeFully(pair.far(), "x");
    assertEquals(1, first.join());
    assertEquals(1, second.join());
    assertTrue(keyOne.isReadable());
    assertTrue(keyTwo.isReadable());
  }

  @Test
  void twoSelectorsMayWantDifferentThings() throws Exception {
    Pair pair = nonBlockingPair();
    Selector reads = openSelector();
    Selector writes = openSelector();
    SelectionKey readKey = pair.near().register(reads, READ);
    SelectionKey writeKey = pair.near().register(writes, WRITE);
    awaitReady(writeKey, WRITE);
    assertEquals(0, reads.selectNow());
    writeFully(pair.far(), "x");
    awaitReady(readKey, READ);
    assertEquals(READ, readKey.readyOps());
    assertEquals(WRITE, writeKey.readyOps());
    writeKey.cancel();
    writes.selectNow();
    assertTrue(readKey.isValid());
    assertTrue(pair.near().isRegistered());
    awaitReady(readKey, READ);
  }

  @Test
  void channelMovesFromOneSelectorToAnother() throws Exception {
    Pair pair = nonBlockingPair();
    Selector one = openSelector();
    Selector two = openSelector();
    for (int i = 0; i < 50; i++) {
      Selector here = i % 2 == 0 ? one : two;
      SelectionKey key = pair.near().register(here, READ);
      writeFully(pair.far(), "x");
      awaitReady(key, READ);
      assertReads("x", pair.near());
      key.cancel();
      here.selectNow();
    }
  }

  @Test
  void closeOfAChannelWithTwoKeysInvalidatesBoth() throws Exception {
    Pair pair = nonBlockingPair();
    Selector one = openSelector();
    Selector two = openSelector();
    SelectionKey keyOne = pair.near().register(one, READ);
    SelectionKey keyTwo = pair.near().register(two, READ);
    pair.near().close();
    assertFalse(keyOne.isValid());
    assertFalse(keyTwo.isValid());
    assertEndOfStream(pair.far());
    one.selectNow();
    two.selectNow();
    assertTrue(one.keys().isEmpty());
    assertTrue(two.keys().isEmpty());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "two ends in two JVMs have no selector in common")
  void bothEndsInOneSelector() throws Exception {
    Pair pair = nonBlockingPair();
    pair.far().configureBlocking(false);
    Selector selector = openSelector();
    SelectionKey near = pair.near().register(selector, READ);
    SelectionKey far = pair.far().register(selector, READ);
    for (int i = 0; i < 100; i++) {
      writeFully(pair.near(), "there");
      awaitReady(far, READ);
      assertReads("there", pair.far());
      writeFully(pair.far(), "back");
      awaitReady(near, READ);
      assertReads("back", pair.near());
    }
    assertEquals(0, selector.selectNow());
  }

  @Test
  void interestIsChangedByManyThreadsAtOnce() throws Exception {
    Pair pair = nonBlockingPair();
    SelectionKey key = pair.near().register(openSelector(), 0);
    CountDownLatch start = new CountDownLatch(1);
    Background<Void> reads = spawn(() -> toggle(key, READ, start));
    Background<Void> writes = spawn(() -> toggle(key, WRITE, start));
    start.countDown();
    while (!reads.isDone() || !writes.isDone()) {
      key.selector().selectNow();
    }
    reads.join();
    writes.join();
    assertEquals(READ | WRITE, key.interestOps());
    writeFully(pair.far(), "x");
    awaitReady(key, READ);
    assertEquals(READ | WRITE, key.readyOps());
  }

  private static Void toggle(SelectionKey key, int op, CountDownLatch start) throws Exception {
    start.await();
    for (int i = 0; i < 2000; i++) {
      assertEquals(0, key.interestOpsOr(op) & op);
      assertEquals(op, key.interestOpsAnd(~op) & op);
    }
    key.interestOpsOr(op);
    return null;
  }

  @Test
  void changesOfTheBlockingModeAndRegistrationsWaitForTheBlockingLock() throws Exception {
    SocketChannel channel = connectedPair().near();
    Selector selector = openSelector();
    Object lock = channel.blockingLock();
    assertSame(lock, channel.blockingLock());
    afterTheLock(lock, () -> channel.configureBlocking(false), channel::isBlocking);
    afterTheLock(lock, () -> channel.register(selector, READ), () -> !channel.isRegistered());
    assertFalse(channel.isBlocking());
    assertTrue(channel.isRegistered());
  }

  /** The call waits for the lock's owner, and has done nothing until then. */
  private static void afterTheLock(Object lock, Callable<?> call, BooleanSupplier untouched)
      throws Exception {
    FutureTask<?> waiting = new FutureTask<>(call);
    Thread thread = new Thread(waiting);
    synchronized (lock) {
      thread.start();
      awaitTrue("the call waits", () -> thread.getState() == Thread.State.BLOCKED);
      assertTrue(untouched.getAsBoolean());
    }
    waiting.get();
  }

  /** The descriptor of the one that is closed may be that of the next. */
  @Test
  void channelIsSelectedThatWasOpenedRightAfterARegisteredOneWasClosed() throws Exception {
    Selector selector = openSelector();
    for (int i = 0; i < 100; i++) {
      Pair closed = nonBlockingPair();
      SelectionKey old = closed.near().register(selector, READ | WRITE);
      if (i % 2 == 0) {
        awaitReady(old, WRITE);
      }
      closed.near().close();
      Pair opened = nonBlockingPair();
      SelectionKey key = opened.near().register(selector, READ);
      assertFalse(old.isValid());
      assertEquals(0, selector.selectNow());
      writeFully(opened.far(), "x");
      awaitReady(key, READ);
      assertEquals(READ, key.readyOps());
      opened.near().close();
      opened.far().close();
      closed.far().close();
    }
  }
}
