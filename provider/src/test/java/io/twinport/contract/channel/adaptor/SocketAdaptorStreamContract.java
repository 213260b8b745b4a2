package io.twinport.contract.channel.adaptor;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The streams of {@link SocketChannel#socket}, with their timeouts, as the JDK's adaptor has them.
 */
public abstract class SocketAdaptorStreamContract extends AdaptorContract {
  private static final int MORE_THAN_FITS = 32 << 20;

  protected SocketAdaptorStreamContract(Transport transport) {
    super(transport);
  }

  @Test
  void streamsCarryDataBothWays() throws Exception {
    Pair pair = connectedPair();
    Socket near = pair.near().socket();
    Socket far = pair.far().socket();
    near.getOutputStream().write(bytes("question").array());
    assertEquals("question", new String(far.getInputStream().readNBytes(8), UTF_8));
    far.getOutputStream().write('!');
    far.getOutputStream().flush();
    assertEquals('!', near.getInputStream().read());
    far.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0x80});
    assertEquals(0xff, near.getInputStream().read());
    assertEquals(0x80, near.getInputStream().read());
  }

  @Test
  void streamReadsPartsOfArrays() throws Exception {
    Pair pair = connectedPair();
    InputStream in = pair.near().socket().getInputStream();
    writeFully(pair.far(), "abc");
    byte[] target = new byte[10];
    assertEquals(0, in.read(target, 3, 0));
    int n = in.read(target, 4, 6);
    assertEquals(3, n);
    assertEquals('a', target[4]);
    assertEquals('c', target[6]);
    assertEquals(0, target[3]);
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, 5, 6));
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(target, -1, 2));
    assertThrows(NullPointerException.class, () -> in.read(null, 0, 1));
  }

  @Test
  void streamWritesPartsOfArrays() throws Exception {
    Pair pair = connectedPair();
    OutputStream out = pair.near().socket().getOutputStream();
    byte[] source = bytes("__part__").array();
    out.write(source, 2, 4);
    out.write(source, 0, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> out.write(source, 5, 4));
    assertThrows(NullPointerException.class, () -> out.write(null, 0, 1));
    assertReads("part", pair.far());
  }

  @Test
  void streamAndChannelShareOneConnection() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "channel stream");
    assertReads("channel", pair.near());
    assertEquals(' ', pair.near().socket().getInputStream().read());
    assertReads("stream", pair.near());
  }

  @Test
  void streamReturnsEndOfStream() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "end");
    pair.far().socket().shutdownOutput();
    InputStream in = pair.near().socket().getInputStream();
    assertArrayEquals(bytes("end").array(), in.readAllBytes());
    assertEquals(-1, in.read());
    assertEquals(-1, in.read(new byte[4]));
    pair.near().socket().setSoTimeout(1000);
    assertEquals(-1, in.read());
  }

  @Test
  void streamWriteWaitsUntilAllIsTaken() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(21, 12 << 20);
    Background<Void> writing =
        spawn(
            () -> {
              pair.near().socket().getOutputStream().write(data);
              return null;
            });
    writing.awaitBlocked();
    assertEquals(
        Payload.hash(data),
        Payload.hash(pair.far().socket().getInputStream().readNBytes(data.length)));
    writing.join();
  }

  @Test
  void availableTellsWhatCanBeReadWithoutBlocking() throws Exception {
    Pair pair = connectedPair();
    InputStream in = pair.near().socket().getInputStream();
    assertEquals(0, in.available());
    writeFully(pair.far(), "12345");
    awaitTrue("five bytes are available", () -> in.available() == 5);
    assertEquals('1', in.read());
    assertEquals(4, in.available());
  }

  @Test
  void readTimesOutAndTheSocketStaysUsable() throws Exception {
    Pair pair = connectedPair();
    Socket socket = pair.near().socket();
    socket.setSoTimeout(80);
    assertEquals(80, socket.getSoTimeout());
    long start = System.nanoTime();
    SocketTimeoutException e =
        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start + 500_000);
    assertTrue(millis >= 75, "timed out after " + millis + " ms");
    assertEquals("Read timed out", e.getMessage());
    assertTrue(pair.near().isOpen());
    writeFully(pair.far(), "late");
    assertEquals("late", new String(socket.getInputStream().readNBytes(4), UTF_8));
  }

  @Test
  void timedReadReturnsAsSoonAsDataArrives() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(15_000);
    Background<Integer> reading = spawn(() -> pair.near().socket().getInputStream().read());
    reading.awaitBlocked();
    writeFully(pair.far(), "x");
    assertEquals('x', reading.join());
    assertTrue(pair.near().isBlocking());
  }

  @Test
  void timeoutIsTheStreamsOnlyAndNotTheChannels() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(1);
    Background<byte[]> reading = spawn(() -> readFully(pair.near(), 1));
    reading.awaitBlocked();
    writeFully(pair.far(), "x");
    assertArrayEquals(bytes("x").array(), reading.join());
  }

  @Test
  void closeEndsABlockedStreamReadAsTheJdks() throws Exception {
    assertEquals(closeDuringRead(jdkPair(), 0), closeDuringRead(connectedPair(), 0));
  }

  @Test
  void closeEndsATimedStreamReadAsTheJdks() throws Exception {
    assertEquals(closeDuringRead(jdkPair(), 15_000), closeDuringRead(connectedPair(), 15_000));
  }

  private static String closeDuringRead(Pair pair, int timeout) throws Exception {
    Socket socket = pair.near().socket();
    socket.setSoTimeout(timeout);
    InputStream in = socket.getInputStream();
    Background<String> reading = spawn(() -> Outcome.of(in::read));
    reading.awaitBlocked();
    socket.close();
    return reading.join() + "; then " + Outcome.of(in::read);
  }

  @Test
  void interruptOfABlockedStreamReadIsAsTheJdks() throws Exception {
    assertEquals(interruptDuringRead(jdkPair(), 0), interruptDuringRead(connectedPair(), 0));
    assertEquals(
        interruptDuringRead(jdkPair(), 15_000), interruptDuringRead(connectedPair(), 15_000));
  }

  private static String interruptDuringRead(Pair pair, int timeout) throws Exception {
    pair.near().socket().setSoTimeout(timeout);
    InputStream in = pair.near().socket().getInputStream();
    Background<String> reading = spawn(() -> Outcome.of(in::read));
    reading.awaitBlocked();
    reading.interrupt();
    return reading.join()
        + "; interrupted "
        + reading.interruptedAtEnd()
        + "; open "
        + pair.near().isOpen();
  }

  @Test
  void closeEndsABlockedStreamWriteAsTheJdks() throws Exception {
    assertEquals(closeDuringWrite(jdkPair()), closeDuringWrite(connectedPair()));
  }

  private static String closeDuringWrite(Pair pair) throws Exception {
    OutputStream out = pair.near().socket().getOutputStream();
    Background<String> writing =
        spawn(() -> Outcome.ofAction(() -> out.write(new byte[MORE_THAN_FITS])));
    writing.awaitBlocked();
    pair.near().socket().close();
    return writing.join() + "; then " + Outcome.ofAction(() -> out.write(1));
  }

  @Test
  void interruptOfABlockedStreamWriteIsAsTheJdks() throws Exception {
    assertEquals(interruptDuringWrite(jdkPair()), interruptDuringWrite(connectedPair()));
  }

  private static String interruptDuringWrite(Pair pair) throws Exception {
    OutputStream out = pair.near().socket().getOutputStream();
    Background<String> writing =
        spawn(() -> Outcome.ofAction(() -> out.write(new byte[MORE_THAN_FITS])));
    writing.awaitBlocked();
    writing.interrupt();
    return writing.join()
        + "; interrupted "
        + writing.interruptedAtEnd()
        + "; open "
        + pair.near().isOpen();
  }

  @Test
  void interruptedThreadUsesStreamsAsTheJdks() throws Exception {
    for (int timeout : new int[] {0, 15_000}) {
      assertEquals(
          interruptedBefore(jdkPair(), jdkPair(), timeout),
          interruptedBefore(connectedPair(), connectedPair(), timeout));
    }
  }

  private static String interruptedBefore(Pair read, Pair written, int timeout) throws Exception {
    read.near().socket().setSoTimeout(timeout);
    InputStream in = read.near().socket().getInputStream();
    OutputStream out = written.near().socket().getOutputStream();
    Background<String> using =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return Outcome.of(in::read) + "; " + Outcome.ofAction(() -> out.write(1));
            });
    return using.join()
        + "; interrupted "
        + using.interruptedAtEnd()
        + "; open "
        + read.near().isOpen()
        + written.near().isOpen();
  }

  @Test
  void blockedStreamWriteHoldsNoReadUp() throws Exception {
    Pair pair = connectedPair();
    Socket near = pair.near().socket();
    Background<Void> writing =
        spawn(
            () -> {
              near.getOutputStream().write(new byte[MORE_THAN_FITS]);
              return null;
            });
    writing.awaitBlocked();
    for (int timeout : new int[] {0, 15_000}) {
      near.setSoTimeout(timeout);
      writeFully(pair.far(), "a");
      assertEquals('a', near.getInputStream().read());
      Background<Integer> reading = spawn(() -> near.getInputStream().read());
      reading.awaitBlocked();
      writeFully(pair.far(), "b");
      assertEquals('b', reading.join());
    }
    assertFalse(writing.isDone());
    pair.far().socket().getInputStream().readNBytes(MORE_THAN_FITS);
    writing.join();
  }

  @Test
  void streamsOfAClosedOrShutSocketThrowAsTheJdks() throws Exception {
    assertEquals(useStreamsAfterEnd(jdkPair()), useStreamsAfterEnd(connectedPair()));
  }

  private static String useStreamsAfterEnd(Pair pair) throws Exception {
    Socket socket = pair.near().socket();
    InputStream in = socket.getInputStream();
    OutputStream out = socket.getOutputStream();
    StringBuilder seen = new StringBuilder();
    socket.shutdownOutput();
    seen.append(Outcome.ofAction(() -> out.write(1))).append('\n');
    seen.append(Outcome.of(socket::getOutputStream)).append('\n');
    socket.shutdownInput();
    seen.append(Outcome.of(in::read)).append('\n');
    seen.append(Outcome.of(in::available)).append('\n');
    seen.append(Outcome.of(socket::getInputStream)).append('\n');
    seen.append(Outcome.ofAction(socket::shutdownInput)).append('\n');
    seen.append(Outcome.ofAction(socket::shutdownOutput)).append('\n');
    socket.close();
    seen.append(Outcome.of(in::read)).append('\n');
    seen.append(Outcome.of(in::available)).append('\n');
    seen.append(Outcome.ofAction(() -> out.write(1))).append('\n');
    return seen.toString();
  }

  @Test
  void streamsOfANonBlockingChannelThrowIllegalBlockingMode() throws Exception {
    Pair pair = connectedPair();
    InputStream in = pair.near().socket().getInputStream();
    OutputStream out = pair.near().socket().getOutputStream();
    pair.near().configureBlocking(false);
    assertThrows(IllegalBlockingModeException.class, in::read);
    assertThrows(IllegalBlockingModeException.class, () -> in.read(new byte[3]));
    assertThrows(IllegalBlockingModeException.class, () -> out.write(1));
    pair.near().socket().setSoTimeout(10);
    assertThrows(IllegalBlockingModeException.class, in::read);
    pair.near().configureBlocking(true);
    out.write('k');
    assertReads("k", pair.far());
  }

  @Test
  void resetIsSeenByStreams() throws Exception {
    Pair pair = connectedPair();
    pair.far().socket().setSoLinger(true, 0);
    pair.far().socket().close();
    InputStream in = pair.near().socket().getInputStream();
    for (int i = 0; i < 3; i++) {
      assertEquals(0, in.available());
      SocketException e = assertThrows(SocketException.class, in::read);
      assertEquals("Connection reset", e.getMessage());
    }
  }

  @Test
  void closeOfAStreamClosesTheChannel() throws Exception {
    Pair one = connectedPair();
    one.near().socket().getInputStream().close();
    assertFalse(one.near().isOpen());
    Pair two = connectedPair();
    two.near().socket().getOutputStream().close();
    assertFalse(two.near().isOpen());
    assertEndOfStream(two.far());
  }

  @Test
  void urgentByteIsInTheStreamWhenAskedFor() throws Exception {
    Pair pair = connectedPair();
    pair.far().socket().setOOBInline(true);
    assertTrue(pair.far().socket().getOOBInline());
    writeFully(pair.near(), "a");
    pair.near().socket().sendUrgentData('!');
    writeFully(pair.near(), "b");
    assertReads("a!b", pair.far());
  }

  @Test
  void urgentByteIsNotInTheStreamByDefault() throws Exception {
    Pair pair = connectedPair();
    assertFalse(pair.far().socket().getOOBInline());
    writeFully(pair.near(), "a");
    pair.near().socket().sendUrgentData('!');
    writeFully(pair.near(), "b");
    assertReads("ab", pair.far());
  }

  @Test
  void streamsOfAnInterruptedThreadAreAsTheJdks() throws Exception {
    for (int timeout : new int[] {0, 15_000}) {
      assertEquals(
          useInterrupted(jdkPair(), timeout, true), useInterrupted(connectedPair(), timeout, true));
    }
    assertEquals(useInterrupted(jdkPair(), 0, false), useInterrupted(connectedPair(), 0, false));
  }

  private static String useInterrupted(Pair pair, int timeout, boolean reads) throws Exception {
    Socket socket = pair.near().socket();
    socket.setSoTimeout(timeout);
    InputStream in = socket.getInputStream();
    OutputStream out = socket.getOutputStream();
    Background<String> using =
        spawn(
            () -> {
              Thread.currentThread().interrupt();
              return reads ? Outcome.of(in::read) : Outcome.ofAction(() -> out.write(99));
            });
    return using.join()
        + "; interrupted "
        + using.interruptedAtEnd()
        + "; closed "
        + socket.isClosed();
  }

  @Test
  void blockedStreamReadHoldsNoWriteUp() throws Exception {
    for (int timeout : new int[] {0, 60_000}) {
      Pair pair = connectedPair();
      Socket socket = pair.near().socket();
      socket.setSoTimeout(timeout);
      Background<Integer> reading = spawn(socket.getInputStream()::read);
      reading.awaitBlocked();
      socket.getOutputStream().write('a');
      assertReads("a", pair.far());
      writeFully(pair.far(), "b");
      assertEquals('b', reading.join());
    }
  }

  @Test
  void closeAfterATimedReadIsTheEndForThePeerAtOnce() throws Exception {
    Pair pair = connectedPair();
    Socket socket = pair.near().socket();
    writeFully(pair.far(), "x");
    socket.setSoTimeout(60_000);
    assertEquals('x', socket.getInputStream().read());
    socket.setSoTimeout(0);
    socket.getOutputStream().write('y');
    socket.close();
    assertReads("y", pair.far());
    assertEndOfStream(pair.far());
  }

  @Test
  void readsAndLooksAfterAResetAreAsTheJdks() throws Exception {
    for (boolean looksFirst : new boolean[] {true, false}) {
      assertEquals(
          useAfterReset(jdkPair(), looksFirst), useAfterReset(connectedPair(), looksFirst));
    }
  }

  private static List<String> useAfterReset(Pair pair, boolean looksFirst) throws Exception {
    pair.far().socket().setSoLinger(true, 0);
    pair.far().close();
    try (Selector selector = pair.near().provider().openSelector()) {
      pair.near().configureBlocking(false);
      awaitReady(pair.near().register(selector, SelectionKey.OP_READ), SelectionKey.OP_READ);
    }
    pair.near().configureBlocking(true);
    InputStream in = pair.near().socket().getInputStream();
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      told.add((i % 2 == 0) == looksFirst ? Outcome.of(in::available) : Outcome.of(in::read));
    }
    return told;
  }

  @Test
  void urgentByteSelectsWhoeverHasItInTheStreamAndNobodyElse() throws Exception {
    for (boolean inline : new boolean[] {true, false}) {
      Pair pair = connectedPair();
      pair.near().socket().setOOBInline(inline);
      pair.near().configureBlocking(false);
      Selector selector = openSelector();
      SelectionKey key = pair.near().register(selector, SelectionKey.OP_READ);
      pair.far().socket().sendUrgentData('!');
      if (inline) {
        awaitReady(key, SelectionKey.OP_READ);
        assertReads("!", pair.near());
      }
      assertEquals(0, selector.select(100));
      writeFully(pair.far(), "a");
      awaitReady(key, SelectionKey.OP_READ);
      assertReads("a", pair.near());
    }
  }
}
