package io.twinport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every server has to show: clients with the agent are on the SAN while curl is on TCP, at the
 * same port and time, whatever the server is bound to. One JVM of the server is bound to everything
 * at once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class ServerContract {
  private static final String FIXED = "127.0.0.1";
  private static final int PAGES = 20;

  private final String host = hostAddress();
  private Program server;

  /** The server, bound to these addresses. */
  abstract Jvm server(String... bindings) throws IOException;

  /** Whether a line of standard error is the server's own affair. */
  boolean isServersOwn(String line) {
    return false;
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
    server =
        server(
                "127.0.0.1/0",
                "0.0.0.0/0",
                "::/0",
                "::1/0",
                (host == null ? "127.0.0.1" : host) + "/0",
                FIXED + "/" + Setup.freePorts(1)[0])
            .start();
    startClients();
  }

  @AfterAll
  void stop() throws IOException {
    try (Program ending = server) {
      stopClients();
      ending.ignoreErrors(this::isServersOwn);
      assertEquals(0, ending.call("stats").number("duplicates"), "remote addresses used twice");
    }
  }

  Stream<Arguments> bindings() {
    return Stream.of(
        Arguments.of(0, "127.0.0.1", "127.0.0.1"),
        Arguments.of(1, "0.0.0.0", "127.0.0.1"),
        Arguments.of(1, "0.0.0.0", host),
        Arguments.of(2, "::", "127.0.0.1"),
        Arguments.of(2, "::", "::1"),
        Arguments.of(2, "::", host),
        Arguments.of(3, "::1", "::1"),
        Arguments.of(4, "the host address", host),
        Arguments.of(5, "a port of its choice", FIXED));
  }

  @ParameterizedTest(name = "bound to {1}, reached at {2}")
  @MethodSource("bindings")
  void sanClientsAndCurlAtTheSameTime(int index, String binding, String target) throws Exception {
    Setup.needs(target != null, "address but loopback");
    int port = server.port(index);
    connect(target, port);
    San.assertOffTcp(server, port, connections(port));

    Finished.Started curl = Curl.start(target, port, PAGES);
    do {
      talk(target, port);
    } while (curl.process().isAlive());
    for (String seen : Curl.seen(curl, PAGES)) {
      assertTrue(seen.startsWith("/"), seen);
    }

    San.assertOffTcp(server, port, connections(port));
    if (disconnect()) {
      Eventually.within(
          Duration.ofSeconds(5), () -> server.call("stats"), stats -> stats.number("open") == 0);
    }
  }

  @Test
  void statusTellsWhichPathEveryConnectionTook() throws Exception {
    Setup.needsSan();
    int port = server.port(0);
    connect("127.0.0.1", port);
    SwitchStatus status = SwitchStatus.of(server);
    assertEquals(server.pid(), status.pid());
    assertEquals(
        List.of("tcp+shm"), status.listeners(port).stream().map(SwitchStatus.Line::path).toList());
    List<SwitchStatus.Line> lines = status.connections(port);
    assertEquals(connections(port), lines.size(), () -> status.toString());
    for (SwitchStatus.Line line : lines) {
      assertEquals("shm", line.path(), line::toString);
      assertEquals("accepted", line.role(), line::toString);
    }
    disconnect();
  }

  private static String hostAddress() {
    try {
      return Setup.hostAddress();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
