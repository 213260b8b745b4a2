package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Connections that have come to a standstill: status says at either end what it is that they wait
 * for. Where TCP knows the same standstill, {@code ss} says the same of a connection on TCP.
 */
@Tag("on-one-jdk")
@Timeout(240)
class StuckIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int BACKLOG = 2;
  private static final long WINDOW = 4 << 20;

  /** What a line of status is expected to say. */
  private record Says(String field, Object value) implements Predicate<Map<String, Object>> {
    @Override
    public boolean test(Map<String, Object> line) {
      Object said = line.get(field);
      if (value instanceof Number number) {
        return said instanceof Number it && it.longValue() == number.longValue();
      }
      if (value instanceof String name && said instanceof Map<?, ?> waiter) {
        return Boolean.TRUE.equals(waiter.get("asleep")) && name.equals(waiter.get("name"));
      }
      return value == null ? said == null : value.equals(said);
    }
  }

  private static Says says(String field, Object value) {
    return new Says(field, value);
  }

  /**
   * A standstill, and what both ends are to say of it.
   *
   * @param ss the state of the server's end in {@code ss}, and what it has not read; or null
   */
  private record Situation(
      String name, List<String> steps, List<Says> client, List<Says> server, String ss) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Situation> situations() {
    return List.of(
        new Situation(
            "nobody reads",
            List.of("client write C 300000"),
            List.of(
                says("state", "open"),
                says("sentBytes", 300_000),
                says("sendOperations", 1),
                says("sendQueueBytes", 300_000),
                says("sendWindowBytes", WINDOW - 300_000),
                says("receivedBytes", 0)),
            List.of(
                says("state", "open"),
                says("receiveQueueBytes", 300_000),
                says("receivedBytes", 0),
                says("sentBytes", 0)),
            "ESTAB 300000"),
        new Situation(
            "a reader is blocked",
            List.of("server reading S"),
            List.of(says("state", "open"), says("receiveWaiter", null), says("sendWaiter", null)),
            List.of(
                says("receiveWaiter", "reader"),
                says("receiveSleeps", 1),
                says("receiveWakeups", 0),
                says("sendWaiter", null)),
            "ESTAB 0"),
        new Situation(
            "a writer is blocked",
            List.of("client writing C"),
            List.of(
                says("sendWaiter", "writer"),
                says("sendWindowBytes", 0),
                says("sendQueueBytes", WINDOW),
                says("sentBytes", WINDOW)),
            List.of(says("receiveQueueBytes", WINDOW), says("receiveWindowBytes", 0)),
            null), // How much TCP takes is the kernel's to say.
        new Situation(
            "a selector waits",
            List.of("client write C 10", "server read S 10", "server selecting S"),
            List.of(says("sendQueueBytes", 0), says("sentBytes", 10)),
            List.of(
                says("receivedBytes", 10),
                says("receiveOperations", 1),
                says("receiveWaiter", "chooser"),
                says("sendWaiter", null)),
            "ESTAB 0"),
        new Situation(
            "it is idle",
            List.of(
                "client write C 1000",
                "server read S 1000",
                "server write S 10",
                "client read C 10"),
            List.of(
                says("sentBytes", 1000),
                says("receivedBytes", 10),
                says("sendQueueBytes", 0),
                says("receiveQueueBytes", 0),
                says("sendWindowBytes", WINDOW)),
            List.of(
                says("sentBytes", 10), says("receivedBytes", 1000), says("receiveQueueBytes", 0)),
            "ESTAB 0"),
        new Situation(
            "the client has ended its output",
            List.of("client write C 7", "client end C"),
            List.of(says("state", "half-closed-out"), says("sendQueueBytes", 7)),
            List.of(says("state", "half-closed-in"), says("receiveQueueBytes", 7)),
            "CLOSE-WAIT 8"), // The kernel counts the end of the stream as one byte.
        new Situation(
            "the server has ended its output",
            List.of("server end S"),
            List.of(says("state", "half-closed-in"), says("receiveQueueBytes", 0)),
            List.of(says("state", "half-closed-out")),
            "FIN-WAIT-2 0"),
        new Situation(
            "both have ended their output",
            List.of("server end S", "client end C"),
            List.of(says("state", "shut")),
            List.of(says("state", "shut")),
            null), // For the kernel that is the end.
        new Situation(
            "what it closed behind is not read",
            List.of("client write C 1000", "client close C"),
            List.of(
                says("state", "closing"), says("sendQueueBytes", 1000), says("ageMillis", null)),
            List.of(says("state", "peer-closed"), says("receiveQueueBytes", 1000)),
            "CLOSE-WAIT 1001"));
  }

  /** Those that ss has the same words for. */
  private static List<Situation> situationsOfTcp() {
    return situations().stream().filter(each -> each.ss() != null).toList();
  }

  private static Program server;
  private static Program client;
  private static Program tcpServer;
  private static Program tcpClient;

  @BeforeAll
  static void start() throws Exception {
    Setup.needsSan();
    server = Jvm.of("StuckEnd", "127.0.0.1/0", "50").start();
    client = Jvm.of("StuckEnd", "127.0.0.1/0", "50").start();
    tcpServer = Jvm.of("StuckEnd", "127.0.0.1/0", "50").withoutAgent().start();
    tcpClient = Jvm.of("StuckEnd", "127.0.0.1/0", "50").withoutAgent().start();
  }

  @AfterAll
  static void end() throws Exception {
    for (Program program : new Program[] {client, server, tcpClient, tcpServer}) {
      if (program != null) {
        program.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("situations")
  void bothEndsSayWhatItWaitsFor(Situation situation) throws Exception {
    int port = bring(situation, client, server);
    Map<String, Object> atClient = await(client, port, situation.client());
    Map<String, Object> atServer = await(server, port, situation.server());
    assertEquals((double) server.pid(), atClient.get("peerPid"));
    assertEquals((double) client.pid(), atServer.get("peerPid"));
    if (!"closing".equals(atClient.get("state"))) {
      assertTrue((Double) atClient.get("ageMillis") >= 0, atClient::toString);
    }
    assertEquals("connected", atClient.get("role"));
    assertEquals("accepted", atServer.get("role"));
  }

  @ParameterizedTest
  @MethodSource("situationsOfTcp")
  void ofTcpTheKernelSaysTheSame(Situation situation) throws Exception {
    int port = bring(situation, tcpClient, tcpServer);
    Eventually.within(
        PATIENCE,
        () -> {
          String[] here = ss(tcpServer.port(), port);
          String[] there = ss(port, tcpServer.port());
          // What does not fit at the server's end waits at the client's.
          return here[0] + " " + (Long.parseLong(here[1]) + Long.parseLong(there[2]));
        },
        situation.ss()::equals);
  }

  /** State, Recv-Q and Send-Q of one end. */
  private static String[] ss(int from, int to) throws Exception {
    String filter = "sport = :" + from + " and dport = :" + to;
    String line = Machine.THIS.run(List.of("ss", "-tanH", filter)).output().trim();
    return line.isEmpty() ? new String[] {"gone", "0", "0"} : line.split(" +", -1);
  }

  /** Makes a connection, and has it come to that standstill; returns the client's port. */
  private static int bring(Situation situation, Program from, Program to) throws Exception {
    Answer opened = from.call("open " + to.port());
    Answer accepted = to.call("accept");
    for (String step : situation.steps()) {
      String call =
          step.replace(" C", " " + opened.number("number"))
              .replace(" S", " " + accepted.number("number"));
      Program who = call.startsWith("client ") ? from : to;
      who.call(call.substring(call.indexOf(' ') + 1));
    }
    return (int) opened.number("local");
  }

  @Test
  void sinceWhenNobodyReadsIsToldAtTheFirstLook() throws Exception {
    int port = bring(situations().get(0), client, server);
    long written = System.nanoTime();
    Map<String, Object> line = await(client, port, List.of(says("sendQueueBytes", 300_000)));
    Eventually.within(
        PATIENCE, () -> line(client, port), now -> ((Double) now.get("sendQuietMillis")) >= 2_000);
    long since = Duration.ofNanos(System.nanoTime() - written).toMillis();
    Map<String, Object> last = line(client, port);
    assertTrue((Double) last.get("sendQuietMillis") <= since + 2_000, last::toString);
    assertTrue((Double) last.get("ageMillis") >= (Double) line.get("ageMillis"), last::toString);
  }

  @Test
  void aPeerThatIsGone() throws Exception {
    try (Program other = Jvm.of("StuckEnd", "127.0.0.1/0", "1").start()) {
      int port = (int) other.call("open " + server.port()).number("local");
      server.call("accept");
      Map<String, Object> before = await(server, port, List.of(says("state", "open")));
      assertEquals((double) other.pid(), before.get("peerPid"));
      other.kill();
      await(server, port, List.of(says("state", "peer-gone")));
    }
  }

  @Test
  void aFullBacklogAndClientsThatHaveLeft() throws Exception {
    try (Program busy = Jvm.of("StuckEnd", "127.0.0.1/0", "" + BACKLOG).start()) {
      Answer first = client.call("open " + busy.port());
      client.call("open " + busy.port());
      client.fail("open " + busy.port());
      busy.takeError(); // The first refusal is a line.
      Map<String, Object> full = listener(busy);
      assertEquals((double) BACKLOG, full.get("queued"));
      assertEquals((double) BACKLOG, full.get("backlog"));
      assertEquals(1.0, full.get("refused"));
      assertEquals(0.0, full.get("accepted"));
      client.call("close " + first.number("number"));
      busy.call("accept");
      busy.call("accept");
      busy.call("accepting");
      Map<String, Object> empty =
          Eventually.within(PATIENCE, () -> listener(busy), says("waiter", "acceptor"));
      assertEquals(0.0, empty.get("queued"));
      assertEquals(2.0, empty.get("accepted"));
      assertEquals(1.0, empty.get("givenUp"));
    }
  }

  @Test
  void aConnectToAProcessThatIsStopped() throws Exception {
    try (Program stopped = Jvm.of("StuckEnd", "127.0.0.1/0", "" + BACKLOG).start()) {
      client.call("open " + stopped.port());
      stopped.call("accept");
      stopped.signal("STOP");
      try {
        for (int i = 0; i < BACKLOG; i++) { // As many as can be granted, and one more.
          client.call("opening " + stopped.port());
        }
        String remote = "127.0.0.1:" + stopped.port();
        Map<String, Object> pending =
            Eventually.within(
                PATIENCE,
                () -> find(client, line -> isPendingTo(line, remote)),
                line -> line != null && says("receiveWaiter", "connector").test(line));
        assertEquals("shm", pending.get("path"));
        assertEquals(null, pending.get("local"));
      } finally {
        stopped.signal("CONT");
      }
      Eventually.within(
          PATIENCE, () -> listener(stopped), line -> says("queued", BACKLOG).test(line));
    }
  }

  private static boolean isPendingTo(Map<String, Object> line, String remote) {
    return remote.equals(line.get("remote")) && "connecting".equals(line.get("state"));
  }

  // -- What status says

  private static Map<String, Object> await(Program program, int port, List<Says> wanted)
      throws Exception {
    return Eventually.within(
        PATIENCE,
        () -> line(program, port),
        line -> line != null && wanted.stream().allMatch(each -> each.test(line)));
  }

  /** What is said of the connection to the server whose client has that port. */
  private static Map<String, Object> line(Program program, int port) throws Exception {
    Set<String> ends = Set.of("127.0.0.1:" + port, "127.0.0.1:" + server.port());
    return find(
        program,
        line ->
            line.containsKey("local")
                && ends.equals(Set.of(line.get("local"), line.get("remote"))));
  }

  private static Map<String, Object> find(Program program, Predicate<Map<String, Object>> wanted)
      throws Exception {
    for (Object each : (List<?>) status(program).get("connections")) {
      Map<String, Object> line = object(each);
      if (wanted.test(line)) {
        return line;
      }
    }
    return null;
  }

  private static Map<String, Object> listener(Program program) throws Exception {
    return object(((List<?>) status(program).get("listeners")).get(0));
  }

  private static Map<String, Object> status(Program program) throws Exception {
    return SwitchStatus.of(program).json();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }
}
