package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.stream.Blocks;
import io.twinport.ucx.stream.Frames;
import io.twinport.ucx.stream.Outbox;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes, credits and the memory they take. */
@Tag("on-one-jdk")
@Timeout(120)
class StreamTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void bytesArriveOnceAndInOrderBothWaysWhateverThePipeDoes(long seed) throws Exception {
    try (Pair pair = Pair.wild(seed)) {
      assertSameBothWays(pair, seed, 700_000);
    }
  }

  @Test
  void severalWindowsOfBytesPassBothWays() throws Exception {
    MemoryDriver near = new MemoryDriver(MemoryDriver.Temper.WILD, 7, 20_000, 20);
    MemoryDriver far = new MemoryDriver(MemoryDriver.Temper.WILD, 8, 1 << 16, 64);
    try (Pair pair = Pair.of(near, far)) {
      assertSameBothWays(pair, 9, 5 * Frames.WINDOW);
    }
  }

  @Test
  void manyConnectionsShareFewChunks() throws Exception {
    MemoryDriver near = new MemoryDriver(MemoryDriver.Temper.WILD, 10, 300, 5);
    MemoryDriver far = new MemoryDriver(MemoryDriver.Temper.WILD, 11, 300, 5);
    UcxConnection[] clients = new UcxConnection[12];
    UcxConnection[] servers = new UcxConnection[clients.length];
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Future<?>[] ends = new Future<?>[clients.length];
      for (int i = 0; i < clients.length; i++) {
        MemoryPipe pipe = MemoryPipe.between(near, far);
        UcxConnection client = Pair.connection(pipe, 1, 2);
        UcxConnection server = Pair.connection(pipe.peer(), 2, 1);
        clients[i] = client;
        servers[i] = server;
        byte[] bytes = Pair.bytes(i, 20_000);
        Future<?> writing =
            threads.submit(
                () -> {
                  Pair.write(client, bytes);
                  client.shutdownOutput();
                  return null;
                });
        ends[i] =
            threads.submit(
                () -> {
                  assertArrayEquals(bytes, Pair.read(server, bytes.length));
                  Pair.assertEnd(server);
                  writing.get();
                  return null;
                });
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
    for (int i = 0; i < clients.length; i++) {
      clients[i].close();
      servers[i].close();
    }
    near.settle(far);
    assertEquals(0, near.chunks().inUse());
    assertEquals(0, far.chunks().inUse());
    near.close();
    far.close();
  }

  private static void assertSameBothWays(Pair pair, long seed, int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<byte[]> toServer = threads.submit(writing(pair.client, seed, count));
      Future<byte[]> toClient = threads.submit(writing(pair.server, seed + 100, count));
      Future<byte[]> atServer = threads.submit(reading(pair.server, seed + 200));
      Future<byte[]> atClient = threads.submit(reading(pair.client, seed + 300));
      assertArrayEquals(toServer.get(), atServer.get());
      assertArrayEquals(toClient.get(), atClient.get());
    } finally {
      threads.shutdownNow();
    }
  }

  /** Writes pieces of any size from buffers of any kind; returns the hash of what it wrote. */
  private static Callable<byte[]> writing(UcxConnection to, long seed, int count) {
    return () -> {
      Random random = new Random(seed);
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      PipeSeat seat = new PipeSeat();
      for (int left = count; left > 0; ) {
        int length = Math.min(left, random.nextInt(random.nextBoolean() ? 40 : 200_000) + 1);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        hash.update(bytes);
        left -= length;
        ByteBuffer src =
            switch (random.nextInt(3)) {
              case 0 -> ByteBuffer.wrap(bytes);
              case 1 -> ByteBuffer.wrap(bytes).asReadOnlyBuffer();
              default -> ByteBuffer.allocateDirect(length).put(bytes).flip();
            };
        Pair.write(to, src, seat);
      }
      to.shutdownOutput();
      return hash.digest();
    };
  }

  private static Callable<byte[]> reading(UcxConnection from, long seed) {
    return () -> {
      Random random = new Random(seed);
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      PipeSeat seat = new PipeSeat();
      byte[] array = new byte[300_000];
      ByteBuffer heap = ByteBuffer.wrap(array, 5, 200_000).slice();
      ByteBuffer direct = ByteBuffer.allocateDirect(100_000);
      while (true) {
        if (random.nextInt(4) == 0) {
          int n = from.read(array, 7, random.nextInt(1000) + 1);
          if (n > 0) {
            hash.update(array, 7, n);
          }
          continue;
        }
        ByteBuffer dst = random.nextBoolean() ? heap : direct;
        dst.clear().limit(random.nextInt(dst.capacity()) + 1);
        if (Pair.read(from, dst, seat) < 0) {
          return hash.digest();
        }
        hash.update(dst.flip());
      }
    };
  }

  @Test
  void asMuchAsLoopbackTcpTakesIsWrittenBeforeAnyIsRead() throws Exception {
    try (Pair pair = Pair.calm()) {
      byte[] bytes = Pair.bytes(1, Frames.WINDOW + 1000);
      assertEquals(Frames.WINDOW, pair.writeAll(pair.client, bytes));
      assertEquals(0, pair.client.readyEvents(NetworkEvent.WRITE));
      pair.settle();
      assertEquals(Frames.WINDOW, pair.server.available());
      byte[] half = Pair.read(pair.server, Frames.WINDOW / 2);
      pair.settle();
      assertEquals(NetworkEvent.WRITE, pair.client.readyEvents(NetworkEvent.WRITE));
      assertEquals(1000, pair.client.write(bytes, Frames.WINDOW, 1000));
      byte[] rest = Pair.read(pair.server, Frames.WINDOW / 2 + 1000);
      byte[] all = ByteBuffer.allocate(bytes.length).put(half).put(rest).array();
      assertArrayEquals(bytes, all);
    }
  }

  @Test
  void smallWritesToABusyPipeGoInOnePiece() throws Exception {
    MemoryDriver near = new MemoryDriver(MemoryDriver.Temper.WILD, 3, 4096, 64);
    try (Pair pair = Pair.of(near, MemoryDriver.calm())) {
      near.lock(); // as another connection's thread would
      byte[] bytes = Pair.bytes(4, 2000);
      for (byte b : bytes) {
        assertEquals(1, pair.client.write(new byte[] {b}, 0, 1));
      }
      near.unlock();
      assertArrayEquals(bytes, Pair.read(pair.server, bytes.length));
      near.run(() -> assertEquals(bytes.length + Frames.HEADER_BYTES, pair.pipe.bytesSent()));
    }
  }

  @Test
  void oneConnectionHasSoManyChunksAndNoMore() throws Exception {
    try (Pair pair = Pair.calm()) {
      pair.near.lock();
      int total = 0;
      for (int n = 1; n > 0; total += n) {
        n = pair.client.write(new byte[1 << 20], 0, 1 << 20);
      }
      assertEquals(Outbox.MOST_CHUNKS, pair.near.chunks().inUse());
      assertEquals(0, pair.client.readyEvents(NetworkEvent.WRITE));
      pair.near.unlock();
      pair.settle();
      assertEquals(NetworkEvent.WRITE, pair.client.readyEvents(NetworkEvent.WRITE));
      assertEquals(total, pair.server.available());
    }
  }

  @Test
  void memoryIsGivenBackOnceAllIsRead() throws Exception {
    try (Pair pair = Pair.calm()) {
      byte[] bytes = Pair.bytes(5, 1_000_000);
      Pair.write(pair.client, bytes);
      pair.settle();
      assertEquals(1_000_000 / Blocks.BLOCK_BYTES + 1, Blocks.inUse());
      Thread.sleep(2500); // sweeps find it unread, and then wait for the reader
      assertEquals(0, pair.far.planned());
      assertArrayEquals(bytes, Pair.read(pair.server, bytes.length));
      assertTrue(Blocks.inUse() <= 1);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (Blocks.inUse() > 0) {
        assertTrue(System.nanoTime() - end < 0, "an idle connection keeps its block");
        Thread.sleep(20);
      }
      assertEquals(0, pair.far.planned(), "nothing is planned for an idle connection");
      byte[] more = Pair.bytes(6, 200_000);
      Pair.write(pair.client, more);
      assertArrayEquals(more, Pair.read(pair.server, more.length));
    }
  }

  @Test
  void urgentBytesAreInTheStreamOfWhoTakesThemInline() throws Exception {
    try (Pair pair = Pair.wild(12)) {
      pair.server.takeUrgentInline(true);
      assertEquals(1, pair.client.write(new byte[] {1}, 0, 1));
      assertEquals(1, pair.client.writeUrgent((byte) -2));
      assertEquals(1, pair.client.write(new byte[] {3}, 0, 1));
      assertArrayEquals(new byte[] {1, -2, 3}, Pair.read(pair.server, 3));
    }
  }

  @Test
  void urgentBytesPassOthersByAndStillEarnCredit() throws Exception {
    try (Pair pair = Pair.calm()) {
      PipeSeat seat = new PipeSeat();
      for (int i = 0; i < Frames.WINDOW + 100_000; i++) {
        if (pair.client.writeUrgent((byte) 1) == 0) {
          assertEquals(NetworkEvent.WRITE, seat.await(pair.client, NetworkEvent.WRITE, 10_000));
          i--;
        }
      }
      Pair.write(pair.client, new byte[] {7});
      assertArrayEquals(new byte[] {7}, Pair.read(pair.server, 1));
      assertEquals(0, pair.server.available());
    }
  }

  @Test
  void saysForHowLongNothingWasMoved() throws Exception {
    try (Pair pair = Pair.calm()) {
      assertEquals(ConnectionNumbers.UNKNOWN, pair.client.numbers().out().quietNanos());
      Pair.write(pair.client, new byte[] {1, 2});
      assertEquals(0, pair.client.numbers().out().quietNanos(), "since the last sweep");
      pair.settle();
      long before = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);
      pair.near.run(() -> pair.client.swept(before));
      pair.far.run(() -> pair.server.swept(before));
      assertTrue(pair.client.numbers().out().quietNanos() >= TimeUnit.MINUTES.toNanos(1));
      assertEquals(ConnectionNumbers.UNKNOWN, pair.server.numbers().in().quietNanos());
      pair.near.run(() -> pair.client.swept(before + TimeUnit.SECONDS.toNanos(1)));
      assertTrue(
          pair.client.numbers().out().quietNanos() >= TimeUnit.MINUTES.toNanos(1),
          "nothing was moved meanwhile");
      assertEquals(2, Pair.read(pair.server, 2).length);
      assertEquals(0, pair.server.numbers().in().quietNanos(), "since the last sweep");
    }
  }

  @Test
  void isClosingUntilThePeerCloses() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.client, new byte[] {1, 2});
      pair.near.run(() -> assertFalse(pair.client.isClosing()));
      pair.near.lock();
      try {
        pair.client.close(); // Not sent before the lock is given back.
        assertTrue(pair.client.isClosing());
        assertTrue(pair.client.numbers().closed());
        assertEquals(2, pair.client.numbers().out().queued());
      } finally {
        pair.near.unlock();
      }
      pair.settle();
      pair.near.run(() -> assertFalse(pair.client.isClosing(), "the peer has closed the pipe"));
    }
  }
}
