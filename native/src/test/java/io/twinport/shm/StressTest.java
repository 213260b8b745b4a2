package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random traffic: no byte and no wakeup may be lost. Runs for {@code twinport.test.stress-seconds},
 * 20 by default, in all; a failure names its seed.
 */
@Tag("on-one-jdk")
@Timeout(value = 1, unit = TimeUnit.HOURS)
@SuppressWarnings("ThreadPriorityCheck") // polite waits
class StressTest {
  private static final int SECONDS = Integer.getInteger("twinport.test.stress-seconds", 20);
  private static final int PATIENCE = 10;
  private static final long SEED = Long.getLong("twinport.test.seed", System.nanoTime());

  /**
   * Waits now by spinning, now by sleeping at once, now by a mixture. A seat that was not rung for
   * what is ready says so itself; that nothing is ready for long may be for want of a processor.
   */
  private static void await(SanConnection target, int interest, BellSeat seat, Random random) {
    int looks = random.nextInt(3) * random.nextInt(200);
    for (int i = 0; i < PATIENCE; i++) {
      if (seat.spinThenAwait(target, interest, looks, Listening.MILLIS) != 0) {
        return;
      }
    }
    throw new AssertionError("nothing gets on");
  }

  private static void pause(Random random) {
    switch (random.nextInt(20)) {
      case 0 -> LockSupport.parkNanos(random.nextInt(2_000_000));
      case 1, 2, 3 -> LockSupport.parkNanos(1);
      default -> {}
    }
  }

  /** From 1 byte to 1 MiB, small ones as often as large ones. */
  private static int size(Random random) {
    return 1 + random.nextInt(1 << random.nextInt(21));
  }

  private static MessageDigest sha() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private abstract static class Half extends Thread {
    final SanConnection connection;
    final Random random;
    final MessageDigest digest = sha();
    final AtomicReference<Throwable> failure;
    long count;

    Half(SanConnection connection, long seed, AtomicReference<Throwable> failure) {
      this.connection = connection;
      this.random = new Random(seed);
      this.failure = failure;
    }

    @Override
    public final void run() {
      try (BellSeat seat = BellSeat.of(Listening.provider())) {
        go(seat);
      } catch (IOException | AssertionError e) {
        failure.compareAndSet(null, new AssertionError("seed " + SEED + ", at byte " + count, e));
      }
    }

    abstract void go(BellSeat seat) throws IOException;
  }

  private static final class Sender extends Half {
    private final long end;
    private final long bytes;

    Sender(
        SanConnection connection,
        long seed,
        long nanos,
        long bytes,
        AtomicReference<Throwable> failure) {
      super(connection, seed, failure);
      this.end = System.nanoTime() + nanos;
      this.bytes = bytes;
    }

    @Override
    void go(BellSeat seat) throws IOException {
      while (System.nanoTime() - end < 0 && count < bytes && failure.get() == null) {
        byte[] chunk = new byte[size(random)];
        random.nextBytes(chunk);
        digest.update(chunk);
        ByteBuffer src =
            random.nextBoolean()
                ? ByteBuffer.wrap(chunk)
                : ByteBuffer.allocateDirect(chunk.length).put(chunk).flip();
        while (src.hasRemaining()) {
          int n = connection.write(src);
          count += n;
          if (n == 0) {
            await(connection, NetworkEvent.WRITE, seat, random);
          }
        }
        pause(random);
      }
      connection.shutdownOutput();
    }
  }

  private static final class Receiver extends Half {
    Receiver(SanConnection connection, long seed, AtomicReference<Throwable> failure) {
      super(connection, seed, failure);
    }

    @Override
    void go(BellSeat seat) throws IOException {
      while (true) {
        int size = size(random);
        ByteBuffer dst =
            random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        int n = connection.read(dst);
        if (n < 0) {
          return;
        }
        count += n;
        digest.update(dst.flip());
        if (n == 0) {
          await(connection, NetworkEvent.READ, seat, random);
        } else {
          pause(random);
        }
      }
    }
  }

