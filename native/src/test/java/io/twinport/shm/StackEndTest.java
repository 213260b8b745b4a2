package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Operations at the very end of a stack, one call nearer to it in each round: wherever the error
 * strikes, nobody else may miss an event, a byte or a lock, and nothing is left behind.
 */
@Timeout(120)
class StackEndTest {
  private static final long STACK_BYTES = 256 << 10;

  /** From where nothing overflows to where nothing can be called: so many calls. */
  private static final int CALLS = 600;

  /** So many calls nearer each time. */
  private static final int STEP = 4;

  /** With methods that are interpreted at first, and compiled later. */
  private static final int ROUNDS = 3;

  /** How high the stack goes changes while methods are compiled. */
  private static final int CALLS_BETWEEN_LOOKS = 20;

  /** Something done at the end of the stack. */
  private interface Operation {
    void run() throws IOException;
  }

  /** Runs operations at a given number of calls before the end of its stack. */
  private static final class Climber {
    private final Operation operation;
    int runs;
    int overflows;
    private int height;

    Climber(Operation operation) {
      this.operation = operation;
    }

    /** How many calls of {@link #climb} the stack has room for; differs with what is compiled. */
    private int height() {
      int low = 0;
      int high = 1 << 16;
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        try {
          climb(middle, () -> {});
          low = middle;
        } catch (StackOverflowError e) {
          high = middle;
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
      return low;
    }

    private long climb(int calls, Operation at) throws IOException {
      if (calls == 0) {
        at.run();
        return 1;
      }
      return climb(calls - 1, at) + calls;
    }

    /** Returns whether the operation was run to its end. */
    boolean run(int callsLeft) throws IOException {
      if (runs++ % CALLS_BETWEEN_LOOKS == 0) {
        height = height();
      }
      try {
        climb(Math.max(0, height - callsLeft), operation);
        return true;
      } catch (StackOverflowError e) {
        overflows++;
        return false;
      }
    }
  }

  private interface Body {
    void run() throws Exception;
  }

