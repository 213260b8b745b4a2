package io.twinport.contract.channel.adaptor;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.SwitchTransport;
import io.twinport.contract.support.Transport;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.nio.ch.SanStream;

/** The streams that {@code Channels} makes of a channel. */
public abstract class ChannelStreamContract extends ContractTest {
  /** The first JDK whose streams take no lock of the channel's. */
  private static final boolean FREE = Runtime.version().feature() >= 19;

  @TempDir Path folder;

  protected ChannelStreamContract(Transport transport) {
    super(transport);
  }

  /** Where there is no agent, as it would have {@code Channels} answer. */
  private InputStream input(SocketChannel channel) {
    return FREE && transport instanceof SwitchTransport && channel instanceof SanStream ours
        ? ours.newInputStream()
        : Channels.newInputStream(channel);
  }

  private OutputStream output(SocketChannel channel) {
    return FREE && transport instanceof SwitchTransport && channel instanceof SanStream ours
        ? ours.newOutputStream()
        : Channels.newOutputStream(channel);
  }

  @Test
  void bytesGoThroughStreams() throws Exception {
    Pair pair = connectedPair();
    OutputStream out = output(pair.near());
    InputStream in = input(pair.far());
    out.write(0xfe);
    out.write(new byte[] {1, 2, 3, 4}, 1, 2);
    out.write(new byte[0]);
    assertEquals(0xfe, in.read());
    byte[] into = new byte[5];
    assertEquals(2, in.readNBytes(into, 1, 2));
    assertArrayEquals(new byte[] {0, 2, 3, 0, 0}, into);
    assertEquals(0, in.read(into, 5, 0));
    pair.near().shutdownOutput();
    assertEquals(-1, in.read());
    assertEquals(-1, in.read(into));
  }

  @Test
  void wrongRangesAreRefused() throws Exception {
    Pair pair = connectedPair();
    OutputStream out = output(pair.near());
    InputStream in = input(pair.near());
    assertThrows(IndexOutOfBoundsException.class, () -> out.write(new byte[4], 3, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> in.read(new byte[4], -1, 2));
    assertThrows(NullPointerException.class, () -> out.write(null, 0, 1));
    assertThrows(NullPointerException.class, () -> in.read(null, 0, 1));
  }

  @Test
  void aNonBlockingChannelsStreamsRefuse() throws Exception {
    Pair pair = connectedPair();
    OutputStream out = output(pair.near());
    InputStream in = input(pair.near());
    pair.near().configureBlocking(false);
    assertThrows(IllegalBlockingModeException.class, () -> out.write(1));
    assertThrows(IllegalBlockingModeException.class, in::read);
    pair.near().configureBlocking(true);
    out.write(1);
    assertEquals(1, input(pair.far()).read());
  }

  @Test
  void closingAStreamClosesTheChannel() throws Exception {
    Pair pair = connectedPair();
    input(pair.near()).close();
    assertFalse(pair.near().isOpen());
    output(pair.far()).close();
    assertFalse(pair.far().isOpen());
  }

  @Test
  void aBlockedReadHoldsNoWriteUp() throws Exception {
    assumeTrue(FREE, "before JDK 19 both streams of a channel take its blocking lock");
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    Background<Integer> reading = spawn(in::read);
    reading.awaitBlocked();
    output(pair.near()).write(7);
    assertEquals(7, input(pair.far()).read());
    output(pair.far()).write(8);
    assertEquals(8, reading.join());
  }

  @Test
  void whatHasArrivedIsAvailable() throws Exception {
    assumeTrue(FREE, "before JDK 19 a channel's stream says 0");
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    assertEquals(0, in.available());
    output(pair.far()).write(new byte[5]);
    awaitTrue("arrival", () -> in.available() == 5);
  }

  @Test
  void closeEndsABlockedReadOfAStream() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(input(pair.near())::read);
    reading.awaitBlocked();
    pair.near().close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  @Test
  void closeEndsABlockedWriteOfAStream() throws Exception {
    Pair pair = connectedPair();
    OutputStream out = output(pair.near());
    Background<Void> writing =
        spawn(
            () -> {
              while (true) {
                out.write(new byte[1_000_000]);
              }
            });
    writing.awaitBlocked();
    pair.near().close();
    writing.joinFailure(ClosedChannelException.class);
  }

  @Test
  void aStreamIsTransferredToAnother() throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(3, 3_000_000);
    Background<Void> writing =
        spawn(
            () -> {
              output(pair.near()).write(content);
              pair.near().shutdownOutput();
              return null;
            });
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    assertEquals(content.length, input(pair.far()).transferTo(target));
    writing.join();
    assertEquals(Payload.hash(content), Payload.hash(target.toByteArray()));
  }

