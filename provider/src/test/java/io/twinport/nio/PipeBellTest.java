package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.Bell;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SanAccess;

final class PipeBellTest {
  private PipeBell bell;

  @BeforeEach
  void take() {
    assertTrue(Shim.isLinked());
    bell = Bells.take();
  }

  @AfterEach
  void give() {
    Bells.give(bell);
  }

  private void ringFrom(int... cores) throws IOException {
    for (int core : cores) {
      assertEquals(1, SanAccess.ring(bell.writeFd(), Bell.from(core)));
    }
  }

  @Test
  void tellsWhereTheLastRingCameFrom() throws IOException {
    ringFrom(1, 200, 2);
    assertTrue(bell.drain());
    assertEquals(Bell.from(2), bell.rungFrom());
    ringFrom(3, 200);
    assertTrue(bell.drain());
    assertEquals(Bell.from(200), bell.rungFrom());
    bell.ring();
    assertTrue(bell.drain());
    assertEquals(Bell.FROM_ANYWHERE, bell.rungFrom());
    assertFalse(bell.drain());
  }

  @Test
  void isSilentAfterAsManyRingsAsThereCanBe() throws IOException {
    for (int rings = 1; rings < 20; rings++) {
      ringFrom(IntStream.range(0, rings).toArray());
      assertTrue(bell.drain());
      assertEquals(Bell.from(rings - 1), bell.rungFrom());
      assertFalse(bell.drain());
      assertEquals(Bell.FROM_ANYWHERE, bell.rungFrom());
    }
  }

  @Test
  void wakesWhoeverSleepsOnIt() throws Exception {
    PipeBell slept = new PipeBell(1_000_001);
    slept.sleepOn();
    FutureTask<Byte> sleeping = new FutureTask<>(() -> rungFrom(slept, Long.MAX_VALUE));
    new Thread(sleeping).start();
    TimeUnit.MILLISECONDS.sleep(50); // Whether it sleeps by then is all the same to the outcome.
    SanAccess.ring(slept.writeFd(), Bell.from(3));
    assertEquals(Bell.from(3), sleeping.get(20, TimeUnit.SECONDS));
    assertEquals(Bell.FROM_ANYWHERE, rungFrom(slept, 1));
    SanAccess.ring(slept.writeFd(), Bell.from(4));
    assertEquals(Bell.from(4), rungFrom(slept, TimeUnit.MINUTES.toNanos(1)));
  }

  private static byte rungFrom(PipeBell bell, long nanos) throws IOException {
    bell.await(nanos);
    return bell.rungFrom();
  }

  /** A peer may write faster than anybody reads: whoever is woken goes on, and is woken again. */
  @Test
  void oneDrainDoesNotEmptyAFloodedPipe() throws IOException {
    int rings = 0;
    while (SanAccess.ring(bell.writeFd(), Bell.from(rings)) == 1) {
      rings++;
    }
    int drains = 0;
    while (bell.drain()) {
      drains++;
    }
    assertTrue(drains > rings / 100, drains + " drains for " + rings + " rings");
  }

  /** An application whose direct memory is used up still accepts, selects and blocks. */
  @Test
  void takesNoDirectMemory() throws IOException {
    long before = direct().getCount();
    new PipeBell(1_000_000);
    assertTrue(direct().getCount() <= before); // Of others' some may have been given back.
  }

  private static BufferPoolMXBean direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .findFirst()
        .orElseThrow();
  }
}