  private static void onSmallStack(Body body) throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                body.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            },
            "end-of-stack",
            STACK_BYTES);
    thread.start();
    thread.join();
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
  }

  private static void report(String what, Climber climber) {
    System.out.println(
        "end of stack: "
            + what
            + ": "
            + CALLS / STEP
            + " points, "
            + climber.runs
            + " operations, "
            + climber.overflows
            + " overflows");
    assertNotEquals(0, climber.overflows, "the end was never reached");
    assertNotEquals(climber.runs, climber.overflows, "nothing was ever done");
  }

  /** Classes are loaded, and the provider is started, with all the stack there is. */
  @BeforeAll
  static void everythingWasDoneOnce() throws IOException {
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      write(pair.client(), 1);
      assertEquals(1, read(pair.server()));
      pair.close();
    }
  }

  private static void write(SanConnection to, int b) throws IOException {
    assertEquals(1, to.write(new byte[] {(byte) b}, 0, 1));
  }

  private static int read(SanConnection from) throws IOException {
    byte[] one = new byte[1];
    try (BellSeat seat = BellSeat.of(Listening.provider())) {
      assertNotEquals(0, seat.await(from, NetworkEvent.READ, Listening.MILLIS), "no byte");
    }
    assertEquals(1, from.read(one, 0, 1));
    return one[0] & 0xff;
  }

  /** Whether the peer has given it up; what it would read is of no use then. */
  private static boolean isReset(SanConnection connection) {
    try {
      return connection.read(new byte[1], 0, 1) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  private static void finish(SanConnection client) throws IOException {
    try (BellSeat seat = BellSeat.of(Listening.provider())) {
      assertNotEquals(0, seat.await(client, NetworkEvent.CONNECT, Listening.MILLIS), "no outcome");
    }
    assertTrue(client.finishConnect());
  }

  private static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  @Test
  void aWrittenByteArrivesOnceAndWakesItsReader() throws Exception {
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      byte[] next = new byte[1];
      int[] taken = new int[1];
      Climber climber = new Climber(() -> taken[0] = pair.client().write(next, 0, 1));
      onSmallStack(
          () -> {
            int count = 0;
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= STEP) {
                next[0] = (byte) count;
                taken[0] = 0;
                climber.run(calls);
                if (taken[0] == 1) {
                  assertEquals(count & 0xff, read(pair.server()), "byte " + count);
                  count++;
                }
              }
            }
          });
      assertEquals(0, pair.server().available());
      report("write", climber);
      pair.close();
    }
  }

  @Test
  void aReadByteIsReadOnceAndMakesRoom() throws Exception {
    try (Listening listening = Listening.open(5)) {
      Listening.Pair pair = listening.pair();
      byte[] next = new byte[1];
      int[] taken = new int[1];
      Climber climber = new Climber(() -> taken[0] = pair.server().read(next, 0, 1));
      onSmallStack(
          () -> {
            int count = 0;
            write(pair.client(), count);
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= STEP) {
                taken[0] = 0;
                climber.run(calls);
                if (taken[0] == 1) {
                  assertEquals(count & 0xff, next[0] & 0xff);
                  count++;
                  write(pair.client(), count);
                }
              }
            }
            assertEquals(count & 0xff, read(pair.server()));
          });
      report("read", climber);
      pair.close();
    }
  }

  @Test
  void whoeverTakesTheEventsOfOthersLosesNone() throws Exception {
    try (Listening listening = Listening.open(5)) {
      Climber climber = new Climber(() -> listening.through.poll(true));
      onSmallStack(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= 2 * STEP) {
                SanConnection client = listening.through.connect(listening.destination(), null);
                climber.run(calls);
                SanConnection server = listening.accept();
                write(server, calls);
                climber.run(calls);
                finish(client);
                assertEquals(calls & 0xff, read(client));
                client.close();
                server.close();
              }
            }
          });
      report("poll", climber);
    }
  }

  @Test
  void aConnectSucceedsOrLeavesNothing() throws Exception {
    try (Listening listening = Listening.open(1000)) {
      SanConnection[] made = new SanConnection[1];
      Climber climber =
          new Climber(() -> made[0] = listening.through.connect(listening.destination(), null));
      int[] before = new int[1];
      onSmallStack(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= STEP) {
                made[0] = null;
                climber.run(calls);
                if (made[0] != null) {
                  finish(made[0]);
                  SanConnection server = listening.accept();
                  while (isReset(server)) { // One that was made when its connect was stopped.
                    server.close();
                    server = listening.accept();
                  }
                  write(server, calls);
                  assertEquals(calls & 0xff, read(made[0]));
                  made[0].close();
                  server.close();
                }
              }
              if (round == 0) {
                before[0] = descriptors();
              }
            }
          });
      for (SanConnection left; (left = listening.listener.accept()) != null; left.close()) {
        assertTrue(isReset(left), "a connection that nobody has");
      }
      // Memory that is given up has one for a moment longer.
      Flow.eventually(10_000, () -> descriptors() <= before[0], "descriptors stay");
      report("connect", climber);
    }
  }

  @Test
  void whatCouldNotBeClosedCanBeClosedAgain() throws Exception {
    try (Listening listening = Listening.open(5)) {
      SanConnection[] current = new SanConnection[1];
      Climber climber = new Climber(() -> current[0].close());
      onSmallStack(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= 2 * STEP) {
                Listening.Pair pair = listening.pair();
                current[0] = pair.client();
                if (!climber.run(calls)) {
                  pair.client().close();
                }
                try (BellSeat seat = BellSeat.of(Listening.provider())) {
                  assertNotEquals(
                      0, seat.await(pair.server(), NetworkEvent.READ, Listening.MILLIS), "no end");
                }
                assertEquals(-1, pair.server().read(new byte[1], 0, 1));
                pair.server().close();
              }
            }
          });
      report("close", climber);
    }
  }

  @Test
  void whoeverArmsIsRung() throws Exception {
    try (Listening listening = Listening.open(5);
        BellSeat seat = BellSeat.of(Listening.provider())) {
      Listening.Pair pair = listening.pair();
      int[] ready = new int[1];
      Climber climber =
          new Climber(() -> ready[0] = seat.await(pair.server(), NetworkEvent.READ, 0));
      onSmallStack(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              for (int calls = CALLS; calls >= 0; calls -= 4 * STEP) {
                ready[0] = 0;
                climber.run(calls);
                assertEquals(0, ready[0]);
                write(pair.client(), calls);
                assertEquals(calls & 0xff, read(pair.server()));
              }
            }
          });
      assertFalse(pair.server().available() > 0);
      report("wait", climber);
      pair.close();
    }
  }
}
