package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Curl;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * What unmodified programs have to show over a real RDMA stack: {@code rdma_cm}, verbs and the
 * kernel's soft-RoCE, in a {@link Guest}. A JVM takes long to start there, so each program is
 * started once, for all tests, and the tests come in the order of their numbers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("guest")
@Timeout(600)
abstract class RdmaContract {
  private static final int SAN_CLIENTS = 3;
  private static final int PLAIN_CLIENTS = 2;
  private static final int BACKLOG = 4;
  private static final int ECHOED = 100_000;

  /** Emulated, a JVM without anything to do uses some per cent. */
  private static final Duration IDLE = Duration.ofSeconds(2);

  /** What the server takes these bytes in at least, with 1 KiB in a packet. */
  private static final int PACKETS = SAN_CLIENTS * ECHOED / 1024;

  /** Where the clients are; with the servers, or not. */
  Guest clients;

  /** A client with the agent. */
  Program sanClient;

  private final List<AutoCloseable> started = new ArrayList<>();
  private Guest servers;
  private Program plainClient;
  private Program selectorServer;
  private Program acceptServer;
  private Program plainServer;

  /** Boots the guest or guests. Returns the one for the servers and sets {@link #clients}. */
  abstract Guest boot() throws Exception;

  /** What {@code twinport.providers} says. */
  abstract String providers();

  @BeforeAll
  void start() throws Exception {
    Setup.needsSan();
    servers = boot();
    sanClient = startOn(clients, Jvm.of("BlockingEchoClient"));
    plainClient = startOn(clients, Jvm.of("BlockingEchoClient").withoutAgent());
    selectorServer = startOn(servers, Jvm.of("SelectorEchoServer", "0.0.0.0/0"));
    acceptServer = startOn(servers, Jvm.of("AcceptLoopServer", servers.address() + "/0"));
    plainServer = startOn(servers, Jvm.of("SelectorEchoServer", "0.0.0.0/0").withoutAgent());
  }

