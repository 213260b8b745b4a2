package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Footprint;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NextVersion;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import io.twinport.it.support.TwoHosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two hosts side by side: whom a client reaches, what it costs, and what is left. */
@Tag("on-one-jdk")
@Timeout(300)
class BetweenHostsIT {
  private static final int BACKLOG = 4;
  private static final int CONNECT_MILLIS = 1000;

  /** What may differ between before and after, for what the JVM keeps for later. */
  private static final long SLACK_KIB = 4096;

  private TwoHosts hosts;

  @BeforeEach
  void open() throws Exception {
    hosts = TwoHosts.near();
  }

  @AfterEach
  void close() throws Exception {
    hosts.close();
  }

  private Program server(String app, String... arguments) throws Exception {
    return hosts.server().run(Jvm.of(app, arguments)).start();
  }

  private Jvm client() {
    return hosts.client().run(Jvm.of("BlockingEchoClient"));
  }

  private String target(Program server) {
    return hosts.server().address() + " " + server.port();
  }

  private SwitchStatus.Line only(List<SwitchStatus.Line> lines) {
    assertEquals(1, lines.size(), lines::toString);
    return lines.get(0);
  }

  // -- Who is reached

  @Test
  void aClientOfTheSameHostUsesSharedMemory() throws Exception {
    Setup.needsSan();
    try (Program server = server("SelectorEchoServer", "0.0.0.0/0");
        Program near = hosts.server().run(Jvm.of("BlockingEchoClient")).start();
        Program far = client().start()) {
      near.call("open 1 " + target(server));
      far.call("open 1 " + target(server));
      assertEquals(
          "tcp+shm+ucx", only(hosts.server().status(server).listeners(server.port())).path());
      assertEquals("shm", only(hosts.server().status(near).connections(server.port())).path());
      assertEquals("ucx", only(hosts.client().status(far).connections(server.port())).path());
      assertEquals(0, near.call("echo 100000").number("wrong"));
      assertEquals(0, far.call("echo 100000").number("wrong"));
      near.call("close");
      far.call("close");
    }
  }

  @Test
  void anotherVersionAtTheOtherHostIsToldAtBothEnds() throws Exception {
    Setup.needsSan();
    try (Program server = server("SelectorEchoServer", "0.0.0.0/0");
        Program next = client().agent(NextVersion.jar()).start();
        Program same = client().start()) {
      next.call("open 2 " + target(server));
      assertEquals(0, next.call("echo 4096").number("wrong"));
      assertReason("wire-version", next, server);
      for (SwitchStatus.Line line : hosts.server().status(server).connections(server.port())) {
        assertEquals("tcp", line.path());
        assertEquals("wire-version", line.reason(), line::toString);
      }
      same.call("open 1 " + target(server));
      assertEquals("ucx", only(hosts.client().status(same).connections(server.port())).path());
      next.call("close");
      same.call("close");
    }
  }

  @Test
  void whatIsBoundToLoopbackHasNoTwinForOtherHosts() throws Exception {
    Setup.needsSan();
    try (Program server = server("SelectorEchoServer", "127.0.0.1/0")) {
      assertEquals("tcp+shm", only(hosts.server().status(server).listeners(server.port())).path());
    }
  }

  @Test
  void aServerWithoutTheAgentIsReachedOverTcp() throws Exception {
    Setup.needsSan();
    try (Program server = withoutAgent("0.0.0.0/0");
        Program client = client().start()) {
      client.call("open 3 " + target(server));
      assertEquals(3, ProcFs.established(server, server.port()).size());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      assertReason("no-twin", client, server);
      client.call("close");
    }
  }

  /** Something takes the client's connection where a twin would be, and does not say a word. */
  @Test
  void aPeerThatDoesNotAnswerCostsOneTryAndIsRemembered() throws Exception {
    Setup.needsSan();
    try (Program server = withoutAgent("0.0.0.0/20000");
        Program silent =
            hosts
                .server()
                .run(Jvm.of("BacklogServer", "0.0.0.0/50000", "10"))
                .withoutAgent()
                .start();
        Program client =
            client().twinport("connect-millis", Integer.toString(CONNECT_MILLIS)).start()) {
      // The provider's start is not part of the time.
      client.call("open 1 " + hosts.server().address() + " " + silent.port());
      client.call("close");
      long first = client.call("open 1 " + target(server)).number("micros");
      long second = client.call("open 1 " + target(server)).number("micros");
      assertTrue(first >= 1000L * CONNECT_MILLIS, "gave up after " + first);
      assertTrue(first < 2000L * CONNECT_MILLIS, "took " + first);
      assertTrue(second < 500L * CONNECT_MILLIS, "asked again, took " + second);
      assertReason("timeout", client, server);
      assertEquals(0, client.call("echo 4096").number("wrong"));
      client.call("close");
    }
  }

  private Program withoutAgent(String binding) throws Exception {
    return hosts.server().run(Jvm.of("SelectorEchoServer", binding)).withoutAgent().start();
  }

