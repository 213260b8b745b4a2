package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Curl;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every server has to show: clients with the agent are on the SAN while curl is on TCP, at the
 * same port and time, whatever the server is bound to. One JVM of the server is bound to everything
 * at once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
abstract class ServerContract {
  private static final int PAGES = 20;

  private Place place;
  private Program server;

  /** Where the server and its clients are. */
  Place place() {
    return Place.thisHost();
  }

  /** The server, bound to these addresses. */
  abstract Jvm server(String... bindings) throws IOException;

  /** Whether a line of standard error is the server's own affair. */
  boolean isServersOwn(String line) {
    return false;
  }

  /** Has a client run where clients are. */
  final Program start(Jvm client) throws IOException {
    return place.client(client).start();
  }

  /** Starts the clients with the agent. */
  abstract void startClients() throws IOException;

  /** Connects, and stays connected. */
  abstract void connect(String target, int port) throws IOException;

  /** How many connections to a port of the server the clients have open. */
  abstract int connections(int port) throws IOException;

  /** Talks for a moment over what {@link #connect} opened. */
  abstract void talk(String target, int port) throws IOException;

  /** Closes what was opened; returns whether the server has seen it at once. */
  abstract boolean disconnect() throws IOException;

  abstract void stopClients() throws IOException;

  @BeforeAll
  void start() throws IOException {
    place = place();
    server = place.server(server(place.bindings().toArray(String[]::new))).start();
    startClients();
  }

  @AfterAll
  void stop() throws IOException {
    try {
      stopServer();
    } finally {
      place.close();
    }
  }

  private void stopServer() throws IOException {
    try (Program ending = server) {
      stopClients();
      ending.ignoreErrors(this::isServersOwn);
      Answer stats = ending.call("stats");
      if (place.portsAreTheSansOwn()) {
        assertEquals(0, stats.number("duplicates"), "remote addresses used twice");
      }
    }
  }

  List<Place.Target> targets() throws IOException {
    return place.targets();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void sanClientsAndCurlAtTheSameTime(Place.Target at) throws Exception {
    String target = at.target();
    Setup.needs(target != null, "address but loopback");
    int port = server.port(at.index());
    connect(target, port);
    place.assertOffTcp(server, port, connections(port));

    Finished.Started curl = Curl.start(place::clientCommand, target, port, PAGES);
    do {
      talk(target, port);
    } while (curl.process().isAlive());
    for (String seen : Curl.seen(curl, PAGES)) {
      assertTrue(seen.startsWith("/"), seen);
    }

    place.assertOffTcp(server, port, connections(port));
    if (disconnect()) {
      Eventually.within(
          Duration.ofSeconds(5), () -> server.call("stats"), stats -> stats.number("open") == 0);
    }
  }

  @Test
  void statusTellsWhichPathEveryConnectionTook() throws Exception {
    Setup.needsSan();
    int port = server.port(0);
    connect(place.targets().get(0).target(), port);
    SwitchStatus status = place.status(server);
    assertEquals(server.pid(), status.pid());
    assertEquals(
        List.of(place.listenerPath()),
        status.listeners(port).stream().map(SwitchStatus.Line::path).toList());
    List<SwitchStatus.Line> lines = status.connections(port);
    assertEquals(connections(port), lines.size(), () -> status.toString());
    for (SwitchStatus.Line line : lines) {
      assertEquals(place.provider(), line.path(), line::toString);
      assertEquals("accepted", line.role(), line::toString);
    }
    disconnect();
  }
}
