package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.twinport.spi.NetworkEvent;
import io.twinport.ucx.stream.Frames;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that sleep as soon as they find nothing, with nobody to look again for them: a wakeup
 * that is lost is a hang.
 */
@Tag("on-one-jdk")
@Timeout(180)
class WakeupTest {
  private static final int MILLIS = 30_000;

  @Test
  void noWakeupOfAReaderIsLost() throws Exception {
    try (Pair pair = Pair.calm()) {
      pingPong(pair, 100_000);
    }
  }

  @Test
  void noWakeupIsLostOnAWildPipe() throws Exception {
    try (Pair pair = Pair.wild(20)) {
      pingPong(pair, 5_000);
    }
  }

  private static void pingPong(Pair pair, int rounds) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> echo =
          thread.submit(
              () -> {
                PipeSeat seat = new PipeSeat();
                ByteBuffer one = ByteBuffer.allocate(1);
                while (Pair.read(pair.server, one.clear(), seat) >= 0) {
                  Pair.write(pair.server, one.flip(), seat);
                }
                return null;
              });
      PipeSeat seat = new PipeSeat();
      ByteBuffer one = ByteBuffer.allocate(1);
      for (int i = 0; i < rounds; i++) {
        one.clear().put((byte) i).flip();
        Pair.write(pair.client, one, seat);
        assertEquals(1, Pair.read(pair.client, one.clear(), seat));
        assertEquals((byte) i, one.get(0));
      }
      pair.client.shutdownOutput();
      echo.get();
    } finally {
      thread.shutdownNow();
    }
  }

  /** Writers that always stop for want of credit or chunks, and readers that drain all. */
  @Test
  void noWakeupOfAWriterIsLost() throws Exception {
    MemoryDriver near = new MemoryDriver(MemoryDriver.Temper.WILD, 30, 1 << 15, 3);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Pair pair = Pair.of(near, MemoryDriver.calm())) {
      int count = 12 * Frames.WINDOW;
      Future<?> writing =
          thread.submit(
              () -> {
                Random random = new Random(31);
                PipeSeat seat = new PipeSeat();
                byte[] bytes = new byte[1 << 20];
                for (int left = count; left > 0; ) {
                  int length = Math.min(left, random.nextInt(bytes.length) + 1);
                  int n = pair.client.write(bytes, 0, length);
                  left -= n;
                  if (n < length) {
                    assertNotEquals(0, seat.await(pair.client, NetworkEvent.WRITE, MILLIS));
                  }
                }
                pair.client.shutdownOutput();
                return null;
              });
      PipeSeat seat = new PipeSeat();
      ByteBuffer dst = ByteBuffer.allocateDirect(1 << 20);
      long total = 0;
      while (true) {
        int n = Pair.read(pair.server, dst.clear(), seat);
        if (n < 0) {
          break;
        }
        total += n;
      }
      assertEquals(count, total);
      writing.get();
    } finally {
      thread.shutdownNow();
    }
  }
}
