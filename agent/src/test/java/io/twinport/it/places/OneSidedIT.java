package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent at one end only: everything works over TCP, and {@code status} says why. */
@Timeout(240)
class OneSidedIT {
  private static final String CHANNELS = "SelectorEchoServer, BlockingEchoClient";
  private static final String SOCKETS = "SocketEchoServer, SocketEchoClient";
  private static final String ASYNCHRONOUS = "AsyncEchoServer, AsyncEchoClient";

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({CHANNELS, SOCKETS, ASYNCHRONOUS})
  void serverOnly(String serverProgram, String clientProgram) throws Exception {
    try (Program server = Jvm.of(serverProgram, "127.0.0.1/0").start();
        Program client = Jvm.of(clientProgram).withoutAgent().start()) {
      talk(server, client);
      Setup.needsSan();
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals("tcp+shm", status.listeners(server.port()).get(0).path());
      assertTcp(status.connections(server.port()), "accepted", "client-used-tcp");
    }
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({CHANNELS, SOCKETS, ASYNCHRONOUS})
  void clientOnly(String serverProgram, String clientProgram) throws Exception {
    try (Program server = Jvm.of(serverProgram, "127.0.0.1/0").withoutAgent().start();
        Program client = Jvm.of(clientProgram).start()) {
      talk(server, client);
      Setup.needsSan();
      assertTcp(SwitchStatus.of(client).connections(server.port()), "connected", "no-twin");
    }
  }

  private static void talk(Program server, Program client) throws Exception {
    client.call("open 3 127.0.0.1 " + server.port());
    assertEquals(0, client.call("echo 4096").number("wrong"));
    San.assertOnTcp(server, server.port(), 3);
  }

  private static void assertTcp(List<SwitchStatus.Line> lines, String role, String reason) {
    assertEquals(3, lines.size(), lines::toString);
    for (SwitchStatus.Line line : lines) {
      assertEquals("tcp", line.path(), line::toString);
      assertEquals(role, line.role(), line::toString);
      assertEquals(reason, line.reason(), line::toString);
    }
  }
}
