package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of connections open at once, from several processes. */
@Tag("on-one-jdk")
@Timeout(300)
class CrowdIT {
  private static final int CLIENTS = 4;

  /** What may differ between before and after, for allocation by the page. */
  private static final long SLACK_KIB = 256;

  @Test
  void everyConnectionIsAcceptedOnceAndItsMemoryComesBack() throws Exception {
    List<Program> clients = new ArrayList<>();
    // With the 50 that the JDK asks for otherwise, TCP itself loses connections in such a crowd.
    try (Program server =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0").option("-Dbacklog=4096").start()) {
      try {
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(Jvm.of("SelectorEchoClient").start());
        }
        run(server, clients);
      } finally {
        for (Program client : clients) {
          client.close();
        }
      }
    }
  }

  private static void run(Program server, List<Program> clients) throws Exception {
    int share = Setup.CROWD / CLIENTS;
    String target = "127.0.0.1 " + server.port();
    for (Program client : clients) {
      client.call("open 1 " + target);
      client.call("echo 64");
      client.call("close");
    }
    awaitOpen(server, 0);
    Map<Program, Long> baseLine =
        new HashMap<>(Map.of(server, ProcFs.residentShared(server.pid())));
    for (Program client : clients) {
      baseLine.put(client, ProcFs.residentShared(client.pid()));
    }
    int descriptors = ProcFs.descriptors(server.pid());

    for (Program client : clients) {
      client.send("open " + share + " " + target);
    }
    for (Program client : clients) {
      client.answer("open");
    }
    awaitOpen(server, share * CLIENTS);
    for (Program client : clients) {
      client.send("echo 512");
    }
    for (Program client : clients) {
      Answer echo = client.answer("echo");
      assertEquals(share, echo.number("echoed"));
      assertEquals(0, echo.number("wrong"));
      assertEquals(share, client.call("locals").number("different"));
    }
    Answer stats = server.call("stats");
    assertEquals(share * CLIENTS + CLIENTS, stats.number("accepted"));
    assertEquals(0, stats.number("duplicates"), "remote addresses used twice");
    San.assertOffTcp(server, server.port(), share * CLIENTS);
    if (Setup.SAN) {
      int more = ProcFs.descriptors(server.pid()) - descriptors;
      assertTrue(more < share / 10, () -> more + " more descriptors for " + Setup.CROWD);
    }

    for (Program client : clients) {
      client.call("close");
    }
    awaitOpen(server, 0);
    for (Map.Entry<Program, Long> before : baseLine.entrySet()) {
      long pid = before.getKey().pid();
      Eventually.within(
          Duration.ofSeconds(10),
          () -> ProcFs.residentShared(pid),
          now -> now <= before.getValue() + SLACK_KIB);
    }
    // And the next one finds everything in order.
    clients.get(0).call("open 1 " + target);
    assertEquals(0, clients.get(0).call("echo 512").number("wrong"));
    San.assertOffTcp(server, server.port(), 1);
  }

  private static void awaitOpen(Program server, int connections) throws Exception {
    Eventually.within(
        Duration.ofSeconds(30),
        () -> server.call("stats"),
        stats -> stats.number("open") == connections);
  }
}
