package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.LossyLine;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.TwoHosts;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts on a line that delays and loses packets, and then is there no more. */
@Tag("on-one-jdk")
@Timeout(1800)
class BadLineIT {
  private static final Duration DELAY = Duration.ofMillis(20);
  private static final double LOSS = 0.01;

  /** How long both ends may take to find that nobody is there any more. */
  private static final Duration FAILURE = Duration.ofSeconds(15);

  private static final int EACH = 3;

  @ParameterizedTest(name = "{0} connections")
  @ValueSource(ints = {1, 50})
  void everyByteArrives(int connections) throws Exception {
    try (TwoHosts hosts = TwoHosts.far(DELAY, LOSS).withSteadyTcp();
        Program server = hosts.server().run(Jvm.of("SelectorEchoServer", "0.0.0.0/0")).start();
        Program client = hosts.client().run(Jvm.of("BlockingEchoClient")).start()) {
      client.call("open " + connections + " " + hosts.server().address() + " " + server.port());
      assertOffTcp(server, connections);
      client.send("transfer " + ((long) Setup.FAR_MIB << 20));
      Answer transfer = client.answer("transfer", Duration.ofMinutes(25));
      assertEquals(0, transfer.number("wrong"), transfer::toString);
      long bytes = transfer.number("bytes"); // Every connection's share is of whole words.
      assertTrue(bytes > ((long) Setup.FAR_MIB << 20) - 8L * connections, transfer::toString);
      long packets = 2 * bytes / LossyLine.MTU;
      assertTrue(hosts.lostPackets() > packets * LOSS / 2, hosts.lostPackets() + " lost");
      assertOffTcp(server, connections);
      client.call("close");
    }
  }

  @ParameterizedTest(name = "{0} line, {1}")
  @CsvSource({"bad, listen", "bad, flood", "good, listen"})
  void bothEndsFailWhenTheLineIsCut(String line, String doing) throws Exception {
    Setup.needsSan();
    try (TwoHosts hosts = line.equals("bad") ? TwoHosts.far(DELAY, 0) : TwoHosts.near();
        Program server = hosts.server().run(Jvm.of("SelectorEchoServer", "0.0.0.0/0")).start();
        Program client = hosts.client().run(Jvm.of("BlockingEchoClient")).start()) {
      client.call("open " + EACH + " " + hosts.server().address() + " " + server.port());
      client.call("echo 4096");
      client.call(doing);
      assertOffTcp(server, EACH);
      assertFalse(server.call("stats").number("open") == 0);

      long start = System.nanoTime();
      hosts.cut();
      boolean flood = doing.equals("flood");
      int failed = 0;
      for (int i = 0; i < (flood ? 2 * EACH : EACH); i++) {
        String how = client.event(FAILURE).text("how");
        boolean fails = how.endsWith("Exception") && !how.startsWith("Runtime");
        failed += fails ? 1 : 0;
        // Of two threads on one connection the kernel tells one that it has failed.
        assertTrue(fails || (flood && how.equals("end-of-stream")), how);
      }
      assertTrue(failed >= EACH, failed + " have failed");
      Duration left = FAILURE.minusNanos(System.nanoTime() - start);
      Answer stats =
          Eventually.within(left, () -> server.call("stats"), now -> now.number("open") == 0);
      assertEquals(EACH, stats.number("resets"), stats::toString);
      client.call("close");
    }
  }

  /** The server has so many connections, none of them TCP's. */
  private static void assertOffTcp(Program server, int connections) throws Exception {
    // The last word of a connect is still on its way.
    Eventually.within(
        Duration.ofSeconds(5),
        () -> server.call("stats"),
        stats -> stats.number("open") == connections);
    int onTcp = ProcFs.established(server, server.port()).size();
    assertEquals(Setup.SAN ? 0 : connections, onTcp);
  }
}