  @Test
  void oneConnectionBothWays() throws Exception {
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      List<Half[]> directions = new ArrayList<>();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      long nanos = TimeUnit.SECONDS.toNanos(SECONDS) / 4;
      addBothWays(directions, pair, SEED, nanos, Long.MAX_VALUE, failure);
      finish(directions, failure);
      pair.close();
    }
  }

  /** There are silent ones between them, so that they lie in several segments. */
  @Test
  void manyConnectionsBothWays() throws Exception {
    try (Listening listening = Listening.open(100)) {
      List<Half[]> directions = new ArrayList<>();
      List<Listening.Pair> pairs = new ArrayList<>();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      long nanos = TimeUnit.SECONDS.toNanos(SECONDS) / 4;
      for (int i = 0; i < 12; i++) {
        Listening.Pair pair = listening.pair();
        pairs.add(pair);
        addBothWays(directions, pair, SEED + 10L * i, nanos, Long.MAX_VALUE, failure);
        for (int silent = 0; silent < LinkLayout.MIN_SLOTS / 2; silent++) {
          pairs.add(listening.pair());
        }
      }
      finish(directions, failure);
      pairs.forEach(Listening.Pair::close);
    }
  }

  /** New connections all the time, on slots and chunks that others have just left. */
  @Test
  void shortConnectionsWithRandomEnds() throws Exception {
    Random random = new Random(SEED);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / 4;
    try (Listening listening = Listening.open(100)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Listening.Pair> leftOpen = new ArrayList<>();
      while (System.nanoTime() - end < 0) {
        List<Half[]> directions = new ArrayList<>();
        List<Listening.Pair> pairs = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          Listening.Pair pair = listening.pair();
          pairs.add(pair);
          addBothWays(
              directions,
              pair,
              random.nextLong(),
              Long.MAX_VALUE / 4,
              random.nextInt(200_000),
              failure);
        }
        finish(directions, failure);
        for (Listening.Pair pair : pairs) {
          switch (random.nextInt(4)) {
            case 0 -> pair.client().abort();
            case 1 -> pair.server().close();
            case 2 -> leftOpen.add(pair);
            default -> {}
          }
          if (random.nextInt(4) != 0) {
            pair.close();
          } else {
            leftOpen.add(pair);
          }
        }
      }
      leftOpen.forEach(Listening.Pair::close);
    }
  }

  private static void addBothWays(
      List<Half[]> directions,
      Listening.Pair pair,
      long seed,
      long nanos,
      long bytes,
      AtomicReference<Throwable> failure) {
    directions.add(
        new Half[] {
          new Sender(pair.client(), seed, nanos, bytes, failure),
          new Receiver(pair.server(), seed + 1, failure)
        });
    directions.add(
        new Half[] {
          new Sender(pair.server(), seed + 2, nanos, bytes, failure),
          new Receiver(pair.client(), seed + 3, failure)
        });
  }

  private static void finish(List<Half[]> directions, AtomicReference<Throwable> failure)
      throws InterruptedException {
    for (Half[] direction : directions) {
      direction[0].start();
      direction[1].start();
    }
    for (Half[] direction : directions) {
      direction[0].join();
      direction[1].join();
    }
    Flow.rethrow(failure.get());
    for (Half[] direction : directions) {
      assertEquals(direction[0].count, direction[1].count);
      assertArrayEquals(direction[0].digest.digest(), direction[1].digest.digest());
    }
  }

  /** A ping-pong in which a lost wakeup would be seen at once. */
  @Test
  void noWakeupIsLost() throws Exception {
    long nanos = TimeUnit.SECONDS.toNanos(SECONDS) / 4;
    int most = Integer.getInteger("twinport.test.rounds", 1_000_000);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      Half echo =
          new Half(pair.server(), SEED, failure) {
            @Override
            void go(BellSeat seat) throws IOException {
              ByteBuffer one = ByteBuffer.allocate(1);
              while (read(connection, one, seat, random)) {
                connection.write(one.flip());
                count++;
              }
            }
          };
      Half asking =
          new Half(pair.client(), SEED + 1, failure) {
            @Override
            void go(BellSeat seat) throws IOException {
              long end = System.nanoTime() + nanos;
              ByteBuffer one = ByteBuffer.allocate(1);
              while (count < most && System.nanoTime() - end < 0) {
                connection.write(one.clear().put((byte) count).flip());
                read(connection, one, seat, random);
                assertEquals((byte) count, one.get(0));
                count++;
              }
              connection.shutdownOutput();
            }
          };
      List<Half[]> both = new ArrayList<>();
      both.add(new Half[] {asking, echo});
      finish(both, failure);
      pair.close();
    }
  }

  private static boolean read(SanConnection from, ByteBuffer one, BellSeat seat, Random random)
      throws IOException {
    while (true) {
      int n = from.read(one.clear());
      if (n != 0) {
        return n > 0;
      }
      await(from, NetworkEvent.READ, seat, random);
    }
  }

  /** A byte of credit at a time: the writer's wakeups. */
  @Test
  void noCreditIsLost() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / 4;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      assertEquals(
          LinkLayout.MAX_UNREAD, Flow.writeNow(pair.client(), new byte[LinkLayout.MAX_UNREAD + 1]));
      Half writer =
          new Half(pair.client(), SEED, failure) {
            @Override
            void go(BellSeat seat) throws IOException {
              while (System.nanoTime() - end < 0) {
                ByteBuffer src = ByteBuffer.allocate(1 + random.nextInt(300_000));
                while (src.hasRemaining()) {
                  count += connection.write(src);
                  if (src.hasRemaining()) {
                    await(connection, NetworkEvent.WRITE, seat, random);
                  }
                }
              }
              connection.shutdownOutput();
            }
          };
      Half reader =
          new Half(pair.server(), SEED + 1, failure) {
            @Override
            void go(BellSeat seat) throws IOException {
              ByteBuffer dst = ByteBuffer.allocate(200_000);
              count = -LinkLayout.MAX_UNREAD;
              int n;
              while ((n = connection.read(dst.clear().limit(1 + random.nextInt(200_000)))) >= 0) {
                count += n;
                if (n == 0) {
                  await(connection, NetworkEvent.READ, seat, random);
                }
              }
            }
          };
      List<Half[]> both = new ArrayList<>();
      both.add(new Half[] {writer, reader});
      finish(both, failure);
      pair.close();
    }
  }
}
