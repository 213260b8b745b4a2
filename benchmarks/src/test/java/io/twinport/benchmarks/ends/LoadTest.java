package io.twinport.benchmarks.ends;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.benchmarks.applications.Application;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@Tag("on-one-jdk")
class LoadTest {
  private static final Path AGENT =
      Path.of("..", "agent", "target", "twinport.jar").toAbsolutePath().normalize();
  private static final int CONNECTIONS = 3;

  /** Each serves all applications. */
  private static final Map<Transport, WorkerProcess> SERVERS = new EnumMap<>(Transport.class);

  @AfterAll
  static void end() {
    SERVERS.values().forEach(WorkerProcess::close);
  }

  private static WorkerProcess start(Transport transport) throws IOException {
    return WorkerProcess.start(
        List.of(),
        transport == Transport.SAN ? List.of("-javaagent:" + AGENT) : List.of(),
        Redirect.INHERIT);
  }

  @ParameterizedTest
  @EnumSource
  void applicationsAnswerOverTcp(Application application) throws IOException {
    measure(application, Transport.TCP);
  }

  @ParameterizedTest
  @EnumSource
  void applicationsAnswerOverTheSan(Application application) throws IOException {
    if (!Boolean.getBoolean("twinport.ci")) {
      assumeTrue(Files.exists(AGENT), AGENT + " has not been built");
    }
    measure(application, Transport.SAN);
  }

  /** The client checks each answer, and the path. */
  private static void measure(Application application, Transport transport) throws IOException {
    if (!SERVERS.containsKey(transport)) {
      SERVERS.put(transport, start(transport));
    }
    WorkerProcess server = SERVERS.get(transport);
    try (WorkerProcess client = start(transport)) {
      String address = server.serve(application);
      Message request =
          new Message("load")
              .with("application", application)
              .with("address", address)
              .with("transport", transport)
              .with("connections", CONNECTIONS)
              .with("server", server.pid());
      Message cold = client.ask(request.with("warmup", 0).with("slices", 1).with("millis", 200));
      assertEquals(1, cold.numbers("rate").length);
      Message warm = client.ask(request.with("warmup", 50).with("slices", 2).with("millis", 100));
      for (int i = 0; i < 2; i++) {
        double rate = warm.numbers("rate")[i];
        assertTrue(rate > 0 && rate <= warm.numbers("count")[i] / 0.1, warm::toString);
        assertTrue(warm.numbers("cpu")[i] > 0, warm::toString);
        double median = warm.numbers("p50")[i];
        assertTrue(median > 0 && median <= warm.numbers("p99.9")[i], warm::toString);
      }
      Transport other = transport == Transport.TCP ? Transport.SAN : Transport.TCP;
      assertThrows(IllegalStateException.class, () -> WorkerProcess.verify(address, other));
    }
  }

  @Test
  void aClientsFailureIsTheMeasurements() throws IOException {
    int port;
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    Load load = new Load(Application.JDK_HTTP, port, 1);
    Pace pace = new Pace(0, 1, 1_000_000);
    assertThrows(ConnectException.class, () -> load.measure(pace, ProcessHandle.current().pid()));
  }
}
