package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process in which nothing happens does nothing. */
@Tag("on-one-jdk")
@Timeout(60)
class IdleTest {
  /** All that another test's sweeps can take: the interval doubles from 200 ms to 8 s. */
  private static final int MILLIS = 30_000;

  @Test
  void idleConnectionsKeepTheThreadAsleepAndNoMemory() throws Exception {
    try (Listening listening = Listening.open(5)) {
      long before = switches();
      Listening.Pair pair = listening.pair();
      assertNotEquals(before, switches(), "what the thread did for a connect is not seen");
      Flow.assertEchoes(pair);
      Flow.write(pair.client(), new byte[1_000_000]);
      Flow.read(pair.server(), 1_000_000);
      Flow.eventually(MILLIS, () -> wakeupsWithin(1500) == 0, "the thread wakes up");
      assertEquals(0, wakeupsWithin(3000));
      assertTrue(Flow.usedKiB(listening.through) < 1024, listening.through::describe);
      Flow.assertEchoes(pair);
      pair.close();
    }
  }

  @Test
  void unreadBytesKeepTheThreadAsleepMostOfTheTime() throws Exception {
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      assertEquals(10, pair.client().write(ByteBuffer.allocate(10)));
      Flow.eventually(MILLIS, () -> wakeupsWithin(3000) <= 1, "the thread wakes up");
      pair.close();
    }
  }

  private static long wakeupsWithin(int millis) {
    long before = switches();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return switches() - before;
  }

  /** How often the provider's threads have given up the processor: that follows each wakeup. */
  private static long switches() {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      List<Long> switches =
          threads
              .map(IdleTest::switchesOf)
              .filter(OptionalLong::isPresent)
              .map(OptionalLong::getAsLong)
              .toList();
      assertFalse(switches.isEmpty(), "no thread of the provider's is found");
      return switches.stream().mapToLong(Long::longValue).sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static OptionalLong switchesOf(Path thread) {
    try {
      List<String> status = Files.readAllLines(thread.resolve("status"), StandardCharsets.UTF_8);
      if (!status.get(0).endsWith("twinport-shm")) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(
          status.stream()
              .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow());
    } catch (IOException e) {
      // It has ended meanwhile.
      return OptionalLong.empty();
    }
  }
}