  @Test
  void aFilesStreamIsTransferredToAConnectionAndBack() throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(4, 3_000_000);
    Path source = Files.write(folder.resolve("source"), content);
    Path target = Files.createFile(folder.resolve("target"));
    Background<Void> sending =
        spawn(
            () -> {
              try (FileChannel file = FileChannel.open(source, READ)) {
                Channels.newInputStream(file).transferTo(output(pair.near()));
              }
              pair.near().shutdownOutput();
              return null;
            });
    try (FileChannel file = FileChannel.open(target, WRITE)) {
      assertEquals(content.length, input(pair.far()).transferTo(Channels.newOutputStream(file)));
    }
    sending.join();
    assertEquals(Payload.hash(content), Payload.hash(Files.readAllBytes(target)));
  }

  @Test
  void aSocketsStreamIsTransferredToAnother() throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(5, 3_000_000);
    Background<Void> writing =
        spawn(
            () -> {
              pair.near().socket().getOutputStream().write(content);
              pair.near().socket().shutdownOutput();
              return null;
            });
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    assertEquals(content.length, pair.far().socket().getInputStream().transferTo(target));
    writing.join();
    assertEquals(Payload.hash(content), Payload.hash(target.toByteArray()));
  }

  @Test
  void readOfAStreamWaitsForDataAndForTheEnd() throws Exception {
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    Background<Integer> reading = spawn(in::read);
    reading.awaitBlocked();
    output(pair.far()).write(99);
    assertEquals(99, reading.join());
    Background<Integer> ending = spawn(in::read);
    ending.awaitBlocked();
    pair.far().close();
    assertEquals(-1, ending.join());
    assertEquals(-1, in.read());
  }

  @Test
  void readOfAStreamDoesNotCareForTheSocketsTimeout() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(1);
    Background<Integer> reading = spawn(input(pair.near())::read);
    reading.awaitBlocked();
    output(pair.far()).write(99);
    assertEquals(99, reading.join());
  }

  @Test
  void closeOfTheInputStreamEndsItsBlockedRead() throws Exception {
    assumeTrue(FREE, "before JDK 19 the close of a channel's stream waits for its read");
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    Background<Integer> reading = spawn(in::read);
    reading.awaitBlocked();
    in.close();
    reading.joinFailure(AsynchronousCloseException.class);
  }

  private static Background<Void> writeBlocked(OutputStream out) throws Exception {
    Background<Void> writing =
        spawn(
            () -> {
              while (true) {
                out.write(new byte[64_000]);
              }
            });
    writing.awaitBlocked();
    return writing;
  }

  @Test
  void closeOfTheOutputStreamEndsItsBlockedWrite() throws Exception {
    assumeTrue(FREE, "before JDK 19 the close of a channel's stream waits for its write");
    Pair pair = connectedPair();
    OutputStream out = output(pair.near());
    Background<Void> writing = writeBlocked(out);
    out.close();
    writing.joinFailure(ClosedChannelException.class);
  }

  @Test
  void interruptEndsABlockedReadOfAStreamAndClosesTheChannel() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(input(pair.near())::read);
    reading.awaitBlocked();
    reading.interrupt();
    reading.joinFailure(ClosedByInterruptException.class);
    assertTrue(reading.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void interruptEndsABlockedWriteOfAStreamAndClosesTheChannel() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing = writeBlocked(output(pair.near()));
    writing.interruptUntilDone();
    writing.joinFailure(ClosedByInterruptException.class);
    assertTrue(writing.interruptedAtEnd());
    assertFalse(pair.near().isOpen());
  }

  @Test
  void interruptedThreadNeitherReadsNorWrites() throws Exception {
    for (boolean reads : new boolean[] {true, false}) {
      Pair pair = connectedPair();
      InputStream in = input(pair.near());
      OutputStream out = output(pair.near());
      Background<Integer> using =
          spawn(
              () -> {
                Thread.currentThread().interrupt();
                if (reads) {
                  return in.read();
                }
                out.write(1);
                return 0;
              });
      using.joinFailure(ClosedByInterruptException.class);
      assertTrue(using.interruptedAtEnd());
      assertFalse(pair.near().isOpen());
    }
  }

  @Test
  void aBlockedWriteHoldsNoReadUp() throws Exception {
    assumeTrue(FREE, "before JDK 19 both streams of a channel take its blocking lock");
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    Background<Void> writing = writeBlocked(output(pair.near()));
    output(pair.far()).write(98);
    assertEquals(98, in.read());
    Background<Integer> reading = spawn(in::read);
    reading.awaitBlocked();
    output(pair.far()).write(99);
    assertEquals(99, reading.join());
    pair.near().close();
    writing.joinFailure(ClosedChannelException.class);
  }

  @Test
  void whatIsReadIsNoLongerAvailable() throws Exception {
    assumeTrue(FREE, "before JDK 19 a channel's stream says 0");
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    for (int round = 0; round < 3; round++) {
      output(pair.far()).write(new byte[5]);
      awaitTrue("arrival", () -> in.available() == 5);
      for (int left = 4; left >= 0; left--) {
        assertEquals(0, in.read());
        assertEquals(left, in.available());
      }
    }
    pair.far().close();
    assertEquals(-1, in.read());
    assertEquals(0, in.available());
  }

  @Test
  void readsOfSeveralBytesEndWithTheStream() throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(6, 100_000);
    Background<Void> writing =
        spawn(
            () -> {
              output(pair.far()).write(content);
              pair.far().shutdownOutput();
              return null;
            });
    InputStream in = input(pair.near());
    assertThrows(IllegalArgumentException.class, () -> in.readNBytes(-1));
    assertEquals(0, in.readNBytes(0).length);
    assertEquals(0, in.skip(0));
    assertEquals(0, in.skip(-1));
    in.skipNBytes(10_000);
    assertArrayEquals(Arrays.copyOfRange(content, 10_000, 30_000), in.readNBytes(20_000));
    assertArrayEquals(Arrays.copyOfRange(content, 30_000, 100_000), in.readAllBytes());
    assertEquals(0, in.readAllBytes().length);
    assertEquals(0, in.readNBytes(1).length);
    assertEquals(0, in.skip(1));
    assertThrows(EOFException.class, () -> in.skipNBytes(1));
    writing.join();
  }

  @Test
  void boundsAreCheckedAsTheJdksDo() throws Exception {
    Pair pair = connectedPair();
    InputStream in = input(pair.near());
    OutputStream out = output(pair.near());
    byte[] some = new byte[100];
    int[][] ranges = {{-1, 1}, {0, -1}, {0, 1000}, {1, 100}, {101, 0}, {Integer.MAX_VALUE, 1}};
    for (int[] range : ranges) {
      assertThrows(IndexOutOfBoundsException.class, () -> in.read(some, range[0], range[1]));
      assertThrows(IndexOutOfBoundsException.class, () -> out.write(some, range[0], range[1]));
    }
    assertThrows(NullPointerException.class, () -> in.read(null));
    assertThrows(NullPointerException.class, () -> in.read(null, 0, 0));
    assertThrows(NullPointerException.class, () -> out.write(null));
    assertThrows(NullPointerException.class, () -> out.write(null, 0, 0));
    assertEquals(0, in.read(some, 100, 0));
    out.write(some, 100, 0);
    assertTrue(pair.near().isOpen());
  }

  @Test
  void readersAndWritersCarryText() throws Exception {
    Pair pair = connectedPair();
    String text = "gr\u00fc\u00df dich, \ud83d\ude00 \u4e16\u754c ".repeat(2_000);
    Background<Void> writing =
        spawn(
            () -> {
              Writer writer = Channels.newWriter(pair.near(), UTF_8);
              writer.write(text);
              writer.flush();
              pair.near().shutdownOutput();
              return null;
            });
    StringWriter read = new StringWriter();
    Channels.newReader(pair.far(), UTF_8).transferTo(read);
    writing.join();
    assertEquals(text, read.toString());
  }

  /** One of the two is always earlier, and whoever is late finds the channel closed. */
  @Test
  void closesRaceWithReadsWritesAndLooks() throws Exception {
    for (int i = 0; i < 90; i++) {
      Pair pair = connectedPair();
      InputStream in = input(pair.near());
      OutputStream out = output(pair.near());
      int kind = i % 3;
      Background<Integer> using =
          spawn(
              () -> {
                while (true) {
                  if (kind == 0) {
                    in.read();
                  } else if (kind == 1) {
                    out.write(27);
                  } else if (in.available() == 0 && !pair.near().isOpen()) {
                    throw new ClosedChannelException(); // Before JDK 19 it is no look at all.
                  }
                }
              });
      pair.near().close();
      using.joinFailure(ClosedChannelException.class);
      pair.far().close();
    }
  }
}
