package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One race at a time, very often: an arming that finds nothing is followed by a post, whatever the
 * other side does at that moment. Nobody sleeps here, and nobody looks at readiness to save
 * himself.
 */
@Timeout(120)
class LitmusTest {
  private static final int ROUNDS = Integer.getInteger("twinport.test.litmus", 20_000);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Counts the posts; has no bell, so that the provider's own thread takes part. */
  private static final class Counter extends Seat {
    private final AtomicLong posts = new AtomicLong();

    Counter() {
      super(null);
    }

    @Override
    public void post(SanTarget target) {
      posts.incrementAndGet();
    }

    /** Waits for a post behind {@code seen}, helping to take events now and then. */
    void await(long seen, boolean helping) {
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (posts.get() == seen) {
        if (helping) {
          poll();
        }
        Thread.onSpinWait();
        assertTrue(System.nanoTime() - end < 0, "armed, and never posted to");
      }
    }

    private static void poll() {
      try {
        Listening.provider().poll(false);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @FunctionalInterface
  private interface Task {
    void run() throws IOException;
  }

  /** Runs {@code first} beside {@code second}, which runs on this thread. */
  private static void race(Task first, Task second) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                first.run();
              } catch (IOException | AssertionError e) {
                failure.set(e);
              }
            });
    thread.start();
    try {
      second.run();
    } finally {
      thread.join();
    }
    Flow.rethrow(failure.get());
  }

  private static void hesitate(Random random) {
    for (int i = random.nextInt(100) - 50; i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  @Test
  void armedReaderIsPosted() throws Exception {
    AtomicLong consumed = new AtomicLong();
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      race(
          () -> {
            Random random = new Random(1);
            ByteBuffer one = ByteBuffer.allocate(1);
            for (long i = 0; i < ROUNDS; i++) {
              long end = System.nanoTime() + 2 * PATIENCE_NANOS;
              while (consumed.get() < i && System.nanoTime() - end < 0) {
                Thread.onSpinWait();
              }
              hesitate(random);
              assertEquals(1, pair.client().write(one.clear()));
            }
          },
          () -> {
            Random random = new Random(2);
            ByteBuffer dst = ByteBuffer.allocate(10);
            Counter seat = new Counter();
            for (long i = 0; i < ROUNDS; i++) {
              readOne(pair.server(), dst.clear(), seat, random);
              consumed.set(i + 1);
            }
          });
      pair.close();
    }
  }

  private static void readOne(SanConnection from, ByteBuffer dst, Counter seat, Random random)
      throws IOException {
    while (from.read(dst) == 0) {
      long seen = seat.posts.get();
      if (from.arm(NetworkEvent.READ, seat) == 0) {
        seat.await(seen, random.nextBoolean());
      }
      hesitate(random);
    }
  }

  @Test
  void armedWriterIsPosted() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      Flow.writeNow(pair.client(), new byte[LinkLayout.MAX_UNREAD + 1]);
      race(
          () -> {
            Random random = new Random(1);
            ByteBuffer dst = ByteBuffer.allocate(600_000);
            // Reads on and on: room is told of when a quarter of what is unread has been read.
            while (!over.get()) {
              pair.server().read(dst.clear().limit(1 + random.nextInt(dst.capacity())));
              hesitate(random);
            }
          },
          () -> {
            Random random = new Random(2);
            Counter seat = new Counter();
            ByteBuffer src = ByteBuffer.allocate(2_000_000);
            try {
              for (int armed = 0; armed < ROUNDS / 50; ) {
                long seen = seat.posts.get();
                if (pair.client().write(src.clear()) == 0
                    && pair.client().arm(NetworkEvent.WRITE, seat) == 0) {
                  armed++;
                  seat.await(seen, random.nextBoolean());
                }
              }
            } finally {
              over.set(true);
            }
          });
      pair.close();
    }
  }

  @Test
  void armedListenerIsPosted() throws Exception {
    AtomicLong accepted = new AtomicLong();
    int rounds = ROUNDS / 10;
    try (Listening listening = Listening.open(5)) {
      race(
          () -> {
            Random random = new Random(1);
            for (long i = 0; i < rounds; i++) {
              long end = System.nanoTime() + 2 * PATIENCE_NANOS;
              while (accepted.get() < i && System.nanoTime() - end < 0) {
                Thread.onSpinWait();
              }
              hesitate(random);
              listening.connect().close();
            }
          },
          () -> {
            Random random = new Random(2);
            Counter seat = new Counter();
            for (long i = 0; i < rounds; i++) {
              SanConnection server = listening.listener.accept();
              while (server == null) {
                long seen = seat.posts.get();
                listening.listener.event().enumerate();
                if (listening.listener.arm(NetworkEvent.ACCEPT, seat) == 0) {
                  seat.await(seen, random.nextBoolean());
                }
                server = listening.listener.accept();
              }
              server.close();
              accepted.set(i + 1);
            }
            listening.listener.arm(NetworkEvent.ACCEPT, null);
          });
    }
  }

  @Test
  void armedConnectIsPosted() throws Exception {
    int rounds = ROUNDS / 10;
    // A provider of its own is another process to this one, as far as links go.
    ShmProvider other = Listening.started("shm.max-bytes", "64m");
    try (Listening listening = Listening.open(5)) {
      Counter seat = new Counter();
      Listening.connect(other, listening.address(), null).close();
      listening.accept().close();
      for (int i = 0; i < rounds; i++) {
        SanConnection client = other.connect(listening.address(), null);
        while (!client.finishConnect()) {
          long seen = seat.posts.get();
          if (client.arm(NetworkEvent.CONNECT, seat) == 0) {
            seat.await(seen, false);
          }
        }
        client.close();
        listening.accept().close();
      }
    }
  }
}