  @AfterAll
  void end() throws Exception {
    Collections.reverse(started);
    Throwable failure = null;
    for (AutoCloseable each : started) {
      try {
        each.close();
      } catch (Exception | AssertionError e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw new AssertionError("at the end", failure);
    }
  }

  /** Has something closed after the last test, before what was given here earlier. */
  final <T extends AutoCloseable> T closed(T last) {
    started.add(last);
    return last;
  }

  final Program startOn(Guest guest, Jvm jvm) throws IOException {
    return closed(
        jvm.on(guest)
            .option("-XX:+UseSerialGC")
            .option("-XX:TieredStopAtLevel=1")
            .twinport("providers", providers())
            .twinport("connect-millis", "30000")
            .start());
  }

  @Test
  @Order(1)
  void selectorServerEchoesOverRdmaAndOverTcpAtOnePort() throws Exception {
    echo(selectorServer);
  }

  @Test
  @Order(2)
  void acceptLoopEchoesOverRdmaAndOverTcpAtOnePort() throws Exception {
    echo(acceptServer);
  }

  private void echo(Program server) throws Exception {
    String target = servers.address() + " " + server.port();
    long packets = servers.packets();
    sanClient.call("open " + SAN_CLIENTS + " " + target);
    plainClient.call("open " + PLAIN_CLIENTS + " " + target);
    sanClient.send("echo " + ECHOED);
    assertEquals(0, plainClient.call("echo " + ECHOED).number("wrong"));
    assertEquals(0, sanClient.answer("echo").number("wrong"));
    assertTrue(servers.packets() - packets >= PACKETS, "packets over RDMA");
    assertAccepted(server, SAN_CLIENTS + PLAIN_CLIENTS, PLAIN_CLIENTS);
  }

  @Test
  @Order(3)
  void serverWithoutTwinportIsReachedOverTcp() throws Exception {
    sanClient.call("open 2 " + servers.address() + " " + plainServer.port());
    assertEquals(0, sanClient.call("echo 8000").number("wrong"));
    assertAccepted(plainServer, 2, 2);
  }

  @Test
  @Order(5)
  void statusTellsThePaths() throws Exception {
    // A process that is asked for the first time may take longer than the command waits.
    List<SwitchStatus> all =
        Eventually.within(
            Duration.ofSeconds(60),
            () -> SwitchStatus.all(servers),
            each -> each.stream().allMatch(SwitchStatus::isAnswered));
    for (Program server : List.of(selectorServer, acceptServer)) {
      SwitchStatus status =
          all.stream().filter(each -> each.pid() == server.pid()).findFirst().orElseThrow();
      for (SwitchStatus.Line listener : status.listeners(server.port())) {
        assertTrue(List.of(listener.path().split("\\+", -1)).contains("ucx"), status::toString);
      }
      List<String> connections = new ArrayList<>();
      for (SwitchStatus.Line line : status.connections(server.port())) {
        connections.add(line.path() + " " + line.reason());
      }
      List<String> wanted = new ArrayList<>();
      wanted.addAll(Collections.nCopies(PLAIN_CLIENTS, "tcp client-used-tcp"));
      wanted.addAll(Collections.nCopies(SAN_CLIENTS, "ucx null"));
      assertEquals(wanted, connections.stream().sorted().toList(), status::toString);
    }
  }

  @Test
  @Order(4)
  void idleConnectionsUseNoProcessor() throws Exception {
    for (Program each : List.of(sanClient, selectorServer, acceptServer)) {
      long before = ProcFs.cpuNanos(each);
      Thread.sleep(IDLE.toMillis());
      long used = ProcFs.cpuNanos(each) - before;
      assertTrue(used < IDLE.toNanos() / 5, () -> used + " ns of processor time");
    }
  }

  @Test
  @Order(6)
  void closesInOrder() throws Exception {
    sanClient.call("close");
    plainClient.call("close");
    for (Program server : List.of(selectorServer, acceptServer, plainServer)) {
      Eventually.within(
          servers.patience(), () -> server.call("stats"), stats -> stats.number("open") == 0);
      Answer stats = server.call("stats");
      assertEquals(0, stats.number("resets") + stats.number("duplicates"), stats::toString);
    }
  }

  @Test
  @Order(7)
  void nettyAnswersOverRdmaAndOverTcpAtOnePort() throws Exception {
    Jvm netty = Jvm.of("NettyHttpServer", "0.0.0.0/0").with(Setup.library("netty41"));
    Program server = startOn(servers, netty);
    Program client = startOn(clients, Jvm.of("HttpUrlClient"));
    String url = Curl.url(servers.address(), server.port());
    assertEquals(4, client.call("get 4 " + url).number("good"));
    assertTrue(client.call("post 200000 " + url).line().contains("equal=true"));
    assertEquals(1, client.call("count " + server.port()).number("connections"));
    String seen = clients.run("curl", "-sS", "--noproxy", "*", "--max-time", "20", url);
    assertTrue(seen.startsWith("/" + clients.address() + ":"), seen);
    assertEquals(List.of(), onTcp(server));
    assertEquals(2, server.call("stats").number("accepted"));
  }

  @Test
  @Order(8)
  void fullBacklogRefuses() throws Exception {
    sanClient.call("close");
    Program server =
        startOn(servers, Jvm.of("BacklogServer", servers.address() + "/0", "" + BACKLOG));
    String target = servers.address() + " " + server.port();
    sanClient.call("open " + BACKLOG + " " + target);
    Answer fifth = sanClient.call("attempt 20000 " + target);
    assertEquals("ConnectException", fifth.text("outcome"));
    assertEquals(List.of(), onTcp(server));
    String warning = server.takeError();
    assertTrue(warning.contains("twinport.backlog-full"), warning);

    assertEquals(1, server.call("accept 1").number("accepted"));
    sanClient.call("open 1 " + target);
    // The client may know of its connection before the server does.
    long[] accepted = {0};
    Eventually.within(
        servers.patience(),
        () -> accepted[0] += server.call("accept 100").number("accepted"),
        count -> count == BACKLOG);
    sanClient.call("write 1000");
    assertEquals((BACKLOG + 1) * 1000, server.call("drain 1000").number("drained"));
    sanClient.call("close");
  }

  @Test
  @Order(9)
  void killedServerIsAnErrorAtItsClients() throws Exception {
    startLoad(acceptServer, 2);
    // The guest's shell says it.
    acceptServer.ignoreErrors("Killed"::equals);
    acceptServer.kill();
    assertLost(2, clients.patience());
  }

  /** Has the client play ping-pong on so many connections of its own. */
  final void startLoad(Program server, int connections) throws Exception {
    sanClient.call("close");
    sanClient.call("open " + connections + " " + servers.address() + " " + server.port());
    List<String> tcp = onTcp(server);
    if (!tcp.isEmpty()) {
      throw new AssertionError(tcp + " on TCP: " + SwitchStatus.of(sanClient));
    }
    sanClient.call("load");
    for (int i = 0; i < connections; i++) {
      assertEquals("event flowing", sanClient.event(clients.patience()).line());
    }
  }

  final void assertLost(int connections, Duration within) {
    for (int i = 0; i < connections; i++) {
      String how = sanClient.event(within).line();
      assertTrue(how.endsWith("Exception"), how);
    }
  }

  final Program selectorServer() {
    return selectorServer;
  }

  final Guest servers() {
    return servers;
  }

  private static void assertAccepted(Program server, int connections, int onTcp)
      throws IOException {
    assertEquals(connections, server.call("stats").number("accepted"));
    List<String> tcp = onTcp(server);
    assertEquals(onTcp, tcp.size(), tcp::toString);
  }

  /** The connections that the server has accepted at its only port and that its TCP knows of. */
  private static List<String> onTcp(Program server) throws IOException {
    String local = ":%04X".formatted(server.port());
    return ProcFs.established(server, server.port()).stream()
        .filter(ends -> ends.substring(0, ends.indexOf(' ')).endsWith(local))
        .toList();
  }
}
