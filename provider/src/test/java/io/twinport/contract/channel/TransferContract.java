package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.OneHost;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reading and writing: every kind of buffer, scatter and gather, and modes that change under way.
 */
public abstract class TransferContract extends ContractTest {
  /** More buffers than one writev takes (IOV_MAX is 1024 on Linux). */
  private static final int MANY_BUFFERS = 3000;

  protected TransferContract(Transport transport) {
    super(transport);
  }

  @Test
  void readReturnsWhatIsThereAndMovesThePosition() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abc");
    ByteBuffer target = ByteBuffer.allocate(10);
    target.position(2).limit(9);
    assertEquals(3, pair.near().read(target));
    assertEquals(5, target.position());
    assertEquals(9, target.limit());
    assertEquals('a', target.get(2));
    assertEquals('c', target.get(4));
    assertEquals(0, target.get(5));
  }

  @Test
  void readIntoASmallBufferLeavesTheRest() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abcdef");
    assertReads("ab", pair.near());
    assertReads("c", pair.near());
    assertReads("def", pair.near());
  }

  /** All that has come: where that takes a moment, it is not so each time. */
  @Test
  @OneHost("between hosts the bytes may come later")
  void readBehindAPartReturnsAllThatHasComeSince() throws Exception {
    Pair pair = connectedPair();
    int first = 0;
    for (int i = 0; i < 50 && first < 6; i++) {
      writeFully(pair.far(), "abcd");
      assertReads("ab", pair.near());
      writeFully(pair.far(), "efgh");
      Thread.sleep(i); // Longer and longer.
      ByteBuffer target = ByteBuffer.allocate(6);
      first = pair.near().read(target);
      while (target.hasRemaining()) {
        assertNotEquals(-1, pair.near().read(target));
      }
      assertArrayEquals(bytes("cdefgh").array(), target.array());
    }
    assertEquals(6, first);
  }

  @Test
  void writeMovesThePositionAndNotTheLimit() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer source = bytes("__data__");
    source.position(2).limit(6);
    assertEquals(4, pair.near().write(source));
    assertEquals(6, source.position());
    assertEquals(6, source.limit());
    assertReads("data", pair.far());
  }

  @Test
  void nonBlockingReadReturnsZeroWhenNothingIsThere() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    assertEquals(0, pair.near().read(ByteBuffer.allocate(8)));
    ByteBuffer[] many = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertEquals(0, pair.near().read(many));
  }

  @Test
  void blockingReadWaitsForData() throws Exception {
    Pair pair = connectedPair();
    Background<byte[]> reading = spawn(() -> readFully(pair.near(), 5));
    reading.awaitBlocked();
    writeFully(pair.far(), "hello");
    assertArrayEquals(bytes("hello").array(), reading.join());
  }

  @Test
  void blockingReadReturnsAsSoonAsAnyByteIsThere() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(1000)));
    reading.awaitBlocked();
    writeFully(pair.far(), "x");
    assertEquals(1, reading.join());
  }

  @Test
  void fullBufferReadsZeroBytesWithoutBlocking() throws Exception {
    Pair pair = connectedPair();
    assertEquals(0, pair.near().read(ByteBuffer.allocate(0)));
    writeFully(pair.far(), "x");
    assertEquals(0, pair.near().read(ByteBuffer.allocateDirect(0)));
    assertReads("x", pair.near());
  }

  @Test
  void emptyBufferWritesZeroBytes() throws Exception {
    Pair pair = connectedPair();
    assertEquals(0, pair.near().write(ByteBuffer.allocate(0)));
    assertEquals(0, pair.near().write(ByteBuffer.allocateDirect(0)));
    assertEquals(0, pair.near().write(new ByteBuffer[0]));
    ByteBuffer[] empty = {ByteBuffer.allocate(0), ByteBuffer.allocateDirect(0)};
    assertEquals(0, pair.near().write(empty));
    writeFully(pair.near(), "after");
    assertReads("after", pair.far());
  }

  @Test
  void readIntoNoBuffersReturnsZero() throws Exception {
    Pair pair = connectedPair();
    assertEquals(0, pair.near().read(new ByteBuffer[0]));
    ByteBuffer[] full = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};
    assertEquals(0, pair.near().read(full));
  }

  @Test
  void readIntoReadOnlyBufferThrows() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abc");
    ByteBuffer readOnly = ByteBuffer.allocate(8).asReadOnlyBuffer();
    assertThrows(IllegalArgumentException.class, () -> pair.near().read(readOnly));
    ByteBuffer[] many = {ByteBuffer.allocate(1), ByteBuffer.allocate(8).asReadOnlyBuffer()};
    assertThrows(IllegalArgumentException.class, () -> pair.near().read(many));
    assertReads("abc", pair.near());
  }

  @Test
  void writeFromReadOnlyBuffersWorks() throws Exception {
    Pair pair = connectedPair();
    pair.near().write(bytes("heap ").asReadOnlyBuffer());
    pair.near().write(direct("direct").asReadOnlyBuffer());
    assertReads("heap direct", pair.far());
  }

  @Test
  void nullBuffersThrow() throws Exception {
    Pair pair = connectedPair();
    SocketChannel channel = pair.near();
    assertThrows(NullPointerException.class, () -> channel.read((ByteBuffer) null));
    assertThrows(NullPointerException.class, () -> channel.write((ByteBuffer) null));
    assertThrows(NullPointerException.class, () -> channel.read((ByteBuffer[]) null));
    assertThrows(NullPointerException.class, () -> channel.write((ByteBuffer[]) null));
    assertThrows(NullPointerException.class, () -> channel.read((ByteBuffer[]) null, 0, 0));
    ByteBuffer[] holed = {null};
    assertThrows(NullPointerException.class, () -> channel.write(holed));
    writeFully(channel, "alive");
    assertReads("alive", pair.far());
  }

  @Test
  void rangesOutsideTheArrayThrow() throws Exception {
    Pair pair = connectedPair();
    SocketChannel channel = pair.near();
    ByteBuffer[] two = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertThrows(IndexOutOfBoundsException.class, () -> channel.read(two, -1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> channel.read(two, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> channel.read(two, 1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> channel.write(two, -1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> channel.write(two, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> channel.write(two, 3, 0));
  }

  @Test
  void everyKindOfBufferCarriesTheSameBytes() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(7, 5000);
    ByteBuffer heap = ByteBuffer.wrap(data);
    ByteBuffer direct = ByteBuffer.allocateDirect(5000);
    direct.put(data).flip();
    ByteBuffer[] kinds = {
      heap.duplicate(),
      direct.duplicate(),
      ByteBuffer.wrap(Arrays.copyOf(data, 9000), 0, 5000).slice(),
      offsetSlice(data, false),
      offsetSlice(data, true),
      heap.asReadOnlyBuffer(),
      direct.asReadOnlyBuffer()
    };
    for (ByteBuffer kind : kinds) {
      writeFully(pair.near(), kind);
      assertArrayEquals(data, readFully(pair.far(), 5000));
    }
  }

  @Test
  void everyKindOfBufferTakesTheSameBytes() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(8, 5000);
    ByteBuffer[] kinds = {
      ByteBuffer.allocate(5000),
      ByteBuffer.allocateDirect(5000),
      ByteBuffer.allocate(6000).position(500).limit(5500).slice(),
      ByteBuffer.allocateDirect(6000).position(501).limit(5501).slice()
    };
    for (ByteBuffer kind : kinds) {
      writeFully(pair.far(), ByteBuffer.wrap(data));
      while (kind.hasRemaining()) {
        assertTrue(pair.near().read(kind) > 0);
      }
      assertEquals(ByteBuffer.wrap(data), kind.flip());
    }
  }

  private static ByteBuffer direct(String text) {
    ByteBuffer bytes = bytes(text);
    return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
  }

  private static ByteBuffer offsetSlice(byte[] data, boolean isDirect) {
    int size = data.length + 33;
    ByteBuffer whole = isDirect ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    whole.position(13);
    whole.put(data).flip().position(13);
    return whole.slice();
  }

  @Test
  void gatherWritesAllBuffersInOrder() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] sources = {bytes("one "), direct("two "), bytes(""), bytes("three"), direct("!")};
    assertEquals(14, pair.near().write(sources));
    for (ByteBuffer source : sources) {
      assertFalse(source.hasRemaining());
    }
    assertReads("one two three!", pair.far());
  }

  @Test
  void anInterruptDoesNotCutAGatherThatDoesNotBlock() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    ByteBuffer[] sources = {bytes("ab"), bytes("cd"), bytes("ef")};
    Thread.currentThread().interrupt();
    try {
      assertEquals(6, pair.near().write(sources));
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertReads("abcdef", pair.far());
  }

  @Test
  void gatherOfARangeTouchesNoOtherBuffer() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] sources = {bytes("no"), bytes("yes"), direct("yes"), bytes("no")};
    assertEquals(6, pair.near().write(sources, 1, 2));
    assertEquals(2, sources[0].remaining());
    assertEquals(2, sources[3].remaining());
    assertReads("yesyes", pair.far());
  }

  @Test
  void scatterFillsBuffersInOrder() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abcdefgh");
    ByteBuffer[] targets = {
      ByteBuffer.allocate(2),
      ByteBuffer.allocate(0),
      ByteBuffer.allocateDirect(3),
      ByteBuffer.allocate(10)
    };
    assertEquals(8, pair.near().read(targets));
    assertEquals(bytes("ab"), targets[0].flip());
    assertEquals(bytes("cde"), targets[2].flip());
    assertEquals(bytes("fgh"), targets[3].flip());
  }

  @Test
  void scatterIntoARangeTouchesNoOtherBuffer() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abcd");
    ByteBuffer[] targets = {
      ByteBuffer.allocate(4), ByteBuffer.allocate(1), ByteBuffer.allocate(2), ByteBuffer.allocate(4)
    };
    assertEquals(3, pair.near().read(targets, 1, 2));
    assertEquals(0, targets[0].position());
    assertEquals(0, targets[3].position());
    assertReads("d", pair.near());
  }

  @Test
  void scatterReturnsEndOfStream() throws Exception {
    Pair pair = connectedPair();
    pair.far().shutdownOutput();
    ByteBuffer[] targets = {ByteBuffer.allocate(4), ByteBuffer.allocate(4)};
    assertEquals(-1, pair.near().read(targets));
  }

  @Test
  void scatterBlocksUntilDataArrives() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] targets = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(9)};
    Background<Long> reading = spawn(() -> pair.near().read(targets));
    reading.awaitBlocked();
    writeFully(pair.far(), "xyz");
    assertEquals(3, reading.join());
    assertEquals(bytes("yz"), targets[1].flip());
  }

  @Test
  void gatherOfMoreBuffersThanTheSystemTakesAtOnce() throws Exception {
    Pair pair = connectedPair();
    ByteBuffer[] sources = new ByteBuffer[MANY_BUFFERS];
    byte[] expected = Payload.random(9, MANY_BUFFERS * 3);
    for (int i = 0; i < MANY_BUFFERS; i++) {
      sources[i] = ByteBuffer.wrap(expected, i * 3, 3);
    }
    long written = 0;
    while (written < expected.length) {
      long n = pair.near().write(sources, (int) (written / 3), MANY_BUFFERS - (int) (written / 3));
      assertTrue(n > 0);
      written += n;
    }
    assertArrayEquals(expected, readFully(pair.far(), expected.length));
  }

  @Test
  void scatterIntoMoreBuffersThanTheSystemTakesAtOnce() throws Exception {
    Pair pair = connectedPair();
    byte[] expected = Payload.random(10, MANY_BUFFERS * 2);
    writeFully(pair.far(), ByteBuffer.wrap(expected));
    byte[] seen = new byte[expected.length];
    ByteBuffer[] targets = new ByteBuffer[MANY_BUFFERS];
    for (int i = 0; i < MANY_BUFFERS; i++) {
      targets[i] = ByteBuffer.wrap(seen, i * 2, 2);
    }
    long read = 0;
    while (read < seen.length) {
      long n = pair.near().read(targets, (int) (read / 2), MANY_BUFFERS - (int) (read / 2));
      assertTrue(n > 0);
      read += n;
    }
    assertArrayEquals(expected, seen);
  }

  @Test
  void severalBuffersInOneSend() throws Exception {
    Pair pair = connectedPair();
    for (int round = 0; round < 50; round++) {
      byte[] header = Payload.random(round, 7);
      byte[] body = Payload.random(round + 1000, 1 + round * 997);
      byte[] trailer = Payload.random(round + 2000, 3);
      ByteBuffer[] message = {
        ByteBuffer.wrap(header),
        ByteBuffer.allocateDirect(body.length).put(body).flip(),
        ByteBuffer.allocate(0),
        ByteBuffer.wrap(trailer)
      };
      while (message[3].hasRemaining()) {
        pair.near().write(message);
      }
      assertArrayEquals(header, readFully(pair.far(), header.length));
      assertArrayEquals(body, readFully(pair.far(), body.length));
      assertArrayEquals(trailer, readFully(pair.far(), trailer.length));
    }
  }

  @Test
  void largeSendRightAfterSmallOne() throws Exception {
    Pair pair = connectedPair();
    byte[] large = Payload.random(11, 2_000_000);
    Background<Void> writing =
        spawn(
            () -> {
              for (int round = 0; round < 5; round++) {
                writeFully(pair.near(), "s");
                writeFully(pair.near(), ByteBuffer.wrap(large));
              }
              return null;
            });
    for (int round = 0; round < 5; round++) {
      assertReads("s", pair.far());
      assertArrayEquals(large, readFully(pair.far(), large.length));
    }
    writing.join();
  }

  @Test
  void mixedBlockingAndNonBlockingUse() throws Exception {
    Pair pair = connectedPair();
    SocketChannel near = pair.near();
    for (int round = 0; round < 20; round++) {
      near.configureBlocking(false);
      assertEquals(0, near.read(ByteBuffer.allocate(1)));
      Selector selector = openSelector();
      SelectionKey key = near.register(selector, SelectionKey.OP_READ);
      writeFully(pair.far(), "selected");
      awaitReady(key, SelectionKey.OP_READ);
      assertReads("selected", near);
      selector.close();
      near.configureBlocking(true);
      Background<byte[]> reading = spawn(() -> readFully(near, 7));
      if (round == 0) {
        reading.awaitBlocked();
      }
      writeFully(pair.far(), "blocked");
      assertArrayEquals(bytes("blocked").array(), reading.join());
      writeFully(near, "answer");
      assertReads("answer", pair.far());
    }
  }

  @Test
  void oneEndBlockingAndTheOtherNot() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_READ);
    Background<Void> client =
        spawn(
            () -> {
              for (int i = 0; i < 200; i++) {
                writeFully(pair.far(), "ping");
                assertReads("ping", pair.far());
              }
              return null;
            });
    ByteBuffer buffer = ByteBuffer.allocate(64);
    int echoed = 0;
    while (echoed < 800) {
      awaitReady(key, SelectionKey.OP_READ);
      pair.near().read(buffer.clear());
      echoed += pair.near().write(buffer.flip());
    }
    client.join();
  }

  @Test
  void readAndWriteOnOneChannelAtTheSameTime() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> reading = spawn(() -> pair.near().read(ByteBuffer.allocate(8)));
    reading.awaitBlocked();
    writeFully(pair.near(), "not held up by the reader");
    assertReads("not held up by the reader", pair.far());
    writeFully(pair.far(), "x");
    assertEquals(1, reading.join());
  }

  @Test
  void twoReadersShareTheStream() throws Exception {
    Pair pair = connectedPair();
    Background<Integer> one = spawn(() -> pair.near().read(ByteBuffer.allocate(1)));
    one.awaitBlocked();
    Background<Integer> two = spawn(() -> pair.near().read(ByteBuffer.allocate(1)));
    writeFully(pair.far(), "ab");
    assertEquals(1, one.join());
    assertEquals(1, two.join());
  }

  @Test
  void streamsFromChannelsWork() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(12, 50_000);
    Background<Void> writing =
        spawn(
            () -> {
              Channels.newOutputStream(pair.near()).write(data);
              pair.near().shutdownOutput();
              return null;
            });
    assertArrayEquals(data, Channels.newInputStream(pair.far()).readAllBytes());
    writing.join();
  }

  @Test
  void fileTransferToAndFromAConnection(@TempDir Path folder) throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(13, 300_000);
    Path source = Files.write(folder.resolve("source"), data);
    Path target = folder.resolve("target");
    Background<Void> sending =
        spawn(
            () -> {
              sendFile(source, pair.near());
              pair.near().shutdownOutput();
              return null;
            });
    try (FileChannel file =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long received = 0;
      long n;
      do {
        n = file.transferFrom(pair.far(), received, 1 << 20);
        received += n;
      } while (n > 0);
    }
    sending.join();
    assertArrayEquals(data, Files.readAllBytes(target));
  }

  private static void sendFile(Path source, SocketChannel channel) throws IOException {
    try (FileChannel file = FileChannel.open(source)) {
      long sent = 0;
      while (sent < file.size()) {
        sent += file.transferTo(sent, file.size() - sent, channel);
      }
    }
  }
}
