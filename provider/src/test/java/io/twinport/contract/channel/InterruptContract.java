package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Closing a channel that a thread is blocked on, and interrupting that thread. */
public abstract class InterruptContract extends ContractTest {
  private static final int MORE_THAN_FITS = 64 << 20;

  protected InterruptContract(Transport transport) {
    super(transport);
  }

  private static Background<Integer> readBlocked(SocketChannel channel)
      throws InterruptedException {
    Background<Integer> reading = spawn(() -> channel.read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    return reading;
  }

  /**
   * Fills the connection and blocks on one byte more. A write that has taken some of its bytes
   * would return their number at close, and only the next one would throw.
   */
  private static Background<Void> writeBlocked(SocketChannel channel) throws Exception {
    fill(channel, ByteBuffer.allocateDirect(MORE_THAN_FITS));
    channel.configureBlocking(true);
    AtomicInteger taken = new AtomicInteger();
    Background<Void> writing =
        spawn(
            () -> {
              ByteBuffer one = ByteBuffer.allocateDirect(1);
              while (true) {
                channel.write(one.clear());
                taken.incrementAndGet();
              }
            });
    int before;
    do {
      // Kernels find room for some bytes more when they tidy up.
      before = taken.get();
      writing.awaitBlocked();
      TimeUnit.MILLISECONDS.sleep(100);
    } while (taken.get() != before);
    return writing;
  }

  @Test
  void interruptEndsAWriteThatTheReaderKeepsUpWith() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer source = ByteBuffer.allocateDirect(MORE_THAN_FITS);
    interruptWhileReading(pair, spawn(() -> pair.near().write(source)));
  }

