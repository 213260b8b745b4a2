package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.channel.selector.SelectorWakeupContract;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Threads;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocking calls on virtual threads, where the JVM has them; on ordinary threads elsewhere. */
public abstract class VirtualThreadContract extends ContractTest {
  protected VirtualThreadContract(Transport transport) {
    super(transport);
  }

  private static <T> Background<T> spawnVirtual(Callable<T> call) {
    return Background.startVirtual(call);
  }

  private static Background<Integer> readBlocked(SocketChannel channel) throws Exception {
    Background<Integer> reading = spawnVirtual(() -> channel.read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    return reading;
  }

  @Test
  void readOnAVirtualThreadWaitsForData() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    writeFully(pair.far(), "abc");
    assertEquals(3, reading.join());
  }

  @Test
  void acceptOnAVirtualThreadWaitsForAConnect() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    assertEquals(channel.getLocalAddress(), closing(accepting.join()).getRemoteAddress());
  }

  @Test
  void writeOnAVirtualThreadWaitsForTheReader() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(1, 12 << 20);
    Background<Void> writing =
        spawnVirtual(
            () -> {
              writeFully(pair.near(), ByteBuffer.wrap(data));
              return null;
            });
    writing.awaitBlocked();
    assertEquals(Payload.hash(data), Payload.hash(readFully(pair.far(), data.length)));
    writing.join();
  }

  @Test
  void closeEndsAVirtualThreadsRead() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void closeEndsAVirtualThreadsWrite() throws Exception {
    assertCloseEndsTheWrite(channel -> channel.write(ByteBuffer.allocate(1 << 20)));
  }

  @Test
  void closeEndsAVirtualThreadsGatheringWrite() throws Exception {
    assertCloseEndsTheWrite(
        channel ->
            channel.write(
                new ByteBuffer[] {ByteBuffer.allocate(1 << 18), ByteBuffer.allocate(1 << 20)}));
  }

  private interface Write {
    long to(SocketChannel channel) throws IOException;
  }

  private void assertCloseEndsTheWrite(Write write) throws Exception {
    Pair pair = connectedPair();
    fill(pair.near(), ByteBuffer.allocate(64 << 20));
    pair.near().configureBlocking(true);
    Background<Void> writing =
        spawnVirtual(
            () -> {
              while (write.to(pair.near()) > 0) {
                // There was room still.
              }
              return null;
            });
    writing.awaitBlocked();
    pair.near().close();
    writing.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void aVirtualThreadsWriteReturnsWithAPart() throws Exception {
    assumeTrue(Threads.hasVirtual(), "this JDK has no virtual threads");
    Pair pair = connectedPair();
    ByteBuffer much = ByteBuffer.allocate(64 << 20);
    int written = spawnVirtual(() -> pair.near().write(much)).join();
    assertTrue(written > 0 && written < much.capacity(), () -> "written " + written);
    assertEquals(written, much.position());
  }

  @Test
  void closeEndsAVirtualThreadsAccept() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    listener.close();
    accepting.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void interruptEndsAVirtualThreadsReadAndCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
    assertEndOfStream(pair.far());
  }

  @Test
  void interruptEndsAVirtualThreadsAcceptAndCloses() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnVirtual(listener::accept);
    accepting.awaitBlocked();
    accepting.interrupt();
    accepting.joinFailure(ClosedByInterruptException.class);
    assertFalse(listener.isOpen());
  }

  @Test
  void timedReadOfAVirtualThreadTimesOut() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(60);
    Background<Integer> reading = spawnVirtual(() -> pair.near().socket().getInputStream().read());
    assertEquals("Read timed out", reading.joinFailure(SocketTimeoutException.class).getMessage());
    writeFully(pair.far(), "x");
    Background<Integer> again = spawnVirtual(() -> pair.near().socket().getInputStream().read());
    assertEquals('x', again.join());
  }

  @Test
  void hundredsOfVirtualThreadsWaitAtOnce() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 500);
    List<SocketChannel> channels = new ArrayList<>();
    List<Background<Void>> echoes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      channels.add(connectTo(listener.getLocalAddress()));
      SocketChannel accepted = accept(listener);
      echoes.add(
          spawnVirtual(
              () -> {
                for (int round = 0; round < 3; round++) {
                  writeFully(accepted, ByteBuffer.wrap(readFully(accepted, 5)));
                }
                return null;
              }));
    }
    for (int round = 0; round < 3; round++) {
      for (SocketChannel channel : channels) {
        writeFully(channel, "round");
      }
      for (SocketChannel channel : channels) {
        assertReads("round", channel);
      }
    }
    for (Background<Void> echo : echoes) {
      echo.join();
    }
  }

  @Test
  void virtualThreadsPlayPingPong() throws Exception {
    Pair pair = connectedPair();
    int rounds = 2000;
    Background<Void> far =
        spawnVirtual(
            () -> {
              for (int i = 0; i < rounds; i++) {
                writeFully(pair.far(), ByteBuffer.wrap(readFully(pair.far(), 16)));
              }
              return null;
            });
    Background<Void> near =
        spawnVirtual(
            () -> {
              for (int i = 0; i < rounds; i++) {
                byte[] ball = Payload.random(i, 16);
                writeFully(pair.near(), ByteBuffer.wrap(ball));
                assertArrayEquals(ball, readFully(pair.near(), 16));
              }
              return null;
            });
    near.join();
    far.join();
  }

  @Test
  void clientsOnVirtualThreadsConnectAllAtOnce() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 500);
    List<Background<byte[]>> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.add(spawnVirtual(() -> readFully(connectTo(listener.getLocalAddress()), 2)));
    }
    for (int i = 0; i < 100; i++) {
      writeFully(accept(listener), "ok");
    }
    for (Background<byte[]> client : clients) {
      assertArrayEquals(bytes("ok").array(), client.join());
    }
  }

  @Test
  void interruptEndsAVirtualThreadsWriteAndCloses() throws Exception {
    Pair pair = connectedPair();
    fill(pair.near(), ByteBuffer.allocate(64 << 20));
    pair.near().configureBlocking(true);
    Background<Void> writing =
        spawnVirtual(
            () -> {
              while (pair.near().write(ByteBuffer.allocate(1 << 20)) > 0) {
                // There was room still.
              }
              return null;
            });
    writing.awaitBlocked();
    writing.interruptUntilDone();
    writing.joinFailure(ClosedByInterruptException.class);
    assertTrue(writing.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void closeEndsAVirtualThreadsPendingConnect() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openSocket();
    Background<Boolean> connecting = spawnVirtual(() -> channel.connect(full.address()));
    connecting.awaitBlocked();
    channel.close();
    connecting.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void interruptEndsAVirtualThreadsPendingConnectAndCloses() throws Exception {
    FullListener full = fullListener();
    SocketChannel channel = openSocket();
    Background<Boolean> connecting = spawnVirtual(() -> channel.connect(full.address()));
    connecting.awaitBlocked();
    connecting.interrupt();
    connecting.joinFailure(ClosedByInterruptException.class);
    assertTrue(connecting.interruptedAtEnd());
    assertFalse(channel.isOpen());
  }

  @Test
  void socketOfAListenerAcceptsOnAVirtualThread() throws Exception {
    for (int timeout : new int[] {0, 60_000}) {
      ServerSocketChannel listener = listen();
      listener.socket().setSoTimeout(timeout);
      Background<Socket> accepting = spawnVirtual(listener.socket()::accept);
      accepting.awaitBlocked();
      SocketChannel channel = connectTo(listener.getLocalAddress());
      try (Socket accepted = accepting.join()) {
        assertEquals(channel.getLocalAddress(), accepted.getRemoteSocketAddress());
      }
    }
  }

  private Selector watching(SocketChannel channel) throws IOException {
    Selector selector = openSelector();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    return selector;
  }

  private static Background<Integer> selectBlocked(Selector selector, long millis)
      throws Exception {
    Background<Integer> selecting = spawnVirtual(() -> selector.select(millis));
    selecting.awaitBlocked();
    return selecting;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void selectOnAVirtualThreadWaitsForData(long millis) throws Exception {
    Pair pair = connectedPair();
    Selector selector = watching(pair.near());
    Background<Integer> selecting = selectBlocked(selector, millis);
    writeFully(pair.far(), "abc");
    assertEquals(1, selecting.join());
    assertTrue(pair.near().keyFor(selector).isReadable());
    assertEquals(1, spawnVirtual(() -> selector.selectNow(key -> {})).join());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 50, 1_000})
  void selectOnAVirtualThreadWaitsItsTime(long millis) throws Exception {
    Selector selector = watching(connectedPair().near());
    long start = System.nanoTime();
    assertEquals(0, spawnVirtual(() -> selector.select(millis)).join());
    long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
    assertTrue(elapsed >= millis - 5, "select(" + millis + ") returned after " + elapsed + " ms");
    assertTrue(elapsed < millis + 15_000, "select(" + millis + ") took " + elapsed + " ms");
    assertEquals(0, spawnVirtual(() -> selector.selectNow()).join());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void wakeupEndsAVirtualThreadsSelect(long millis) throws Exception {
    Selector selector = watching(connectedPair().near());
    selector.wakeup();
    assertEquals(0, spawnVirtual(() -> selector.select(millis)).join());
    Background<Integer> selecting = selectBlocked(selector, millis);
    selector.wakeup();
    assertEquals(0, selecting.join());
    assertTrue(selector.isOpen());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void closeEndsAVirtualThreadsSelect(long millis) throws Exception {
    Selector selector = watching(connectedPair().near());
    Background<Integer> selecting = selectBlocked(selector, millis);
    selector.close();
    Throwable end = selecting.joinAny();
    assertTrue(end == null || end instanceof ClosedSelectorException, () -> "ended with " + end);
    assertFalse(selector.isOpen());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void interruptEndsAVirtualThreadsSelectAndClosesNothing(long millis) throws Exception {
    Pair pair = connectedPair();
    Selector selector = watching(pair.near());
    Background<Integer> selecting = selectBlocked(selector, millis);
    selecting.interrupt();
    assertEquals(0, selecting.join());
    assertTrue(selecting.interruptedAtEnd());
    selector.selectNow(); // The interrupt is a wakeup that may still be pending.
    Background<Integer> interrupted =
        spawnVirtual(
            () -> {
              Thread.currentThread().interrupt();
              return selector.select(millis);
            });
    assertEquals(0, interrupted.join());
    assertTrue(interrupted.interruptedAtEnd());
    assertTrue(selector.isOpen());
    assertTrue(pair.near().isOpen());
  }

  @Test
  void interruptsInARowEndEverySelectOfAVirtualThread() throws Exception {
    SelectorWakeupContract.assertEverySelectIsEnded(
        watching(connectedPair().near()),
        Background::startVirtual,
        Background::interrupt,
        SelectorWakeupContract.INTERRUPTS_ARE_LOST);
  }

  @Test
  void wakeupsInARowEndEverySelectOfAVirtualThread() throws Exception {
    Selector selector = watching(connectedPair().near());
    SelectorWakeupContract.assertEverySelectIsEnded(
        selector, Background::startVirtual, selecting -> selector.wakeup(), false);
  }

  /** There are more of them than the threads that carry virtual ones. */
  @Test
  void selectsOfVirtualThreadsHoldNoOtherUp() throws Exception {
    List<Selector> selectors = new ArrayList<>();
    List<Background<Integer>> selecting = new ArrayList<>();
    for (int i = Runtime.getRuntime().availableProcessors() + 2; i > 0; i--) {
      Selector selector = watching(connectedPair().near());
      selectors.add(selector);
      selecting.add(selectBlocked(selector, i % 2 == 0 ? 0 : 60_000));
    }
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    writeFully(pair.far(), "abc");
    assertEquals(3, reading.join());
    selectors.forEach(Selector::wakeup);
    for (Background<Integer> each : selecting) {
      assertEquals(0, each.join());
    }
  }

  /** Runs calls on a virtual thread that can't leave its carrier. */
  private static <T> Background<T> spawnPinned(Callable<T> call) {
    return spawnVirtual(() -> Threads.pinned(call));
  }

  @Test
  void pinnedVirtualThreadReadsWritesAndIsEnded() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading =
        spawnPinned(
            () -> {
              readFully(pair.near(), 3);
              pair.near().write(bytes("back"));
              return pair.near().read(ByteBuffer.allocate(8));
            });
    reading.awaitBlocked();
    writeFully(pair.far(), "abc");
    assertReads("back", pair.far());
    reading.awaitBlocked();
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void interruptEndsAPinnedVirtualThreadsRead() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawnPinned(() -> pair.near().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
  }

  @Test
  void pinnedVirtualThreadAccepts() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawnPinned(listener::accept);
    accepting.awaitBlocked();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    assertEquals(channel.getLocalAddress(), closing(accepting.join()).getRemoteAddress());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void pinnedVirtualThreadSelects(long millis) throws Exception {
    Pair pair = connectedPair();
    Selector selector = watching(pair.near());
    assertEquals(0, spawnPinned(() -> selector.select(20)).join());
    Background<Integer> selecting = spawnPinned(() -> selector.select(millis));
    selecting.awaitBlocked();
    selector.wakeup();
    assertEquals(0, selecting.join());
    selecting = spawnPinned(() -> selector.select(millis));
    selecting.awaitBlocked();
    selecting.interrupt();
    assertEquals(0, selecting.join());
    assertTrue(selecting.interruptedAtEnd());
    selector.selectNow(); // The interrupt is a wakeup that may still be pending.
    selecting = spawnPinned(() -> selector.select(millis));
    selecting.awaitBlocked();
    writeFully(pair.far(), "x");
    assertEquals(1, selecting.join());
    selector.selectedKeys().clear();
    assertReads("x", pair.near());
    selecting = spawnPinned(() -> selector.select(millis));
    selecting.awaitBlocked();
    selector.close();
    Throwable end = selecting.joinAny();
    assertTrue(end == null || end instanceof ClosedSelectorException, () -> "ended with " + end);
  }
}
