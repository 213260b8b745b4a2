package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Much data: how much is taken unread, what happens when that is full, and that no byte is lost or
 * swapped.
 */
public abstract class BulkTransferContract extends ContractTest {
  private static final int MIB = 1 << 20;

  private static final int SELECTED_BYTES = 12 * MIB;

  protected BulkTransferContract(Transport transport) {
    super(transport);
  }

  @Test
  void nonBlockingWritesTakeMegabytesUnreadAndDrainUnharmed() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(1, 64 * MIB);
    int taken = fill(pair.near(), ByteBuffer.wrap(data));
    assertTrue(taken >= 5 * MIB / 2, "only " + taken + " bytes were taken");
    assertTrue(taken < data.length, "a connection must not take bytes without end");
    pair.near().shutdownOutput();
    byte[] received = readToEnd(pair.far());
    assertEquals(taken, received.length);
    assertEquals(Payload.hash(Arrays.copyOf(data, taken)), Payload.hash(received));
  }

  @Test
  void oneThreadWritesThreeMebibytesAndOnlyThenReads() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(2, 3 * MIB);
    ByteBuffer source = ByteBuffer.wrap(data);
    while (source.hasRemaining()) {
      assertTrue(pair.near().write(source) > 0);
    }
    assertEquals(Payload.hash(data), Payload.hash(readFully(pair.far(), data.length)));
    writeFully(pair.far(), ByteBuffer.wrap(data));
    assertEquals(Payload.hash(data), Payload.hash(readFully(pair.near(), data.length)));
  }

  @Test
  void blockingWriteOfMoreThanFitsWaitsForTheReader() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(3, 16 * MIB);
    Background<Void> writing =
        spawn(
            () -> {
              writeFully(pair.near(), ByteBuffer.wrap(data));
              return null;
            });
    writing.awaitBlocked();
    assertEquals(Payload.hash(data), Payload.hash(readFully(pair.far(), data.length)));
    writing.join();
  }

  @Test
  void randomDataBothWaysAtOnce() throws Exception {
    Pair pair = connectedPair();
    int length = 24 * MIB;
    Background<String> nearSends = spawn(() -> Payload.send(pair.near(), 4, length));
    Background<String> farSends = spawn(() -> Payload.send(pair.far(), 5, length));
    Background<String> nearReads = spawn(() -> Payload.receive(pair.near(), 6, length));
    Background<String> farReads = spawn(() -> Payload.receive(pair.far(), 7, length));
    assertEquals(nearSends.join(), farReads.join());
    assertEquals(farSends.join(), nearReads.join());
  }

  @Test
  void manySmallWritesArriveInOrder() throws Exception {
    Pair pair = connectedPair();
    int count = 50_000;
    Background<Void> writing =
        spawn(
            () -> {
              ByteBuffer number = ByteBuffer.allocateDirect(4);
              for (int i = 0; i < count; i++) {
                writeFully(pair.near(), number.clear().putInt(i).flip());
              }
              return null;
            });
    ByteBuffer received = ByteBuffer.wrap(readFully(pair.far(), count * 4));
    for (int i = 0; i < count; i++) {
      assertEquals(i, received.getInt());
    }
    writing.join();
  }

  @Test
  void opWriteComesBackOnceTheReaderDrains() throws Exception {
    Pair pair = connectedPair();
    int taken = fill(pair.near(), ByteBuffer.allocate(64 * MIB));
    Selector selector = openSelector();
    SelectionKey key = pair.near().register(selector, SelectionKey.OP_WRITE);
    assertEquals(0, selector.selectNow());
    Background<Integer> selecting = spawn(() -> selector.select());
    selecting.awaitBlocked();
    readFully(pair.far(), taken);
    assertEquals(1, selecting.join());
    assertTrue(key.isWritable());
    assertTrue(pair.near().write(bytes("more")) > 0);
    assertReads("more", pair.far());
  }

  @Test
  void selectorDrivenWriterAndReaderMoveMegabytes() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(8, SELECTED_BYTES);
    Background<String> reading = spawn(() -> at(pair.far(), BulkTransferContract::selectAndRead));
    pair.near().configureBlocking(false);
    SelectionKey key = pair.near().register(openSelector(), SelectionKey.OP_WRITE);
    ByteBuffer source = ByteBuffer.wrap(data);
    while (source.hasRemaining()) {
      awaitReady(key, SelectionKey.OP_WRITE);
      pair.near().write(source);
    }
    assertEquals(Payload.hash(data), reading.join());
  }

  private static String selectAndRead(SocketChannel channel, SelectorProvider provider)
      throws IOException {
    channel.configureBlocking(false);
    ByteBuffer target = ByteBuffer.allocate(SELECTED_BYTES);
    try (Selector selector = provider.openSelector()) {
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      while (target.hasRemaining()) {
        awaitReady(key, SelectionKey.OP_READ);
        assertTrue(channel.read(target) >= 0);
      }
    }
    return Payload.hash(target.array());
  }

  @Test
  void blockedConnectionHoldsUpNoOther() throws Exception {
    Pair full = connectedPair();
    fill(full.near(), ByteBuffer.allocate(64 * MIB));
    Pair other = connectedPair();
    for (int i = 0; i < 100; i++) {
      writeFully(other.near(), "flows");
      assertReads("flows", other.far());
    }
  }

  @Test
  void writerThatWaitsIsNotHeldUpByTheOtherDirection() throws Exception {
    Pair pair = connectedPair();
    Background<Void> writing =
        spawn(
            () -> {
              writeFully(pair.near(), ByteBuffer.allocate(16 * MIB));
              return null;
            });
    writing.awaitBlocked();
    writeFully(pair.far(), "against the stream");
    assertReads("against the stream", pair.near());
    readFully(pair.far(), 16 * MIB);
    writing.join();
  }

  @Test
  void gatherOfMegabytesFromManyBuffers() throws Exception {
    Pair pair = connectedPair();
    byte[] data = Payload.random(9, 8 * MIB);
    ByteBuffer[] pieces = new ByteBuffer[128];
    int length = data.length / pieces.length;
    for (int i = 0; i < pieces.length; i++) {
      ByteBuffer piece = ByteBuffer.wrap(data, i * length, length);
      pieces[i] =
          i % 2 == 0 ? piece : ByteBuffer.allocateDirect(length).put(piece.duplicate()).flip();
    }
    Background<byte[]> reading = spawn(() -> readFully(pair.far(), data.length));
    while (pieces[pieces.length - 1].hasRemaining()) {
      pair.near().write(pieces);
    }
    assertEquals(Payload.hash(data), Payload.hash(reading.join()));
  }

  /** Of lengths around those at which transports begin another part. */
  @Test
  void blockingWriteReturnsOnceAllIsTaken() throws Exception {
    Pair pair = connectedPair();
    for (int boundary : new int[] {64 << 10, 128 << 10, MIB}) {
      for (int length = boundary - 2; length <= boundary + 2; length++) {
        assertTakesAll(pair, length);
        assertTakesAll(pair, 0, length);
        assertTakesAll(pair, length, 0);
        assertTakesAll(pair, 0, length, 0, boundary, length);
      }
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20; i++) {
      assertTakesAll(pair, random.nextInt(MIB));
      assertTakesAll(pair, random.ints(random.nextInt(9), 0, MIB).toArray());
    }
  }

  private static void assertTakesAll(Pair pair, int... lengths) throws Exception {
    int total = Arrays.stream(lengths).sum();
    byte[] data = Payload.random(total, total);
    ByteBuffer[] sources = new ByteBuffer[lengths.length];
    int offset = 0;
    for (int i = 0; i < lengths.length; i++) {
      ByteBuffer part = ByteBuffer.wrap(data, offset, lengths[i]);
      sources[i] = i % 2 == 0 ? part : ByteBuffer.allocateDirect(lengths[i]).put(part).flip();
      offset += lengths[i];
    }
    Background<byte[]> reading = spawn(() -> readFully(pair.far(), total));
    long written = sources.length == 1 ? pair.near().write(sources[0]) : pair.near().write(sources);
    assertEquals(total, written);
    assertEquals(Payload.hash(data), Payload.hash(reading.join()));
  }
}