  private void assertReason(String reason, Program client, Program server) throws Exception {
    List<SwitchStatus.Line> lines = hosts.client().status(client).connections(server.port());
    assertFalse(lines.isEmpty());
    for (SwitchStatus.Line line : lines) {
      assertEquals("tcp", line.path());
      assertEquals(reason, line.reason(), lines::toString);
    }
  }

  // -- Where UCX can't be used

  /** A library that says that it is UCX, and too old. */
  private static String oldUcx() throws Exception {
    Path folder = Setup.scratch("old");
    Path source = folder.resolve("old.c");
    Path library = folder.resolve("libucp.so.0");
    Files.writeString(
        source,
        "void ucp_get_version(unsigned *a, unsigned *b, unsigned *c) { *a = 1; *b = 12; *c = 1; }");
    Setup.needs(Files.isExecutable(Path.of("/usr/bin/gcc")), "gcc, for a library of UCX 1.12");
    Finished compiler =
        Finished.run(
            List.of("gcc", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
    assertEquals(0, compiler.status(), compiler.errors());
    return library.toString();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "ucx.library, libthere-is-none.so.0, libucx0",
    "ucx.library, libm.so.6, libm.so.6",
    "ucx.library, OLD, UCX 1.12.1",
    "ucx.transport, rdma, RDMA device"
  })
  void withoutUcxOneLineSaysWhyAndAllElseWorks(String property, String given, String told)
      throws Exception {
    Setup.needsSan();
    String value = given.equals("OLD") ? oldUcx() : given;
    try (Program server =
            hosts
                .server()
                .run(Jvm.of("SelectorEchoServer", "0.0.0.0/0", "0.0.0.0/0"))
                .twinport(property, value)
                .start();
        Program near = hosts.server().run(Jvm.of("BlockingEchoClient")).start();
        Program far = client().twinport(property, value).start()) {
      for (int i = 0; i < 3; i++) {
        near.call("open 1 " + target(server));
        far.call("open 1 " + target(server));
      }
      assertEquals(0, near.call("echo 4096").number("wrong"));
      assertEquals(0, far.call("echo 4096").number("wrong"));
      SwitchStatus status = hosts.server().status(server);
      assertEquals("tcp+shm", only(status.listeners(server.port())).path());
      assertEquals(
          3,
          status.connections(server.port()).stream().filter(l -> l.path().equals("shm")).count());
      assertEquals(
          3,
          status.connections(server.port()).stream().filter(l -> l.path().equals("tcp")).count());
      for (Program each : List.of(server, far)) {
        String line = each.takeError();
        assertTrue(line.contains("ucx") && line.contains(told), line);
      }
      near.call("close");
      far.call("close");
    }
  }

  // -- The backlog

  @Test
  void theFifthOfABacklogOfFourIsRefused() throws Exception {
    Setup.needsSan();
    try (Program server = server("BacklogServer", "0.0.0.0/0", "" + BACKLOG);
        Program client = client().start()) {
      String attempt = "attempt 5000 " + target(server);
      for (int i = 0; i < BACKLOG; i++) {
        assertEquals("connected", client.call(attempt).text("outcome"));
      }
      long switches = server.call("wakes").number("switches");
      for (int i = 0; i < 5; i++) {
        assertEquals("ConnectException", client.call(attempt).text("outcome"));
      }
      assertEquals(switches, server.call("wakes").number("switches"), "a refused client woke it");
      assertEquals(List.of(), ProcFs.established(server, server.port()));
      String warning = server.takeError();
      assertTrue(warning.contains("twinport.backlog-full"), warning);

      assertEquals(BACKLOG, server.call("accept 100").number("accepted"));
      assertEquals("connected", client.call(attempt).text("outcome"));
      // What makes a connection one for the server may still be on its way.
      Eventually.within(
          Duration.ofSeconds(10), () -> server.call("accept 1").number("accepted"), n -> n == 1);
      client.call("write 1000");
      assertEquals((BACKLOG + 1) * 1000, server.call("drain 1000").number("drained"));
    }
  }

  // -- What is left

  @Test
  void aThousandConnectsLeaveNothing() throws Exception {
    try (Program server = server("SelectorEchoServer", "0.0.0.0/0");
        Program client = client().start()) {
      Map<Program, Footprint> before = new HashMap<>();
      for (int i = 0; i < 60; i++) {
        if (i == 10) {
          before.put(server, Footprint.of(server));
          before.put(client, Footprint.of(client));
        }
        client.call("open 20 " + target(server));
        assertEquals(0, client.call("echo 4096").number("wrong"));
        client.call(i % 2 == 0 ? "close" : "abort");
        Eventually.within(
            Duration.ofSeconds(10), () -> server.call("stats"), stats -> stats.number("open") == 0);
      }
      for (Map.Entry<Program, Footprint> each : before.entrySet()) {
        Footprint then = each.getValue();
        Eventually.within(
            Duration.ofSeconds(10),
            () -> Footprint.of(each.getKey()),
            now -> !now.exceeds(then, SLACK_KIB));
      }
    }
  }
}
