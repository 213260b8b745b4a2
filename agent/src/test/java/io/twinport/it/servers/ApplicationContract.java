package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a pair of unmodified programs has to show: with the agent at both ends it is on the SAN, and
 * with the agent at one end it works all the same.
 */
@Timeout(240)
abstract class ApplicationContract {
  abstract Jvm server() throws Exception;

  abstract Jvm client() throws Exception;

  /** Has the client use the server, and checks what comes of it; leaves connections open. */
  abstract void use(Program client, Program server) throws IOException;

  /** The ports at which there are connections then, of either program. */
  List<Integer> ports(Program client, Program server) {
    return List.of(server.port());
  }

  /** Whether a line of standard error is the programs' own affair. */
  boolean isApplicationsOwn(String line) {
    return false;
  }

  @Test
  void withTheAgentOverTheSanAndWithoutItOverTcp() throws Exception {
    try (Program server = server().start()) {
      try (Program client = client().start()) {
        use(client, server);
        for (int port : ports(client, server)) {
          assertOverTheSan(server, port);
        }
        client.ignoreErrors(this::isApplicationsOwn);
      }
      overTcp(client().withoutAgent(), server);
      server.ignoreErrors(this::isApplicationsOwn);
    }
  }

  @Test
  void aServerWithoutTheAgent() throws Exception {
    try (Program server = server().withoutAgent().start()) {
      overTcp(client(), server);
      server.ignoreErrors(this::isApplicationsOwn);
    }
  }

  private void overTcp(Jvm jvm, Program server) throws Exception {
    try (Program client = jvm.start()) {
      use(client, server);
      for (int port : ports(client, server)) {
        assertNotEquals(List.of(), ProcFs.established(server, port), "TCP at port " + port);
      }
      client.ignoreErrors(this::isApplicationsOwn);
    }
  }

  private static void assertOverTheSan(Program server, int port) throws Exception {
    List<String> established = ProcFs.established(server, port);
    if (!Setup.SAN) {
      assertNotEquals(List.of(), established, "TCP connections at port " + port);
      return;
    }
    assertEquals(List.of(), established, "TCP connections at port " + port);
    SwitchStatus status = SwitchStatus.of(server);
    List<SwitchStatus.Line> lines = status.connections(port);
    assertNotEquals(List.of(), lines, status::toString);
    for (SwitchStatus.Line line : lines) {
      assertEquals("shm", line.path(), line::toString);
    }
  }
}
