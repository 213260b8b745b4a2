package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.ControlStream;
import io.twinport.core.Switch;
import io.twinport.jdk.NamedSocket;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process answers, asked as the commands ask. */
@Timeout(240)
class ControlEndpointTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TwinSelectorProvider provider =
      TwinSelectorProvider.of(Switch.of(Settings.defaults()));
  private ControlEndpoint endpoint;
  private Thread thread;

  @BeforeEach
  void start() throws IOException {
    endpoint = ControlEndpoint.listen(provider.owner().registry());
    thread = new Thread(endpoint, "endpoint under test");
    thread.start();
  }

  @AfterEach
  void end() throws Exception {
    endpoint.shutdown();
    thread.join();
    assertFalse(ControlName.all().contains(endpoint.name()), "the name is free again");
  }

  @Test
  void isFoundByItsProcessIdAndByItsId() throws Exception {
    assertTrue(ControlClient.find(null).contains(endpoint.name()));
    assertEquals(List.of(endpoint.name()), ControlClient.find(endpoint.name().id()));
    String pid = Long.toString(ProcessHandle.current().pid());
    assertTrue(ControlClient.find(pid).contains(endpoint.name()));
  }

  @Test
  void saysWhoItIs() {
    Map<String, Object> status = ask("status");
    assertEquals(ProcessHandle.current().pid(), status.get("pid"));
    assertEquals(endpoint.name().id(), status.get("id"));
    assertEquals(Runtime.version().toString(), status.get("jdk"));
    assertEquals(List.of(), status.get("providers"));
    assertEquals(List.of(), status.get("listeners"));
  }

  @Test
  void listsListenersAndConnectionsWithTheirReasons() throws Exception {
    try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
      try (SocketChannel client = provider.openSocketChannel()) {
        client.connect(address);
        try (SocketChannel accepted = listener.accept()) {
          Map<String, Object> status = ask("status");
          String server = "127.0.0.1:" + address.getPort();
          String other = ControlReport.text((InetSocketAddress) client.getLocalAddress());
          assertEquals(
              List.of(
                  Map.of(
                      "local",
                      server,
                      "path",
                      "tcp",
                      "reason",
                      "no-provider",
                      "why",
                      "no SAN provider is enabled")),
              status.get("listeners"));
          List<?> connections = (List<?>) status.get("connections");
          assertEquals(2, connections.size(), connections::toString);
          assertEquals("connected", line(connections, other).get("role"));
          assertEquals("no-provider", line(connections, other).get("reason"));
          assertEquals("accepted", line(connections, server).get("role"));
          assertEquals("client-used-tcp", line(connections, server).get("reason"));
          assertTrue(accepted.isConnected());
        }
      }
    }
  }

  @Test
  void tellsItsEventsSinceATime() throws Exception {
    provider
        .owner()
        .registry()
        .events()
        .withoutTwin(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 80), "shm", Reason.NAME_TAKEN);
    Map<?, ?> event = (Map<?, ?>) ((List<?>) ask("events 0").get("events")).get(0);
    assertEquals("fallback", event.get("event"));
    assertEquals("listener", event.get("side"));
    assertEquals("127.0.0.1:80", event.get("local"));
    assertEquals(80L, event.get("port"));
    assertEquals("name-taken", event.get("reason"));
    assertEquals(1L, event.get("times"));
    long later = (Long) event.get("lastMillis") + 1;
    assertEquals(List.of(), ask("events " + later).get("events"));
  }

  private static Map<?, ?> line(List<?> lines, String local) {
    return lines.stream()
        .map(line -> (Map<?, ?>) line)
        .filter(line -> local.equals(line.get("local")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void turnsTheSanOffAndOn() {
    assertEquals("all", ask("off").get("off"));
    assertEquals("8080", ask("off 8080").get("off"));
    assertEquals("all", ask("on").get("on"));
    assertEquals("8080", ask("off 8080").get("off"));
    assertEquals("8080", ask("on 8080").get("on"));
  }

  @Test
  void saysThatAPortStaysOffWhereAllAre() {
    ask("off");
    assertTrue(ask("on 8080").get("error").toString().contains("every port"));
    ask("on");
    assertEquals("8080", ask("on 8080").get("on"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String request :
        List.of(
            "",
            "stop",
            "status now",
            "off 1 2",
            "on 70000",
            "off x",
            "events",
            "events x",
            "events -1")) {
      assertTrue(ask(request).containsKey("error"), request);
    }
    assertEquals(ProcessHandle.current().pid(), ask("status").get("pid"));
  }

  @Test
  void saysWhatIsInEffectAndWhereItComesFrom() {
    Map<String, Object> answer = ask("settings");
    assertTrue(answer.get("complaints") instanceof List<?>, answer::toString);
    Map<?, ?> settings = (Map<?, ?>) answer.get("settings");
    assertEquals(Map.of("value", "adaptive", "source", "default"), settings.get("wait"));
    assertEquals(Map.of("value", "", "source", "default"), settings.get("rules"));
  }

  @Test
  void changesNothingThatCannotBe() {
    for (String request :
        List.of(
            "set",
            "set ",
            "set log",
            "set =",
            "set =debug",
            "set log=",
            "set log=loud",
            "set log=\u001b[2J",
            "set wait=block",
            "set wiat=block",
            "set rules=use udp listen * 80",
            "set rules=/etc/shadow/none",
            "set rules=" + "x".repeat(7_000),
            "set " + "x".repeat(7_000) + "=1",
            "settings now")) {
      String error = String.valueOf(ask(request).get("error"));
      assertFalse(error.equals("null") || error.contains("Exception"), request + " -> " + error);
    }
    assertEquals("log", ask("set log=warn").get("set"));
  }

  @Test
  void aClientThatHangsKeepsNobodyWaitingForLong() throws Exception {
    try (NamedSocket silent = NamedSocket.connect(endpoint.name().name());
        NamedSocket halfALine = NamedSocket.connect(endpoint.name().name())) {
      halfALine.write("stat", PATIENCE);
      assertEquals(ProcessHandle.current().pid(), ask("status").get("pid"));
      assertEquals("", silent.readAll(100, PATIENCE));
      assertEquals("", halfALine.readAll(100, PATIENCE));
    }
  }

  @Test
  void aRequestWithoutEndIsCutOff() throws Exception {
    try (NamedSocket talker = NamedSocket.connect(endpoint.name().name())) {
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              talker.write("status".repeat(10_000), PATIENCE);
            }
          });
    }
    assertEquals(ProcessHandle.current().pid(), ask("status").get("pid"));
  }

  @Test
  void anAnswerLargerThanAnySocketBufferArrivesWhole() throws Exception {
    List<ServerSocketChannel> listeners = new ArrayList<>();
    try {
      for (int i = 0; i < 2_000; i++) {
        ServerSocketChannel listener = provider.openServerSocketChannel();
        listeners.add(listener);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      }
      assertEquals(2_000, ((List<?>) ask("status").get("listeners")).size());
    } finally {
      for (ServerSocketChannel listener : listeners) {
        listener.close();
      }
    }
  }

  @Test
  void whoLooksAgainAndAgainIsToldOnOneConnection() throws Exception {
    try (ControlStream samples = watch("rate")) {
      assertEquals(0L, samples.next().get("intervalMillis"));
      for (int i = 0; i < 3; i++) {
        Map<String, Object> sample = samples.next();
        assertEquals(endpoint.name().id(), sample.get("id"));
        assertTrue((Long) sample.get("intervalMillis") >= 90, sample::toString);
        assertEquals(0L, ((Map<?, ?>) sample.get("totals")).get("sanConnections"));
        assertEquals(endpoint.name().id(), ask("status").get("id"), "others are answered, too");
      }
    }
  }

  @Test
  void noMoreThanFourLookAgainAndAgain() throws Exception {
    List<ControlStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        streams.add(watch("age"));
        assertFalse(streams.get(i).next().containsKey("error"));
      }
      try (ControlStream fifth = watch("age")) {
        assertTrue(fifth.next().get("error").toString().contains("4 already"));
      }
      streams.remove(0).close();
      assertTrue(isWatchedAgain(), "the place of one that has left is not free again");
    } finally {
      for (ControlStream stream : streams) {
        stream.close();
      }
    }
  }

  private boolean isWatchedAgain() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - deadline < 0) {
      try (ControlStream next = watch("age")) {
        if (!next.next().containsKey("error")) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void whoDoesNotReadIsDropped() throws Exception {
    List<ServerSocketChannel> listeners = new ArrayList<>();
    try (NamedSocket deaf = NamedSocket.connect(endpoint.name().name())) {
      for (int i = 0; i < 2_000; i++) { // More than fits into a socket's buffer.
        ServerSocketChannel listener = provider.openServerSocketChannel();
        listeners.add(listener);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      }
      deaf.write("watch 100 10 0 rate\n", PATIENCE);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (isAlive("twinport-watch") || !deaf.awaitInput(Duration.ofMillis(1))) {
        assertTrue(System.nanoTime() - deadline < 0, "it is still told");
      }
      assertEquals(endpoint.name().id(), ask("status").get("id"));
    } finally {
      for (ServerSocketChannel listener : listeners) {
        listener.close();
      }
    }
  }

  private static boolean isAlive(String name) {
    return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(name));
  }

  @Test
  void whatCanNotBeWatchedIsSaid() throws Exception {
    for (String request :
        List.of("watch 1 1 0 rate", "watch 100 1 0 x", "watch 100 9999 0 age", "watch 100")) {
      assertTrue(ask(request).get("error").toString().contains("can't be watched"), request);
    }
  }

  private ControlStream watch(String order) throws IOException {
    return ControlStream.open(endpoint.name(), Duration.ofMillis(100), 10, 0, order);
  }

  @Test
  void aNameThatIsTakenIsNotTakenTwice() {
    assertThrows(IOException.class, () -> NamedSocket.listen(endpoint.name().name(), 1).close());
  }

  private Map<String, Object> ask(String request) {
    return ControlClient.ask(List.of(endpoint.name()), request).get(0);
  }
}
