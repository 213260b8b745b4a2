package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code status}, {@code off} and {@code on}. */
@Tag("on-one-jdk")
@Timeout(240)
class CommandsIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void statusWithoutAProcessListsThemAll() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      List<Long> pids = SwitchStatus.all().stream().map(SwitchStatus::pid).toList();
      assertTrue(pids.contains(server.pid()), pids::toString);
      assertTrue(pids.contains(client.pid()), pids::toString);
    }
  }

  @Test
  void statusOfNobodyFailsAndSaysSo() throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    Finished status = Jvm.command("status", pid);
    assertEquals(1, status.status(), status::toString);
    assertEquals("", status.output());
    assertEquals(
        "no process " + pid + " with Twinport in this network namespace\n", status.errors());
  }

  /** What a container calls process 1 has another id here; every command takes either. */
  @Test
  void aProcessInAContainerIsNamedAsItIsSeenHere() throws Exception {
    Setup.needsRoot();
    try (Program server =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0")
            .through("unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child")
            .start()) {
      String here = Long.toString(server.pid());
      Finished seen = Jvm.command("status", here, "--json");
      assertEquals(0, seen.status(), seen::toString);
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals(1, status.pid());
      String id = (String) status.json().get("id");
      for (String name : List.of(here, id)) {
        for (String[] words :
            new String[][] {
              {"status", name}, {"off", name}, {"on", name}, {"set", name, "log=warn"}
            }) {
          Finished command = Jvm.command(words);
          assertEquals(0, command.status(), command::toString);
          assertEquals("", command.errors());
        }
        Finished doctor = Jvm.command("doctor", name, "--json");
        assertEquals(0, doctor.status(), doctor::toString);
        String healthy = "127.0.0.1:" + server.port() + " has a twin";
        assertTrue(doctor.output().contains(healthy), doctor::toString);
        Finished attach = Jvm.command("attach", name);
        assertEquals(1, attach.status(), attach::toString);
        assertTrue(attach.errors().contains("has Twinport already"), attach::toString);
      }
    }
  }

  @Test
  void whatCannotBeWrittenIsAFailure() throws Exception {
    String command = Setup.JDK.resolve("bin/java") + " -jar " + Setup.JAR + " status > /dev/full";
    Finished status = Machine.THIS.run(List.of("sh", "-c", command));
    assertEquals(1, status.status(), status::toString);
    assertEquals(1, status.errors().lines().count(), status::toString);
    assertTrue(status.errors().contains("No space left on device"), status::toString);
  }

  @Test
  void offSendsNewConnectionsToTcpAndKeepsTheOthers() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      int port = server.port(0);
      client.call("open 2 127.0.0.1 " + port);
      San.assertOffTcp(server, port, 2);
      Finished off = Jvm.command("off", Long.toString(server.pid()), Integer.toString(port));
      assertEquals(0, off.status(), off::toString);

      client.call("open 3 127.0.0.1 " + port);
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, port, 3);
      SwitchStatus.Line listener = SwitchStatus.of(server).listeners(port).get(0);
      assertEquals("tcp", listener.path());
      assertEquals("switched-off", listener.reason());

      client.call("open 1 127.0.0.1 " + server.port(1));
      San.assertOffTcp(server, server.port(1), 1);
      client.call("close");

      Finished on = Jvm.command("on", Long.toString(server.pid()), Integer.toString(port));
      assertEquals(0, on.status(), on::toString);
      client.call("open 2 127.0.0.1 " + port);
      San.assertOffTcp(server, port, 2);
    }
  }
}
