package io.twinport.contract;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
