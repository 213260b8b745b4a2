package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may connect over shared memory, and who may ask a process how it is. */
@Tag("on-one-jdk")
@Timeout(240)
class UsersIT {
  private static final String ROOT = "0";
  private static final String USER = "12345";
  private static final String OTHER = "12346";
  private static final int EACH = 3;

  @BeforeEach
  void needsUsersAndTheAgent() throws Exception {
    Setup.needsSan();
    Setup.needsRoot();
    Finished look = Finished.run(as(USER, "test", "-r", Setup.JAR.toString()));
    Setup.needs(look.status() == 0, "folder that other users may read: " + Setup.JAR);
  }

  @Test
  void anotherUserGoesByTcp() throws Exception {
    connects(null, null, "peer-not-allowed");
  }

  @Test
  void anotherUserThatBothEndsAllowGoesOverTheSan() throws Exception {
    connects(ROOT + "," + USER, ROOT + "," + USER, null);
  }

  @Test
  void oneEndsLeaveIsNotEnough() throws Exception {
    connects(ROOT + "," + USER, null, "peer-not-allowed");
    connects(null, ROOT + "," + USER, "peer-not-allowed");
  }

  @Test
  void theListReplacesTheOwnUser() throws Exception {
    connects(USER, ROOT + "," + USER, null);
    connects(OTHER, ROOT + "," + USER, "peer-not-allowed");
  }

  /** A server of root's and a client of another user's. */
  private static void connects(String serverAllows, String clientAllows, String reason)
      throws Exception {
    try (Program server = allowing(serverAllows, Jvm.of("SelectorEchoServer", "127.0.0.1/0"));
        Program client = allowing(clientAllows, Jvm.of("BlockingEchoClient").through(as(USER)))) {
      client.call("open " + EACH + " 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      List<SwitchStatus.Line> lines = SwitchStatus.of(client).connections(server.port());
      assertEquals(EACH, lines.size(), lines::toString);
      for (SwitchStatus.Line line : lines) {
        assertEquals(reason == null ? "shm" : "tcp", line.path(), line::toString);
        assertEquals(reason, line.reason(), line::toString);
      }
      if (reason == null) {
        San.assertOffTcp(server, server.port(), EACH);
      } else {
        San.assertOnTcp(server, server.port(), EACH);
      }
    }
  }

  private static Program allowing(String users, Jvm jvm) throws IOException {
    return (users == null ? jvm : jvm.twinport("allow-uids", users)).start();
  }

  @Test
  void onlyRootAndItsOwnUserMayAskAProcess() throws Exception {
    try (Program ofUser = Jvm.of("SelectorEchoServer", "127.0.0.1/0").through(as(USER)).start();
        Program ofRoot = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      assertAnswered(ROOT, ofUser);
      assertAnswered(USER, ofUser);
      assertAnswered(ROOT, ofRoot);
      assertNothing(OTHER, ofUser, "status");
      assertNothing(USER, ofRoot, "status");
      assertNothing(OTHER, ofUser, "off");
      assertEquals("tcp+shm", SwitchStatus.of(ofUser).listeners(ofUser.port()).get(0).path());
    }
  }

  @Test
  void whoMayNotAttachIsToldWhoMay() throws Exception {
    try (Program ofRoot = Jvm.of("GrowingServer").withoutAgent().start()) {
      Finished attach = Jvm.command(List.of(as(USER)), "attach", ofRoot.pid() + "");
      assertEquals(1, attach.status(), attach::toString);
      assertEquals(1, attach.errors().lines().count(), attach::toString);
      assertTrue(attach.errors().contains("it runs as root: do this as root"), attach::toString);
    }
  }

  @Test
  void aJarThatTheProcessMayNotReadIsNamed() throws Exception {
    Path folder = Files.createTempDirectory("of-root"); // Nobody else may look into it.
    Path jar = folder.resolve("twinport.jar");
    Files.copy(Setup.JAR, jar);
    try (Program ofUser = Jvm.of("GrowingServer").withoutAgent().through(as(USER)).start()) {
      ofUser.ignoreErrors(line -> line.startsWith("Error opening zip file"));
      String java = Setup.JDK.resolve("bin/java").toString();
      Finished attach =
          Machine.THIS.run(List.of(java, "-jar", jar.toString(), "attach", ofUser.pid() + ""));
      assertEquals(1, attach.status(), attach::toString);
      assertEquals(1, attach.errors().lines().count(), attach::toString);
      assertTrue(attach.errors().contains("can't read " + jar), attach::toString);
    } finally {
      Files.delete(jar);
      Files.delete(folder);
    }
  }

  private static void assertAnswered(String user, Program program) throws Exception {
    String pid = Long.toString(program.pid());
    Finished status = Jvm.command(List.of(as(user)), "status", pid, "--json");
    assertEquals(0, status.status(), status.errors());
    assertTrue(status.output().contains("127.0.0.1:" + program.port()), status::toString);
  }

  private static void assertNothing(String user, Program program, String command) throws Exception {
    String pid = Long.toString(program.pid());
    Finished asked = Jvm.command(List.of(as(user)), command, pid);
    assertFalse(asked.status() == 0, asked::toString);
    String address = "127.0.0.1:" + program.port();
    assertFalse((asked.output() + asked.errors()).contains(address), asked::toString);
  }

  private static String[] as(String user) {
    return new String[] {"setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"};
  }

  private static List<String> as(String user, String... words) {
    List<String> command = new ArrayList<>(List.of(as(user)));
    command.addAll(List.of(words));
    return command;
  }
}