  @Test
  void interruptEndsAGatheringWriteThatTheReaderKeepsUpWith() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer source = ByteBuffer.allocateDirect(MORE_THAN_FITS);
    ByteBuffer[] sources = new ByteBuffer[1_000];
    for (int i = 0, part = MORE_THAN_FITS / sources.length; i < sources.length; i++) {
      sources[i] = source.slice(i * part, part);
    }
    interruptWhileReading(pair, spawn(() -> pair.near().write(sources)));
  }

  /** The writer finds room again and again, and may never sleep. */
  private static void interruptWhileReading(Pair pair, Background<?> writing) throws Exception {
    ByteBuffer target = ByteBuffer.allocateDirect(64 << 10);
    int read = 0;
    boolean interrupted = false;
    while (read < MORE_THAN_FITS / 1_000 * 1_000) {
      int n = pair.far().read(target.clear());
      if (n < 0) {
        break;
      }
      read += n;
      if (read >= 1 << 20 && !interrupted) {
        writing.interrupt();
        interrupted = true;
      }
    }
    writing.joinFailure(ClosedByInterruptException.class);
    assertTrue(writing.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void closeEndsABlockedRead() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    pair.near().close();
    AsynchronousCloseException e = reading.joinFailure(AsynchronousCloseException.class);
    assertFalse(e instanceof ClosedByInterruptException);
    assertFalse(reading.interruptedAtEnd());
    assertEndOfStream(pair.far());
  }

  @Test
  void closeEndsABlockedScatteringRead() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] targets = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    Background<Long> reading = spawn(() -> pair.near().read(targets));
    reading.awaitBlocked();
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void closeEndsABlockedWrite() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(pair.near());
    pair.near().close();
    writing.joinFailure(AsynchronousCloseException.class);
    assertFalse(pair.near().isOpen());
  }

  @Test
  void closeEndsABlockedReadAndABlockedWrite() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(pair.near());
    Background<Integer> reading = readBlocked(pair.near());
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
    writing.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void closeEndsABlockedAccept() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    listener.close();
    accepting.joinFailure(AsynchronousCloseException.class);
    assertFalse(listener.isOpen());
  }

  @Test
  void closeEndsAllAcceptsThatWait() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> first = spawn(listener::accept);
    first.awaitBlocked();
    Background<SocketChannel> second = spawn(listener::accept);
    second.awaitBlocked();
    listener.close();
    first.joinFailure(ClosedChannelException.class);
    second.joinFailure(ClosedChannelException.class);
  }

  @Test
  void changeOfTheModeThatWaitsForAnAcceptHearsOfTheClose() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    Background<?> changing = spawn(() -> listener.configureBlocking(false));
    changing.awaitBlocked();
    listener.close();
    accepting.joinFailure(AsynchronousCloseException.class);
    changing.joinFailure(ClosedChannelException.class);
    assertTrue(listener.isBlocking());
  }

  @Test
  void closeReturnsOnceTheBlockedReaderIsTold() throws Exception {
    for (int i = 0; i < 20; i++) {
      Pair pair = connectedPair();
      Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
      pair.near().close();
      reading.joinFailure(ClosedChannelException.class);
    }
  }

  @Test
  void shutdownOutputEndsABlockedWrite() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(pair.near());
    pair.near().shutdownOutput();
    Throwable e = writing.joinFailure(IOException.class);
    assertTrue(pair.near().isOpen(), "only the output is shut: " + e);
  }

  @Test
  void interruptEndsABlockedReadAndCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = readBlocked(pair.near());
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
    assertEndOfStream(pair.far());
  }

  @Test
  void interruptEndsABlockedWriteAndCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(pair.near());
    writing.interrupt();
    writing.joinFailure(ClosedByInterruptException.class);
    assertTrue(writing.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void interruptEndsABlockedAcceptAndCloses() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting = spawn(listener::accept);
    accepting.awaitBlocked();
    accepting.interrupt();
    accepting.joinFailure(ClosedByInterruptException.class);
    assertTrue(accepting.interruptedAtEnd());
    assertFalse(listener.isOpen());
  }

  @Test
  void interruptOfTheReaderTellsTheWriterToo() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(pair.near());
    Background<Integer> reading = readBlocked(pair.near());
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    // Not always an asynchronous close: kernels may have found room for the writer at that moment.
    ClosedChannelException e = writing.joinFailure(ClosedChannelException.class);
    assertFalse(e instanceof ClosedByInterruptException);
    assertFalse(writing.interruptedAtEnd());
  }

  @Test
  void readWithInterruptStatusSetCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return pair.near().read(ByteBuffer.allocate(8));
            });
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void writeWithInterruptStatusSetCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> writing =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return pair.near().write(bytes("x"));
            });
    writing.joinFailure(ClosedByInterruptException.class);
    assertTrue(writing.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void acceptWithInterruptStatusSetCloses() throws Exception {
    ServerSocketChannel listener = listen();
    Background<SocketChannel> accepting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return listener.accept();
            });
    accepting.joinFailure(ClosedByInterruptException.class);
    assertTrue(accepting.interruptedAtEnd());
    assertFalse(listener.isOpen());
  }

  @Test
  void connectWithInterruptStatusSetCloses() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    Background<Boolean> connecting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return channel.connect(listener.getLocalAddress());
            });
    connecting.joinFailure(ClosedByInterruptException.class);
    assertTrue(connecting.interruptedAtEnd());
    assertFalse(channel.isOpen());
  }

  @Test
  void nonBlockingOperationsDoNotCareForInterrupts() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    ServerSocketChannel listener = listenNonBlocking();
    Background<Integer> using =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              listener.accept();
              pair.near().write(bytes("x"));
              return pair.near().read(ByteBuffer.allocate(8));
            });
    assertEquals(0, using.join());
    assertTrue(using.interruptedAtEnd());
    assertTrue(pair.near().isOpen());
    assertTrue(listener.isOpen());
  }

  @Test
  void interruptEndsASelectAndClosesNothing() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    Selector selector = openSelector();
    pair.near().register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    selecting.interrupt();
    assertEquals(0, selecting.join());
    assertTrue(selecting.interruptedAtEnd());
    assertTrue(selector.isOpen());
    assertTrue(pair.near().isOpen());
  }

  @Test
  void selectWithInterruptStatusSetReturnsAtOnce() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    Selector selector = openSelector();
    pair.near().register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              selector.select();
              return selector.select();
            });
    assertEquals(0, selecting.join());
    assertTrue(selecting.interruptedAtEnd());
    assertTrue(selector.isOpen());
  }

  @Test
  void connectionsOfOthersSurviveAnInterrupt() throws Exception {
    Pair hit = connectedPair();
    Pair other = connectedPair();
    Background<Integer> reading = readBlocked(hit.near());
    Background<Integer> bystander = readBlocked(other.near());
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    writeFully(other.far(), "fine");
    assertEquals(4, bystander.join());
  }

  @Test
  void closeRacesWithReadsAndNeverHangs() throws Exception {
    for (int i = 0; i < 100; i++) {
      Pair pair = connectedPair();
      Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
      Background<Void> closing =
          spawn(
              () -> {
                pair.near().close();
                return null;
              });
      closing.join();
      reading.joinFailure(ClosedChannelException.class);
      assertThrows(ClosedChannelException.class, () -> pair.near().read(ByteBuffer.allocate(8)));
      pair.far().close();
    }
  }

  @Test
  void interruptRacesWithReadsAndNeverHangs() throws Exception {
    for (int i = 0; i < 100; i++) {
      Pair pair = connectedPair();
      Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
      reading.interruptUntilDone();
      reading.joinFailure(ClosedByInterruptException.class);
      assertTrue(reading.interruptedAtEnd());
      assertFalse(pair.near().isOpen());
      pair.far().close();
    }
  }
}
