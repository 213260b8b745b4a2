package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.junit.jupiter.api.Test;

/** How a connection ends: half-close, graceful close, reset, and what the other end then sees. */
public abstract class CloseContract extends ContractTest {
  private static final String RESET = "Connection reset";

  protected CloseContract(Transport transport) {
    super(transport);
  }

  @Test
  void dataBeforeShutdownOutputIsReadAndThenEndOfStream() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.near(), "last words");
    assertSame(pair.near(), pair.near().shutdownOutput());
    assertReads("last words", pair.far());
    assertEndOfStream(pair.far());
    assertEndOfStream(pair.far());
  }

  @Test
  void otherWayStillFlowsAfterShutdownOutput() throws Exception {
    Pair pair = connectedPair();
    pair.near().shutdownOutput();
    assertEndOfStream(pair.far());
    for (int i = 0; i < 10; i++) {
      writeFully(pair.far(), "reply");
      assertReads("reply", pair.near());
    }
    pair.far().shutdownOutput();
    assertEndOfStream(pair.near());
    assertTrue(pair.near().isOpen());
    assertTrue(pair.far().isOpen());
  }

  @Test
  void bothEndsMayShutDownOutput() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.near(), "to far");
    writeFully(pair.far(), "to near");
    pair.near().shutdownOutput();
    pair.far().shutdownOutput();
    assertArrayEquals(bytes("to far").array(), readToEnd(pair.far()));
    assertArrayEquals(bytes("to near").array(), readToEnd(pair.near()));
  }

  @Test
  void shutdownOutputWakesABlockedReader() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.far().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    pair.near().shutdownOutput();
    assertEquals(-1, reading.join());
  }

  @Test
  void writeAfterShutdownOutputThrowsClosedChannel() throws Exception {
    Pair pair = connectedPair();
    pair.near().shutdownOutput();
    assertThrows(ClosedChannelException.class, () -> pair.near().write(bytes("no")));
    ByteBuffer[] many = {bytes("no"), bytes("no")};
    assertThrows(ClosedChannelException.class, () -> pair.near().write(many));
    assertTrue(pair.near().isOpen());
  }

  @Test
  void shutdownTwiceIsHarmless() throws Exception {
    Pair pair = connectedPair();
    pair.near().shutdownOutput();
    pair.near().shutdownOutput();
    pair.near().shutdownInput();
    pair.near().shutdownInput();
    assertTrue(pair.near().isConnected());
  }

  @Test
  void readAfterShutdownInputReturnsEndOfStream() throws Exception {
    Pair pair = connectedPair();
    assertSame(pair.near(), pair.near().shutdownInput());
    assertEndOfStream(pair.near());
    assertEndOfStream(pair.near());
    writeFully(pair.near(), "output is open");
    assertReads("output is open", pair.far());
  }

  @Test
  void shutdownInputWakesABlockedReader() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    pair.near().shutdownInput();
    assertEquals(-1, reading.join());
    assertTrue(pair.near().isOpen());
  }

  @Test
  void shutdownInputMakesTheKeyReadable() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    pair.near().shutdownInput();
    awaitReady(key, SelectionKey.OP_READ);
    assertEndOfStream(pair.near());
  }

  /** The kernel calls it hung up, and the JDK takes that for whatever is asked. */
  @Test
  void whatIsShutBothWaysIsReadyForAll() throws Exception {
    int all = SelectionKey.OP_READ | SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
    for (int ops : new int[] {all, SelectionKey.OP_READ | SelectionKey.OP_CONNECT}) {
      Pair pair = connectedPair();
      pair.near().configureBlocking(false);
      Selector selector = openSelector();
      SelectionKey key = pair.near().register(selector, ops);
      selector.selectNow();
      pair.near().shutdownInput();
      pair.near().shutdownOutput();
      awaitTrue(
          "ready for " + ops,
          () -> {
            selector.select(100);
            return key.readyOps() == ops;
          });
    }
  }

  @Test
  void shutdownOfAClosedChannelThrows() throws Exception {
    Pair pair = connectedPair();
    pair.near().close();
    assertThrows(ClosedChannelException.class, () -> pair.near().shutdownInput());
    assertThrows(ClosedChannelException.class, () -> pair.near().shutdownOutput());
  }

  @Test
  void peerReadsWhatWasWrittenBeforeCloseAndThenEndOfStream() throws Exception {
    Pair pair = connectedPair();
    byte[] sent = Payload.random(1, 100_000);
    writeFully(pair.near(), ByteBuffer.wrap(sent));
    pair.near().close();
    assertArrayEquals(sent, readToEnd(pair.far()));
  }

  @Test
  void closeWakesAReaderAtTheOtherEnd() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.far().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    pair.near().close();
    assertEquals(-1, reading.join());
  }

  @Test
  void closeSelectsTheOtherEndForRead() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    assertEquals(0, key.selector().selectNow());
    pair.far().close();
    awaitReady(key, SelectionKey.OP_READ);
    assertEndOfStream(pair.near());
    awaitReady(key, SelectionKey.OP_READ);
    assertEndOfStream(pair.near());
  }

  @Test
  void operationsOnAClosedChannelThrow() throws Exception {
    Pair pair = connectedPair();
    SocketChannel closed = pair.near();
    closed.close();
    closed.close();
    assertFalse(closed.isOpen());
    assertFalse(closed.isConnected());
    assertFalse(closed.isRegistered());
    ByteBuffer[] many = {ByteBuffer.allocate(1)};
    assertThrows(ClosedChannelException.class, () -> closed.read(ByteBuffer.allocate(1)));
    assertThrows(ClosedChannelException.class, () -> closed.read(many));
    assertThrows(ClosedChannelException.class, () -> closed.write(bytes("x")));
    assertThrows(ClosedChannelException.class, () -> closed.write(many));
    assertThrows(ClosedChannelException.class, () -> closed.configureBlocking(false));
    Selector selector = openSelector();
    assertThrows(
        ClosedChannelException.class, () -> closed.register(selector, SelectionKey.OP_READ));
  }

  @Test
  void firstWriteAfterThePeerClosedSucceedsAndALaterOneBreaks() throws Exception {
    Pair pair = connectedPair();
    pair.far().close();
    assertEndOfStream(pair.near());
    assertEquals(3, pair.near().write(bytes("one")));
    IOException e = assertThrows(IOException.class, () -> writeUntilItBreaks(pair.near()));
    assertEquals("Broken pipe", e.getMessage());
    IOException again = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
    assertEquals("Broken pipe", again.getMessage());
    assertTrue(pair.near().isOpen());
  }

  @Test
  void gatheringWriteAfterThePeerClosedIsTakenWhole() throws Exception {
    Pair pair = connectedPair();
    pair.far().close();
    assertEndOfStream(pair.near());
    ByteBuffer[] several = {bytes("one"), bytes("two"), bytes("three")};
    assertEquals(11, pair.near().write(several));
    IOException e = assertThrows(IOException.class, () -> writeUntilItBreaks(pair.near()));
    assertEquals("Broken pipe", e.getMessage());
  }

  private static void writeUntilItBreaks(SocketChannel channel) throws Exception {
    awaitTrue("the write breaks", () -> channel.write(bytes("more")) < 0);
  }

  @Test
  void lingerZeroResetsThePeersRead() throws Exception {
    Pair pair = connectedPair();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    assertResetOnRead(pair.near());
    assertResetOnRead(pair.near());
    assertTrue(pair.near().isOpen());
  }

  @Test
  void lingerZeroResetsABlockedReader() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    assertEquals(RESET, reading.joinFailure(SocketException.class).getMessage());
  }

  @Test
  void lingerZeroOfARegisteredChannelResetsThePeer() throws Exception {
    Pair pair = connectedPair();
    pair.near().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.near().configureBlocking(false);
    Selector selector = openSelector();
    pair.near().register(selector, SelectionKey.OP_READ);
    pair.near().close();
    selector.selectNow();
    assertResetOnRead(pair.far());
  }

  @Test
  void lingerOfSecondsIsAGracefulClose() throws Exception {
    Pair pair = connectedPair();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 5);
    writeFully(pair.far(), "linger");
    pair.far().close();
    assertReads("linger", pair.near());
    assertEndOfStream(pair.near());
  }

  @Test
  void unreadDataAtCloseResetsThePeer() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.near(), "never read");
    at(pair.far(), CloseContract::awaitReadable);
    pair.far().close();
    assertResetOnRead(pair.near());
  }

  private static Void awaitReadable(SocketChannel channel, SelectorProvider provider)
      throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = provider.openSelector()) {
      awaitReady(channel.register(selector, SelectionKey.OP_READ), SelectionKey.OP_READ);
    }
    channel.configureBlocking(true);
    return null;
  }

  @Test
  void resetSelectsThePeerForReadAndWrite() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    awaitReady(key, SelectionKey.OP_READ);
    key.interestOps(SelectionKey.OP_WRITE);
    awaitReady(key, SelectionKey.OP_WRITE);
    assertResetOnRead(pair.near());
  }

  @Test
  void writeAfterAResetThatWasReadBreaks() throws Exception {
    Pair pair = connectedPair();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    assertResetOnRead(pair.near());
    IOException e = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
    assertEquals("Broken pipe", e.getMessage());
  }

  @Test
  void writeAfterAResetThatWasNotReadTellsOfTheResetOnce() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    awaitReady(key, SelectionKey.OP_READ);
    IOException first = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
    assertEquals("Connection reset by peer", first.getMessage());
    IOException second = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
    assertEquals("Broken pipe", second.getMessage());
  }

  @Test
  void writesOfNoBytesDoNotHearOfAReset() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    awaitReady(key, SelectionKey.OP_READ);
    assertEquals(0, pair.near().write(bytes("")));
    assertEquals(0, pair.near().write(new ByteBuffer[] {bytes(""), bytes("")}));
    IOException first = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
    assertEquals("Connection reset by peer", first.getMessage());
    assertEquals(0, pair.near().write(bytes("")));
  }

  /** The kernel reports a reset once; what has arrived before is read in any case. */
  @Test
  void resetThatAWriteWasToldOfIsTheEndForReads() throws Exception {
    for (String before : new String[] {"", "before"}) {
      Pair pair = connectedPair();
      writeFully(pair.far(), before);
      pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
      pair.far().close();
      awaitTrue("a write is told", () -> isToldOfAReset(pair.near()));
      assertReads(before, pair.near());
      assertEndOfStream(pair.near());
      IOException e = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
      assertEquals("Broken pipe", e.getMessage());
      assertEndOfStream(pair.near());
    }
  }

  private static boolean isToldOfAReset(SocketChannel writer) {
    try {
      writer.write(bytes("x"));
      return false;
    } catch (IOException e) {
      assertEquals("Connection reset by peer", e.getMessage());
      return true;
    }
  }

  @Test
  void resetThatAReadWasToldOfIsToldToEveryRead() throws Exception {
    Pair pair = connectedPair();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    for (int i = 0; i < 3; i++) {
      IOException e =
          assertThrows(IOException.class, () -> pair.near().read(ByteBuffer.allocate(8)));
      assertEquals("Connection reset", e.getMessage());
      e = assertThrows(IOException.class, () -> pair.near().write(bytes("x")));
      assertEquals("Broken pipe", e.getMessage());
    }
  }

  @Test
  void writerBlockedOnAFullConnectionEndsWhenThePeerCloses() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing =
        spawn(
            () -> {
              ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
              while (true) {
                chunk.clear();
                writeFully(pair.near(), chunk);
              }
            });
    writing.awaitBlocked();
    pair.far().close();
    String message = writing.joinFailure(IOException.class).getMessage();
    assertTrue(
        message.equals("Broken pipe") || message.equals("Connection reset by peer"), message);
  }

  /** What ends it is told to who writes, or reads, next. */
  @Test
  void blockedWriteThatAResetEndsTellsHowManyBytesItHasWritten() throws Exception {
    SocketChannel writer = writeUntilReset();
    IOException first = assertThrows(IOException.class, () -> writer.write(bytes("x")));
    assertEquals("Connection reset by peer", first.getMessage());
    IOException second = assertThrows(IOException.class, () -> writer.write(bytes("x")));
    assertEquals("Broken pipe", second.getMessage());
    SocketChannel reader = writeUntilReset();
    SocketException reset =
        assertThrows(SocketException.class, () -> reader.read(ByteBuffer.allocate(1)));
    assertEquals("Connection reset", reset.getMessage());
  }

  /** One end of a connection, in the midst of whose write the other reset it. */
  private SocketChannel writeUntilReset() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] several = {ByteBuffer.allocate(1 << 24), ByteBuffer.allocate(1 << 10)};
    Background<Long> writing = spawn(() -> pair.near().write(several));
    writing.awaitBlocked();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    long written = writing.join();
    assertTrue(written > 0, "written: " + written);
    return pair.near();
  }

  @Test
  void closeOfARegisteredChannelEndsThePeersStreamWhileTheSelectorSleeps() throws Exception {
    Pair pair = connectedPair();
    Selector selector = openSelector();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(selector, SelectionKey.OP_READ);
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    pair.near().close();
    assertFalse(key.isValid());
    assertEndOfStream(pair.far());
    selector.wakeup();
    selecting.join();
    selector.selectNow();
    assertTrue(selector.keys().isEmpty());
  }

  @Test
  void closeOfARegisteredChannelInvalidatesItsKeyAndLeavesTheSelectorWorking() throws Exception {
    Pair one = connectedPair();
    Pair two = connectedPair();
    Selector selector = openSelector();
    one.near().configureBlocking(false);
    two.near().configureBlocking(false);
    SelectionKey dead = one.near().register(selector, SelectionKey.OP_READ);
    SelectionKey live = two.near().register(selector, SelectionKey.OP_READ);
    writeFully(one.far(), "unread");
    awaitReady(dead, SelectionKey.OP_READ);
    one.near().close();
    assertFalse(dead.isValid());
    writeFully(two.far(), "read");
    awaitReady(live, SelectionKey.OP_READ);
    assertEquals(1, selector.keys().size());
    assertTrue(selector.keys().contains(live));
  }

  @Test
  void closeAfterHalfCloseFreesBothEnds() throws Exception {
    Pair pair = connectedPair();
    pair.near().shutdownOutput();
    assertEndOfStream(pair.far());
    writeFully(pair.far(), "rest");
    pair.far().close();
    assertReads("rest", pair.near());
    assertEndOfStream(pair.near());
    pair.near().close();
    assertFalse(pair.near().isOpen());
  }

  private static void assertResetOnRead(SocketChannel channel) {
    SocketException e =
        assertThrows(SocketException.class, () -> channel.read(ByteBuffer.allocate(8)));
    assertEquals(RESET, e.getMessage());
  }

  @Test
  void closeDuringAReadOfItsOwnIsTheEndForThePeer() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      Pair pair = connectedPair();
      ByteBuffer one = ByteBuffer.allocate(1);
      Background<Integer> reading =
          virtual
              ? Background.startVirtual(() -> pair.near().read(one))
              : Background.start(() -> pair.near().read(one));
      reading.awaitBlocked();
      pair.near().close();
      assertEquals(-1, pair.far().read(ByteBuffer.allocate(1)));
      reading.joinFailure(AsynchronousCloseException.class);
    }
  }

  /** What the next connection uses may be what the closed one has given back. */
  @Test
  void whatIsWrittenDuringACloseReachesNoOtherConnection() throws Exception {
    for (int i = 0; i < 100; i++) {
      Pair closed = connectedPair();
      Background<Void> writing =
          spawn(
              () -> {
                while (true) {
                  closed.near().write(bytes("A"));
                }
              });
      readFully(closed.far(), 1);
      closed.near().close();
      Pair bystander = connectedPair();
      writing.joinFailure(ClosedChannelException.class);
      bystander.near().close();
      assertEndOfStream(bystander.far());
      bystander.far().close();
      closed.far().close();
    }
  }
}
