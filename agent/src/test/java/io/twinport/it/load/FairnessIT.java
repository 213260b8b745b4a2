package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody starves: flows that are alike get alike, beside others that take their time. */
@Tag("on-one-jdk")
@Timeout(300)
class FairnessIT {
  private static final int FAST = 100;
  private static final int SLOW = 10;
  private static final int HALF = 2;

  /** With two threads a flow it is the kernel's scheduler that deals out most. */
  private static final int QUARTER = 4;

  private static final int WARM_UP_MILLIS = 500;
  private static final int MILLIS = 3000;

  /** What is measured in vain first may be the machine's doing. */
  private static final int ATTEMPTS = 4;

  @ParameterizedTest(name = "{0}, agent: {1}")
  @CsvSource({"selector, true", "threads, true", "selector, false", "threads, false"})
  void theSlowestOfManyEqualFlowsGetsItsPart(String way, boolean agent) throws Exception {
    int part = way.equals("selector") ? HALF : QUARTER;
    Jvm serverJvm = Jvm.of("SourceServer", way, "127.0.0.1/0").optimized();
    Jvm clientJvm = Jvm.of("FlowsClient", way).optimized();
    if (!agent) {
      serverJvm.withoutAgent();
      clientJvm.withoutAgent();
    }
    try (Program server = serverJvm.start();
        Program client = clientJvm.start()) {
      client.call("open " + FAST + " " + SLOW + " 127.0.0.1 " + server.port());
      if (agent) {
        San.assertOffTcp(server, server.port(), FAST + SLOW);
      } else {
        San.assertOnTcp(server, server.port(), FAST + SLOW);
      }
      client.call("measure " + WARM_UP_MILLIS);
      Answer measured = client.call("measure " + MILLIS);
      for (int i = 1; i < ATTEMPTS && !isFair(measured, part); i++) {
        measured = client.call("measure " + MILLIS);
      }
      System.out.println("fairness, " + way + ", agent " + agent + ": " + measured);
      assertTrue(isFair(measured, part), measured.line());
    }
  }

  private static boolean isFair(Answer measured, int part) {
    return isPart(measured, "fast", part) && isPart(measured, "slow", HALF);
  }

  /** Whether the slowest gets such a part of the mean. */
  private static boolean isPart(Answer measured, String which, int part) {
    long least = measured.number(which + "-least");
    return least > 0 && part * least >= measured.number(which + "-mean");
  }
}
