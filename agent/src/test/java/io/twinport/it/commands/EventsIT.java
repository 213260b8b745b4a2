package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Json;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Why a connection was TCP, or was refused, can be seen later: with time, peer and reason. */
@Tag("on-one-jdk")
@Timeout(240)
class EventsIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void whatFellBackIsKeptWithItsReason() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().start();
        Program client = Jvm.of("BlockingEchoClient").twinport("log", "info").start()) {
      long before = System.currentTimeMillis();
      client.call("open 3 127.0.0.1 " + server.port());
      Map<?, ?> event = only(events(client));
      assertEquals("fallback", event.get("event"));
      assertEquals("client", event.get("side"));
      assertEquals("127.0.0.1:" + server.port(), event.get("remote"));
      assertEquals((double) server.port(), event.get("port"));
      assertEquals("no-twin", event.get("reason"));
      assertEquals(3.0, event.get("times"));
      assertTrue((Double) event.get("firstMillis") >= before, event::toString);

      Finished shown = command(client, "--events");
      assertTrue(shown.output().contains("the listener has no twin (no-twin)"), shown::toString);
      assertTrue(shown.output().contains("to 127.0.0.1:" + server.port()), shown::toString);
      assertEquals(List.of(), list(command(client, "--events", "--json", "--since", "0s")));

      List<String> told =
          Eventually.within(Machine.THIS.patience(), client::errors, lines -> lines.size() >= 2);
      client.takeErrors();
      assertTrue(told.get(0).contains("started: version "), told::toString);
      String line = "TCP to 127.0.0.1:" + server.port() + ": the listener has no twin (no-twin)";
      assertEquals(1, told.stream().filter(each -> each.contains(line)).count(), told::toString);
    }
  }

  @Test
  void whatIsRefusedIsKeptAtBothEnds() throws Exception {
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "1").start();
        Program client = Jvm.of("BlockingEchoClient").twinport("log", "info").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      client.fail("open 1 127.0.0.1 " + server.port());
      client.fail("open 1 127.0.0.1 " + server.port());
      server.takeError(); // The first refusal is a line.
      Map<?, ?> here = only(events(client));
      assertEquals("refused", here.get("event"));
      assertEquals("127.0.0.1:" + server.port(), here.get("remote"));
      assertEquals("backlog-full", here.get("reason"));
      assertEquals(2.0, here.get("times"));
      Map<?, ?> there = only(events(server));
      assertEquals("refused", there.get("event"));
      assertEquals("listener", there.get("side"));
      assertEquals("127.0.0.1:" + server.port(), there.get("local"));
      assertTrue(there.get("remote").toString().startsWith("127.0.0.1:"), there::toString);
      assertEquals(2.0, there.get("times"));
      List<String> told =
          Eventually.within(Machine.THIS.patience(), client::errors, lines -> lines.size() >= 3);
      client.takeErrors();
      assertEquals(1, count(told, "SAN to 127.0.0.1:" + server.port()), told::toString);
      assertEquals(1, count(told, "refused at 127.0.0.1:" + server.port()), told::toString);
    }
  }

  @Test
  void plainTcpClientsOfAListenerAreCountedOnly() throws Exception {
    try (Program server =
            Jvm.of("SelectorEchoServer", "127.0.0.1/0").twinport("log", "info").start();
        Program client = Jvm.of("BlockingEchoClient").withoutAgent().start()) {
      client.call("open 20 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 100").number("wrong"));
      assertEquals(List.of(), events(server));
      client.call("close");
      List<String> told = server.takeErrors();
      assertEquals(1, count(told, "listens on 127.0.0.1:" + server.port() + ": tcp+shm"));
    }
  }

  @Test
  void sinceWantsADurationAndEvents() throws Exception {
    for (String[] wrong :
        new String[][] {{"--since", "1h"}, {"--events", "--since", "soon"}, {"--since"}}) {
      Finished refused = Jvm.command(with("status", wrong));
      assertEquals(2, refused.status(), refused::toString);
      assertTrue(refused.errors().contains("--since"), refused::toString);
    }
  }

  private static String[] with(String first, String... more) {
    String[] all = new String[more.length + 1];
    all[0] = first;
    System.arraycopy(more, 0, all, 1, more.length);
    return all;
  }

  private static long count(List<String> lines, String text) {
    return lines.stream().filter(each -> each.contains(text)).count();
  }

  private static Finished command(Program program, String... options) throws Exception {
    String[] words = with(Long.toString(program.pid()), options);
    Finished command = Jvm.command(with("status", words));
    assertEquals(0, command.status(), command::toString);
    assertEquals("", command.errors());
    return command;
  }

  private static List<?> events(Program program) throws Exception {
    return list(command(program, "--events", "--json"));
  }

  private static List<?> list(Finished command) {
    return (List<?>) ((Map<?, ?>) Json.parse(command.output())).get("events");
  }

  private static Map<?, ?> only(List<?> events) {
    assertEquals(1, events.size(), events::toString);
    return (Map<?, ?>) events.get(0);
  }
}
