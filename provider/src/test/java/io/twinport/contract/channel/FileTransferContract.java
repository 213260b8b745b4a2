package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files go into and out of connections: {@code transferTo} and {@code transferFrom}. */
public abstract class FileTransferContract extends ContractTest {
  private static final int LARGE = 9_000_017; // More than any transport buffers.

  @TempDir Path folder;

  protected FileTransferContract(Transport transport) {
    super(transport);
  }

  private FileChannel file(byte[] content) throws IOException {
    Path path = Files.createTempFile(folder, "source", null);
    Files.write(path, content);
    return closing(FileChannel.open(path, READ));
  }

  private FileChannel emptyFile() throws IOException {
    return closing(FileChannel.open(Files.createTempFile(folder, "target", null), READ, WRITE));
  }

  private static byte[] content(FileChannel file) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) file.size());
    while (content.hasRemaining() && file.read(content, content.position()) > 0) {}
    return content.array();
  }

  private static void sendAll(FileChannel file, Pair pair) throws IOException {
    long position = 0;
    while (position < file.size()) {
      position += file.transferTo(position, file.size() - position, pair.near());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8192, 8193, 65_536, 65_537, LARGE})
  void aFileIsSent(int length) throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(length, length);
    FileChannel file = file(content);
    Background<byte[]> reading = spawn(() -> readFully(pair.far(), length));
    sendAll(file, pair);
    assertEquals(Payload.hash(content), Payload.hash(reading.join()));
    assertEquals(0, file.position());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8192, 8193, 65_536, 65_537, LARGE})
  void aFileIsReceived(int length) throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(length, length);
    FileChannel file = emptyFile();
    Background<Void> writing =
        spawn(
            () -> {
              writeFully(pair.far(), ByteBuffer.wrap(content));
              return null;
            });
    long position = 0;
    while (position < length) {
      position += file.transferFrom(pair.near(), position, length - position);
    }
    writing.join();
    assertEquals(Payload.hash(content), Payload.hash(content(file)));
    assertEquals(0, file.position());
  }

  @Test
  void aPartOfAFileIsSent() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = file(bytes("0123456789").array());
    assertEquals(3, file.transferTo(4, 3, pair.near()));
    assertEquals(2, file.transferTo(8, 100, pair.near()));
    assertEquals(0, file.transferTo(10, 100, pair.near()));
    assertEquals(0, file.transferTo(11, 1, pair.near()));
    assertEquals(0, file.transferTo(0, 0, pair.near()));
    assertReads("45689", pair.far());
  }

  @Test
  void bytesAreReceivedIntoAFilesMiddle() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    writeFully(file, "0123456789");
    writeFully(pair.far(), "abcdef");
    assertEquals(3, file.transferFrom(pair.near(), 4, 3));
    assertEquals(0, file.transferFrom(pair.near(), 4, 0));
    assertEquals("0123abc789", new String(content(file), UTF_8));
    assertReads("def", pair.near());
  }

  @Test
  void transferFromEndsWithTheStream() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    writeFully(pair.far(), "all there is");
    pair.far().shutdownOutput();
    assertEquals(12, file.transferFrom(pair.near(), 0, Long.MAX_VALUE));
    assertEquals(0, file.transferFrom(pair.near(), 12, 100));
    assertArrayEquals(bytes("all there is").array(), content(file));
  }

  @Test
  void transferFromWaitsForAllThatWasAskedFor() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    Background<Long> receiving = spawn(() -> file.transferFrom(pair.near(), 0, 6));
    receiving.awaitBlocked();
    writeFully(pair.far(), "abc");
    awaitTrue("the first half is in the file", () -> file.size() == 3);
    receiving.awaitBlocked();
    writeFully(pair.far(), "def");
    assertEquals(6, receiving.join());
  }

  @Test
  void transferFromDoesNotWaitInNonBlockingMode() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    pair.near().configureBlocking(false);
    assertEquals(0, file.transferFrom(pair.near(), 0, 100));
    writeFully(pair.far(), "abc");
    try (Selector selector = provider().openSelector()) {
      awaitReady(pair.near().register(selector, SelectionKey.OP_READ), SelectionKey.OP_READ);
    }
    assertEquals(3, file.transferFrom(pair.near(), 0, 100));
  }

  @Test
  void transferToStopsInNonBlockingModeAndGoesOnWhenWritable() throws Exception {
    Pair pair = connectedPair();
    byte[] content = Payload.random(5, 4 * LARGE);
    FileChannel file = file(content);
    pair.near().configureBlocking(false);
    long position = 0;
    for (long n = 1; n > 0; position += n) {
      n = file.transferTo(position, content.length - position, pair.near());
    }
    assertTrue(position > 0 && position < content.length, "sent " + position);
    Background<byte[]> reading = spawn(() -> readFully(pair.far(), content.length));
    try (Selector selector = provider().openSelector()) {
      SelectionKey key = pair.near().register(selector, SelectionKey.OP_WRITE);
      while (position < content.length) {
        awaitReady(key, SelectionKey.OP_WRITE);
        position += file.transferTo(position, content.length - position, pair.near());
      }
    }
    assertEquals(Payload.hash(content), Payload.hash(reading.join()));
  }

  @Test
  void whatTheFileMayNotDoIsRefusedBeforeTheConnectionIsTouched() throws Exception {
    Pair pair = connectedPair();
    Path path = folder.resolve("only");
    try (FileChannel out = FileChannel.open(path, CREATE, WRITE)) {
      assertThrows(NonReadableChannelException.class, () -> out.transferTo(0, 1, pair.near()));
      assertThrows(IllegalArgumentException.class, () -> out.transferFrom(pair.near(), -1, 1));
      assertThrows(IllegalArgumentException.class, () -> out.transferFrom(pair.near(), 0, -1));
    }
    writeFully(pair.far(), "kept");
    try (FileChannel in = FileChannel.open(path, READ)) {
      assertThrows(NonWritableChannelException.class, () -> in.transferFrom(pair.near(), 0, 1));
      assertThrows(IllegalArgumentException.class, () -> in.transferTo(-1, 1, pair.near()));
    }
    assertReads("kept", pair.near());
  }

  @Test
  void aClosedConnectionTakesNoFile() throws Exception {
    Pair pair = connectedPair();
    FileChannel source = file(new byte[100_000]);
    FileChannel target = emptyFile();
    pair.near().close();
    assertThrows(ClosedChannelException.class, () -> source.transferTo(0, 100_000, pair.near()));
    assertThrows(ClosedChannelException.class, () -> target.transferFrom(pair.near(), 0, 10));
    assertTrue(source.isOpen() && target.isOpen());
  }

  @Test
  void aTransferToAPeerThatIsGoneFails() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = file(new byte[1_000_000]);
    pair.far().close();
    assertThrows(
        IOException.class,
        () -> {
          while (true) {
            file.transferTo(0, 1_000_000, pair.near());
          }
        });
  }

  @Test
  void closeEndsABlockedTransferFrom() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    Background<Long> receiving = spawn(() -> file.transferFrom(pair.near(), 0, 10));
    receiving.awaitBlocked();
    pair.near().close();
    receiving.joinFailure(AsynchronousCloseException.class);
    assertTrue(file.isOpen());
  }

  @Test
  void interruptEndsABlockedTransferFromAndClosesTheConnection() throws Exception {
    Pair pair = connectedPair();
    FileChannel file = emptyFile();
    Background<Long> receiving = spawn(() -> file.transferFrom(pair.near(), 0, 10));
    receiving.awaitBlocked();
    receiving.interruptUntilDone();
    receiving.joinFailure(ClosedByInterruptException.class);
    assertFalse(pair.near().isOpen());
  }

  @Test
  void closeEndsABlockedTransferTo() throws Exception {
    assumeTrue(
        transport.san() || Runtime.version().feature() > 17,
        "JDK 17 leaves the thread in sendfile until the peer reads or is gone");
    Pair pair = connectedPair();
    FileChannel file = file(new byte[4 * LARGE]);
    Background<Void> sending =
        spawn(
            () -> {
              sendAll(file, pair);
              return null;
            });
    sending.awaitBlocked();
    pair.near().close();
    sending.joinFailure(IOException.class);
    assertTrue(file.isOpen());
  }

  @Test
  void bothDirectionsAtOnce() throws Exception {
    Pair pair = connectedPair();
    byte[] out = Payload.random(1, LARGE);
    byte[] in = Payload.random(2, LARGE);
    FileChannel source = file(out);
    FileChannel target = emptyFile();
    Background<byte[]> farReads = spawn(() -> readFully(pair.far(), LARGE));
    Background<Void> farWrites =
        spawn(
            () -> {
              writeFully(pair.far(), ByteBuffer.wrap(in));
              return null;
            });
    Background<Long> receiving = spawn(() -> target.transferFrom(pair.near(), 0, LARGE));
    sendAll(source, pair);
    assertEquals(LARGE, receiving.join());
    farWrites.join();
    assertEquals(Payload.hash(out), Payload.hash(farReads.join()));
    assertEquals(Payload.hash(in), Payload.hash(content(target)));
  }

  /** What may come in the middle of a transfer. */
  private enum Disturbance {
    FILE_CLOSES,
    CONNECTION_CLOSES,
    INTERRUPT
  }

  @ParameterizedTest
  @EnumSource
  void transferToThatIsDisturbed(Disturbance disturbance) throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 20; round++) {
      Pair pair = connectedPair();
      FileChannel file = file(new byte[1 << 20]);
      Background<byte[]> reading = spawn(() -> readToEnd(pair.far()));
      Background<Long> sending = spawn(() -> file.transferTo(0, Long.MAX_VALUE, pair.near()));
      disturb(disturbance, file, pair, sending, random);
      assertDisturbed(disturbance, file, pair, sending);
      pair.near().close();
      reading.joinAny();
    }
  }

  @ParameterizedTest
  @EnumSource
  void transferFromThatIsDisturbed(Disturbance disturbance) throws Exception {
    SplittableRandom random = new SplittableRandom(2);
    for (int round = 0; round < 20; round++) {
      Pair pair = connectedPair();
      FileChannel file = emptyFile();
      Background<Void> writing =
          spawn(
              () -> {
                writeFully(pair.far(), ByteBuffer.allocate(1 << 20));
                pair.far().close();
                return null;
              });
      Background<Long> receiving = spawn(() -> file.transferFrom(pair.near(), 0, Long.MAX_VALUE));
      disturb(disturbance, file, pair, receiving, random);
      assertDisturbed(disturbance, file, pair, receiving);
      pair.near().close();
      writing.joinAny();
    }
  }

  private static void disturb(
      Disturbance disturbance,
      FileChannel file,
      Pair pair,
      Background<Long> transfer,
      SplittableRandom random)
      throws IOException {
    for (int spins = random.nextInt(50_000); spins > 0; spins--) {
      Thread.onSpinWait();
    }
    switch (disturbance) {
      case FILE_CLOSES -> file.close();
      case CONNECTION_CLOSES -> pair.near().close();
      case INTERRUPT -> transfer.interrupt();
    }
  }

  /** Either it has moved something, or it has been told; and what nobody closed stays open. */
  private static void assertDisturbed(
      Disturbance disturbance, FileChannel file, Pair pair, Background<Long> transfer)
      throws Exception {
    Throwable failure = transfer.joinAny();
    if (failure == null) {
      assertTrue(transfer.join() > 0);
    } else if (disturbance == Disturbance.INTERRUPT) {
      assertInstanceOf(ClosedByInterruptException.class, failure);
      assertTrue(transfer.interruptedAtEnd());
      assertFalse(file.isOpen() && pair.near().isOpen());
    } else if (disturbance == Disturbance.CONNECTION_CLOSES) {
      // It may be the kernel's word, where it sends from the file into what is just being closed.
      assertInstanceOf(IOException.class, failure);
    } else {
      assertInstanceOf(ClosedChannelException.class, failure);
    }
    assertTrue(disturbance != Disturbance.FILE_CLOSES || pair.near().isOpen());
    assertTrue(disturbance != Disturbance.CONNECTION_CLOSES || file.isOpen());
  }
}
