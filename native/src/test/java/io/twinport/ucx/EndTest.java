package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.stream.Frames;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Half-close, close, reset, as {@code SanConnection} says. */
@Timeout(120)
class EndTest {
  private static final int ALL =
      NetworkEvent.READ | NetworkEvent.WRITE | NetworkEvent.CLOSE | NetworkEvent.CONNECT;

  private static IOException readFailure(UcxConnection from) {
    return assertThrows(IOException.class, () -> Pair.read(from, 1));
  }

  private static IOException writeFailure(UcxConnection to) {
    return assertThrows(IOException.class, () -> to.write(ByteBuffer.wrap(new byte[10])));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void halfCloseLeavesTheOtherDirection(long seed) throws Exception {
    try (Pair pair = Pair.wild(seed)) {
      byte[] question = Pair.bytes(1, 100_000);
      Pair.write(pair.client, question);
      pair.client.shutdownOutput();
      pair.client.shutdownOutput();
      assertArrayEquals(question, Pair.read(pair.server, question.length));
      Pair.assertEnd(pair.server);
      byte[] answer = Pair.bytes(2, 200_000);
      Pair.write(pair.server, answer);
      pair.server.shutdownOutput();
      assertArrayEquals(answer, Pair.read(pair.client, answer.length));
      Pair.assertEnd(pair.client);
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatWasWrittenBeforeCloseArrives(long seed) throws Exception {
    try (Pair pair = Pair.wild(seed)) {
      byte[] bytes = Pair.bytes(3, 50_000);
      Pair.write(pair.client, bytes);
      pair.client.close();
      assertArrayEquals(bytes, Pair.read(pair.server, bytes.length));
      Pair.assertEnd(pair.server);
    }
  }

  @Test
  void closeIsAnEnd() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.client, new byte[3]);
      Pair.read(pair.server, 3);
      pair.server.close();
      pair.settle();
      assertEquals(ALL, pair.client.readyEvents(ALL));
      Pair.assertEnd(pair.client);
      assertEquals(10, pair.client.write(ByteBuffer.wrap(new byte[10])), "as TCP");
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
      Pair.assertEnd(pair.client);
    }
  }

  @Test
  void closeWithUnreadBytesResets() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.client, new byte[10]);
      pair.settle();
      pair.server.close();
      pair.settle();
      assertEquals(ALL, pair.client.readyEvents(ALL));
      assertEquals("Connection reset", readFailure(pair.client).getMessage());
      assertEquals(SocketException.class, readFailure(pair.client).getClass(), "again and again");
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
    }
  }

  @Test
  void bytesThatCrossACloseReset() throws Exception {
    try (Pair pair = Pair.calm()) {
      pair.far.lock();
      Pair.write(pair.client, new byte[10]);
      pair.server.close(); // nothing has arrived, but it was written before
      pair.far.unlock();
      pair.settle();
      assertEquals("Connection reset", readFailure(pair.client).getMessage());
    }
  }

  @Test
  void endStaysAnEndWhateverComesAfterIt() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.client, new byte[10]);
      pair.settle();
      pair.server.shutdownOutput();
      pair.server.close();
      pair.settle();
      Pair.assertEnd(pair.client);
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
    }
  }

  @Test
  void abortResets() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.server, new byte[] {1, 2});
      pair.server.abort();
      pair.settle();
      assertEquals("Connection reset by peer", writeFailure(pair.client).getMessage());
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
      assertArrayEquals(new byte[] {1, 2}, Pair.read(pair.client, 2));
      Pair.assertEnd(pair.client); // The write was told of the reset, and nobody is told twice.
    }
  }

  @Test
  void pipeThatEndsResets() throws Exception {
    try (Pair pair = Pair.calm()) {
      Pair.write(pair.server, new byte[] {1, 2});
      pair.settle();
      pair.pipe.cutNow();
      pair.settle();
      for (UcxConnection end : List.of(pair.client, pair.server)) {
        assertEquals(ALL, end.readyEvents(ALL));
      }
      assertArrayEquals(new byte[] {1, 2}, Pair.read(pair.client, 2));
      assertEquals("Connection reset", readFailure(pair.client).getMessage());
      assertEquals("Broken pipe", writeFailure(pair.client).getMessage());
      assertEquals("Connection reset by peer", writeFailure(pair.server).getMessage());
      assertEquals("Broken pipe", writeFailure(pair.server).getMessage());
    }
  }

  @Test
  void unsentBytesAreDroppedWithThePipe() throws Exception {
    MemoryDriver near = new MemoryDriver(MemoryDriver.Temper.WILD, 1, 100, 30);
    try (Pair pair = Pair.of(near, MemoryDriver.wild(2))) {
      assertTrue(pair.client.write(new byte[20_000], 0, 20_000) > 0);
      pair.pipe.cutNow();
      pair.settle();
      assertEquals(0, near.chunks().inUse());
    }
  }

  @Test
  void sleepersHearOfTheEnd() throws Exception {
    List<EndOf> ends =
        List.of(
            pair -> pair.server.close(),
            pair -> pair.server.abort(),
            pair -> pair.pipe.cutNow(),
            pair -> pair.sendRaw(new byte[] {0, 0, 0, 99}));
    for (EndOf end : ends) {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try (Pair pair = Pair.calm()) {
        UcxConnection sleeper = ends.indexOf(end) == 3 ? pair.server : pair.client;
        pair.writeAll(sleeper, new byte[Frames.WINDOW]);
        Future<?> reader = threads.submit(() -> readFailure(sleeper));
        Future<?> writer =
            threads.submit(
                () -> {
                  PipeSeat seat = new PipeSeat();
                  return seat.await(sleeper, NetworkEvent.WRITE, 20_000);
                });
        Thread.sleep(50);
        end.to(pair);
        reader.get();
        assertEquals(NetworkEvent.WRITE, writer.get());
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @FunctionalInterface
  private interface EndOf {
    void to(Pair pair) throws Exception;
  }

  /** Both sides do anything at any time; whatever it is, nothing is left and nobody hangs. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allWaysToEndLeaveNothing(long seed) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int round = 0; round < 100; round++) {
        long roundSeed = seed * 1000 + round;
        try (Pair pair = Pair.wild(roundSeed)) {
          List<Future<?>> all = new ArrayList<>();
          for (UcxConnection end : List.of(pair.client, pair.server)) {
            Random random = new Random(roundSeed + all.size());
            int size = random.nextInt(30_000);
            int steps = random.nextInt(4);
            Future<?> writing = threads.submit(() -> writeOn(end, size));
            Future<?> reading = threads.submit(() -> readOn(end));
            all.add(
                threads.submit(
                    () -> {
                      for (int spins = random.nextInt(50_000); spins > 0; spins--) {
                        Thread.onSpinWait();
                      }
                      if (steps == 0) {
                        end.shutdownOutput();
                      }
                      if (steps == 1) {
                        pair.pipe.cutNow();
                      }
                      if (steps == 2) {
                        end.abort();
                      } else {
                        end.close();
                      }
                      writing.get();
                      reading.get();
                      return null;
                    }));
          }
          for (Future<?> each : all) {
            each.get();
          }
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object writeOn(UcxConnection to, int count) {
    try {
      Pair.write(to, new byte[count]);
    } catch (IOException ended) {
      assertNotEquals(null, ended.getMessage());
    }
    return null;
  }

  private static Object readOn(UcxConnection from) {
    try {
      Pair.read(from, 1 << 20);
    } catch (IOException ended) {
      assertNotEquals(null, ended.getMessage());
    }
    return null;
  }
}
