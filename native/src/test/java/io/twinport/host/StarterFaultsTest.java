package io.twinport.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.faults.Weaver;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever is stopped while he waits for a start keeps nobody else from it. */
@Tag("faults")
final class StarterFaultsTest {
  private static final long START_MILLIS = 5;

  private static Rounds rounds;

  /** Takes a moment to start. */
  private static final class Slow extends Starter<String, String> {
    final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();

    Slow() {
      super(
          "slow",
          "a slow provider",
          HostSettings.read(HostSettings.values(Given.of(Map.of("start-millis", "10000")))));
    }

    @Override
    protected String create() throws IOException {
      try {
        TimeUnit.MILLISECONDS.sleep(START_MILLIS);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return "node";
    }

    @Override
    protected void connect(String node, String connect) {
      outcomes.add(connect);
    }

    @Override
    protected void fail(String connect, IOException why) {
      outcomes.add(connect + ": " + why);
    }
  }

  @BeforeAll
  static void weave() throws Exception {
    rounds = new Rounds(Weaver.weave("io.twinport.host"));
  }

  @AfterAll
  static void report() {
    System.out.println("io.twinport.host: " + rounds.report());
    rounds.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"STACK_OVERFLOW", "OUT_OF_MEMORY", "TOOL", "INTERRUPT"})
  void listening(Fault fault) throws Exception {
    Slow[] starter = {null};
    rounds.run(
        "a listener waits for a start",
        fault,
        1,
        new Rounds.Operation() {
          @Override
          public void before() {
            starter[0] = new Slow();
          }

          @Override
          public void run() throws IOException {
            assertNotNull(starter[0].start());
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            starter[0].connectOnceStarted("connect");
            assertEquals("connect", starter[0].outcomes.poll(10, TimeUnit.SECONDS));
            assertEquals("node", starter[0].start());
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @EnumSource(names = {"STACK_OVERFLOW", "OUT_OF_MEMORY", "TOOL", "INTERRUPT"})
  void connecting(Fault fault) throws Exception {
    Slow[] starter = {null};
    rounds.run(
        "a connect begins a start",
        fault,
        1,
        new Rounds.Operation() {
          @Override
          public void before() {
            starter[0] = new Slow();
          }

          @Override
          public void run() throws IOException {
            starter[0].connectOnceStarted("first");
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            if (thrown == null) {
              assertEquals("first", starter[0].outcomes.poll(10, TimeUnit.SECONDS));
            }
            assertEquals("node", starter[0].start());
            starter[0].outcomes.clear();
            starter[0].connectOnceStarted("second");
            assertEquals("second", starter[0].outcomes.poll(10, TimeUnit.SECONDS));
          }
        });
    rounds.verify();
  }
}
