package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What a waiter's rest is, and what it leaves of the thread that it is on: the application's. */
class PosixProcessorsTest {
  private static final int RESTS = 100;
  private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static void assertHasPermit() {
    long begun = System.nanoTime();
    LockSupport.parkNanos(LONG_NANOS);
    assertTrue(System.nanoTime() - begun < LONG_NANOS / 2, "the permit is lost");
  }

  @Test
  void thePermitToParkStays() {
    for (int i = 0; i < RESTS; i++) {
      LockSupport.unpark(Thread.currentThread());
      PosixProcessors.INSTANCE.rest();
      assertHasPermit();
    }
  }

  @Test
  void theInterruptStaysAndTheRestIsOne() {
    Thread.currentThread().interrupt();
    long begun = System.nanoTime();
    for (int i = 0; i < RESTS; i++) {
      PosixProcessors.INSTANCE.rest();
    }
    long took = System.nanoTime() - begun;
    assertTrue(Thread.interrupted());
    assertTrue(took >= TimeUnit.MICROSECONDS.toNanos(RESTS), () -> took + " ns");
  }
}
