package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The accept queue of a listener is bounded, whoever its clients are. */
@Tag("on-one-jdk")
@Timeout(240)
class BacklogIT {
  private static final int BACKLOG = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Less than it takes until TCP, which does not refuse, tries again. */
  private static final long REFUSED_WITHIN_MICROS = 500_000;

  @Test
  void fullBacklogRefusesAtOnceAndWakesNobody() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "" + BACKLOG).start();
        Program one = Jvm.of("BlockingEchoClient").start();
        Program other = Jvm.of("BlockingEchoClient").start();
        Program selecting = Jvm.of("SelectorEchoClient").start()) {
      String attempt = "attempt 1000 127.0.0.1 " + server.port();
      // The first of a process waits for native code to load, which takes its time on a busy
      // machine.
      String patiently = "attempt 20000 127.0.0.1 " + server.port();
      for (Program client : List.of(one, other, one, other)) {
        assertEquals("connected", client.call(patiently).text("outcome"));
      }
      San.assertOffTcp(server, server.port(), BACKLOG);

      assertRefused(one.call(attempt));
      assertRefused(other.call(attempt));
      // The first refusal is worth one line, and it names the property that would change it.
      String warning = server.takeError();
      assertTrue(warning.contains("twinport.backlog-full"), warning);

      long switches = server.call("wakes").number("switches");
      for (int i = 0; i < 10; i++) {
        assertRefused(one.call(attempt));
        assertRefused(other.call(attempt));
      }
      String refused = selecting.fail("open 1 127.0.0.1 " + server.port());
      assertTrue(refused.contains("ConnectException: Connection refused"), refused);
      Answer wakes = server.call("wakes");
      assertEquals(switches, wakes.number("switches"), "the selecting thread was woken");
      assertTrue(wakes.number("wakes") <= BACKLOG, wakes::toString);

      assertEquals(1, server.call("accept 1").number("accepted"));
      assertEquals("connected", other.call(attempt).text("outcome"));
      assertRefused(one.call(attempt));

      assertEquals(BACKLOG, server.call("accept 100").number("accepted"));
      one.call("write 1000");
      other.call("write 1000");
      assertEquals((BACKLOG + 1) * 1000, server.call("drain 1000").number("drained"));
    }
  }

  @Test
  void refusalsThatAreOverWakeNoSelectorThatWaitsForTheNextConnection() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "" + BACKLOG).start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open " + BACKLOG + " 127.0.0.1 " + server.port());
      for (int i = 0; i < 10; i++) {
        assertRefused(client.call("attempt 1000 127.0.0.1 " + server.port()));
      }
      server.takeError();
      assertEquals(BACKLOG, server.call("accept 100").number("accepted"));
      server.call("watch");
      long before = wakesAtRest(server);
      client.call("open 1 127.0.0.1 " + server.port());
      Eventually.within(
          PATIENCE, () -> server.call("wakes").number("wakes"), wakes -> wakes == before + 1);
      assertEquals(1, server.call("accept 100").number("accepted"));
    }
  }

  @Test
  void noListenerTakesMoreThanTheKernelsBound() throws Exception {
    Setup.needsSan();
    try (NetworkNamespace network = NetworkNamespace.open()) {
      network.run("sh", "-c", "echo " + BACKLOG + " > /proc/sys/net/core/somaxconn");
      try (Program server =
              Jvm.of("BacklogServer", "127.0.0.1/0", "100").through(network.enter()).start();
          Program client = Jvm.of("BlockingEchoClient").through(network.enter()).start()) {
        client.call("open " + BACKLOG + " 127.0.0.1 " + server.port());
        San.assertOffTcp(server, server.port(), BACKLOG);
        assertRefused(client.call("attempt 1000 127.0.0.1 " + server.port()));
        server.takeError();
        assertEquals(BACKLOG, server.call("accept 100").number("accepted"));
      }
    }
  }

  @Test
  void refusedClientsGoOnToTcpIfTheListenerSaysSo() throws Exception {
    Setup.needsSan();
    try (Program server =
            Jvm.of("BacklogServer", "127.0.0.1/0", "" + BACKLOG)
                .twinport("backlog-full", "tcp")
                .start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open " + BACKLOG + " 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), BACKLOG);
      client.call("open 1 127.0.0.1 " + server.port());
      San.assertOnTcp(server, server.port(), 1);
      assertEquals(BACKLOG + 1, server.call("accept 100").number("accepted"));
      client.call("write 1000");
      assertEquals((BACKLOG + 1) * 1000, server.call("drain 1000").number("drained"));
      List<SwitchStatus.Line> lines =
          SwitchStatus.of(client).connections(server.port()).stream()
              .filter(line -> line.path().equals("tcp"))
              .toList();
      assertEquals(1, lines.size(), lines::toString);
      assertEquals("backlog-full", lines.get(0).reason());
      String warning = server.takeError();
      assertTrue(warning.contains("twinport.backlog-full"), warning);
    }
  }

  /** How often the selecting thread had news, once it sleeps again. */
  private static long wakesAtRest(Program server) throws Exception {
    Answer[] last = {server.call("wakes")};
    Eventually.within(
        PATIENCE,
        () -> {
          TimeUnit.MILLISECONDS.sleep(100);
          Answer before = last[0];
          last[0] = server.call("wakes");
          return before.line().equals(last[0].line());
        },
        still -> still);
    return last[0].number("wakes");
  }

  private static void assertRefused(Answer attempt) {
    assertEquals("ConnectException", attempt.text("outcome"));
    assertTrue(attempt.number("micros") <= REFUSED_WITHIN_MICROS, attempt::toString);
  }
}
