package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NextVersion;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers and clients that are upgraded one after the other, with traffic on. */
@Tag("on-one-jdk")
@Timeout(240)
class VersionsIT {
  private static final int EACH = 3;
  private static Path next;

  @BeforeAll
  static void build() throws Exception {
    Setup.needsSan();
    next = NextVersion.jar();
  }

  @Test
  void twoVersionsSideBySideTalkByTcpAndEachAmongItselfOverTheSan() throws Exception {
    try (Program oldServer = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program newServer = Jvm.of("SelectorEchoServer", "127.0.0.1/0").agent(next).start();
        Program oldClient = Jvm.of("BlockingEchoClient").start();
        Program newClient = Jvm.of("BlockingEchoClient").agent(next).start();
        Program stays = Jvm.of("BlockingEchoClient").start()) {
      stays.call("open " + EACH + " 127.0.0.1 " + oldServer.port());
      San.assertOffTcp(oldServer, oldServer.port(), EACH);

      talk(newClient, oldServer);
      assertOtherVersion(newClient, oldServer);
      assertEchoes(stays);
      newClient.call("close");
      talk(oldClient, newServer);
      assertOtherVersion(oldClient, newServer);
      oldClient.call("close");
      talk(newClient, newServer);
      San.assertOffTcp(newServer, newServer.port(), EACH);
      talk(oldClient, oldServer);
      San.assertOffTcp(oldServer, oldServer.port(), 2 * EACH);
      assertEchoes(stays);
      assertEchoes(newClient);

      Finished status = Jvm.command("status", Long.toString(oldServer.pid()));
      assertEquals(0, status.status(), status::toString);
      Finished overview = Jvm.command("status");
      assertEquals(0, overview.status(), overview::toString);
    }
  }

  @Test
  void aServerIsUpgradedOnItsPortAndItsClientsFollow() throws Exception {
    int port = Setup.freePorts(1)[0];
    try (Program client = Jvm.of("BlockingEchoClient").start()) {
      try (Program before = Jvm.of("SelectorEchoServer", "127.0.0.1/" + port).start()) {
        talk(client, before);
        San.assertOffTcp(before, port, EACH);
        client.call("close");
      }
      try (Program after = Jvm.of("SelectorEchoServer", "127.0.0.1/" + port).agent(next).start()) {
        talk(client, after);
        assertOtherVersion(client, after);
        try (Program upgraded = Jvm.of("BlockingEchoClient").agent(next).start()) {
          talk(upgraded, after);
          List<SwitchStatus.Line> lines = SwitchStatus.of(upgraded).connections(port);
          assertTrue(lines.stream().allMatch(line -> line.path().equals("shm")), lines::toString);
        }
      }
    }
  }

  private static void talk(Program client, Program server) throws Exception {
    client.call("open " + EACH + " 127.0.0.1 " + server.port());
    assertEchoes(client);
  }

  private static void assertEchoes(Program client) throws Exception {
    assertEquals(0, client.call("echo 65536").number("wrong"));
  }

  /** All connections are on TCP, and both ends say why. */
  private static void assertOtherVersion(Program client, Program server) throws Exception {
    for (Program end : List.of(client, server)) {
      List<SwitchStatus.Line> lines =
          SwitchStatus.of(end).connections(server.port()).stream()
              .filter(line -> line.path().equals("tcp"))
              .toList();
      assertEquals(EACH, lines.size(), lines::toString);
      for (SwitchStatus.Line line : lines) {
        assertEquals("wire-version", line.reason(), line::toString);
      }
    }
    Finished status = Jvm.command("status", Long.toString(server.pid()));
    assertTrue(status.output().contains("use one version at both ends"), status::toString);
  }
}
