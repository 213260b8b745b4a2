package io.twinport.it.commands;

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
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is set for a process, and changed while it runs. */
@Tag("on-one-jdk")
@Timeout(240)
class SettingsIT {
  private static final int EACH = 3;

  @TempDir private Path folder;

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  private static Jvm server() {
    return Jvm.of("SelectorEchoServer", "127.0.0.1/0");
  }

  @Test
  void aFileSetsWhatNothingElseDoes() throws Exception {
    Path file = folder.resolve("twinport.properties");
    Files.writeString(file, "twinport.providers=none\ntwinport.wait=block\nwiat=block\n");
    try (Program server = server().twinport("config", file.toString()).start()) {
      assertEquals("no-provider", listener(server).reason());
      String error = server.takeError();
      assertTrue(error.endsWith("twinport.wiat is ignored; did you mean twinport.wait?"), error);
    }
    try (Program server =
        server().twinport("config", file.toString()).twinport("providers", "shm").start()) {
      assertEquals("tcp+shm", listener(server).path());
      server.takeError();
    }
  }

  @Test
  void namesThatMeanNothingAreToldOnce() throws Exception {
    try (Program server =
        server()
            .through("env", "TWINPORT_SHM_MAX_BYTE=1g", "TWINPORT_SERVICE_HOST=10.0.0.1")
            .twinport("ucx.retry-seconds", "5") // Of a provider that is not used.
            .start()) {
      String error = server.takeError();
      assertTrue(error.contains("TWINPORT_SHM_MAX_BYTE is ignored"), error);
      assertTrue(error.endsWith("did you mean TWINPORT_SHM_MAX_BYTES?"), error);
    }
    try (Program server = server().twinport("providers", "smh").start()) {
      String error = server.takeError();
      assertTrue(error.endsWith("no provider 'smh'; there are shm, ucx"), error);
    }
  }

  @Test
  void linesGoToAFile() throws Exception {
    Path log = folder.resolve("log");
    try (Program server =
        server().twinport("log-file", log.toString()).twinport("wait", "sometimes").start()) {
      assertEquals("tcp+shm", listener(server).path());
    }
    List<String> lines = Files.readAllLines(log);
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).matches("twinport: \\S+Z warn \\[main] twinport.wait=sometimes is not .*"),
        lines::toString);
  }

  @Test
  void linesGoToTheApplicationsLogOnceThatIsUpAndNotBefore() throws Exception {
    Finished logs = logging("logs");
    assertTrue(
        logs.output().contains("heard WARNING ") && logs.output().contains("twinport.wait="),
        logs::toString);
    assertEquals("", logs.errors());
    Finished never = logging();
    assertFalse(never.output().contains("LogManager"), never::toString);
    List<String> warnings = never.errors().lines().filter(l -> l.contains(" warn ")).toList();
    assertEquals(1, warnings.size(), never::toString);
    assertTrue(warnings.get(0).contains("twinport.wait=sometimes"), never::toString);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "slf4j, org.slf4j.LoggerFactory, WARN io.twinport - ",
    "slf4j-finder, org.slf4j.LoggerFactory, WARN io.twinport - ",
    "log4j, org.apache.logging.log4j.LogManager, WARN twinport "
  })
  void linesGoToTheLibraryThatTheApplicationLogsBy(String library, String factory, String told)
      throws Exception {
    Jvm jvm = Jvm.of("LoggingProgram", "logs-by", factory).with(Setup.library(library));
    if (library.equals("slf4j-finder")) {
      jvm.with(Setup.library("slf4j"));
    }
    jvm.option("-Dorg.apache.logging.log4j.simplelog.level=INFO")
        .option("-Xlog:class+load:file=" + folder.resolve("classes"))
        .twinport("log", "application")
        .twinport("wait", "sometimes");
    Process program = Machine.THIS.start(jvm.command());
    try (BufferedReader errors = program.errorReader()) {
      String line = errors.readLine();
      while (line != null && !line.contains("twinport.wait=")) {
        line = errors.readLine();
      }
      assertTrue(line != null && line.contains(told), line);
      program.getOutputStream().close();
      assertEquals(0, program.waitFor());
    } finally {
      program.destroyForcibly();
    }
    String loaded = Files.readString(folder.resolve("classes"));
    assertFalse(loaded.contains("java.util.logging.LogManager"), "a log that nobody asked for");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"slf4j-api, org.slf4j.LoggerFactory", "log4j, org.apache.logging.log4j.LogManager"})
  void aLibraryWithNothingBehindItGetsNoLines(String library, String factory) throws Exception {
    Jvm jvm = Jvm.of("LoggingProgram", "logs", factory).with(Setup.library(library));
    Finished logs = logging(jvm);
    assertTrue(
        logs.output().contains("heard WARNING ") && logs.output().contains("twinport.wait="),
        logs::toString);
  }

  private static Finished logging(String... arguments) throws Exception {
    return logging(Jvm.of("LoggingProgram", arguments).option("-Xlog:class+load"));
  }

  private static Finished logging(Jvm jvm) throws Exception {
    List<String> command =
        jvm.twinport("log", "application").twinport("wait", "sometimes").command();
    Finished finished = Machine.THIS.run(command);
    assertEquals(0, finished.status(), finished::toString);
    return finished;
  }

  @Test
  void rulesAndTheLogLevelAreChangedWhileAProcessRuns() throws Exception {
    try (Program server = server().start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open " + EACH + " 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), EACH);
      assertDone(set(client, "rules=use tcp connect * " + server.port()));
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, server.port(), 2);
      client.call("close");
      Finished none = set(client, "rules=");
      assertDone(none);
      assertTrue(none.output().contains(": no rules from now on"), none::toString);
      client.call("open " + EACH + " 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), EACH);
      assertFails(set(client, "rules=use udp connect * *"), "'udp' is not one of");
      assertFails(set(client, "wait=block"), "when a process starts");
      assertFails(set(client, "wiat=block"), "did you mean twinport.wait?");
      assertFails(set(client, "log=loud"), "was left as it is: ");
      assertFails(set(client, "log=loud"), "one of off, error, warn");
      assertDone(set(server, "log=off"));
    }
  }

  @Test
  void whatIsOffStaysOffIfThatIsAsked() throws Exception {
    Path file = folder.resolve("off");
    int port = Setup.freePorts(1)[0];
    Jvm jvm = Jvm.of("SelectorEchoServer", "127.0.0.1/" + port).twinport("off-file", file + "");
    try (Program server = jvm.start()) {
      assertDone(Jvm.command("off", server.pid() + "", port + "", "--keep"));
      assertEquals("switched-off", listener(server).reason());
    }
    assertEquals(List.of(port + ""), Files.readAllLines(file));
    try (Program server = jvm.start()) {
      assertEquals("switched-off", listener(server).reason());
      assertDone(Jvm.command("on", server.pid() + ""));
      assertEquals("tcp+shm", listener(server).path());
    }
    try (Program server = jvm.start()) {
      assertEquals("tcp+shm", listener(server).path());
    }
    try (Program server = server().start()) {
      assertFails(Jvm.command("off", server.pid() + "", "--keep"), "twinport.off-file");
      assertEquals("tcp+shm", listener(server).path());
    }
    Files.writeString(file, "all of them\n");
    try (Program server = jvm.start()) {
      assertEquals("tcp+shm", listener(server).path());
      String error = server.takeError();
      assertTrue(error.contains("'all of them' is neither a port nor 'all'"), error);
    }
  }

  @Test
  void attachReportsSettingsThatMakeNoSense() throws Exception {
    try (Program server =
        Jvm.of("GrowingServer").withoutAgent().option("-XX:+EnableDynamicAgentLoading").start()) {
      String pid = Long.toString(server.pid());
      Finished wrong = Jvm.command("attach", pid, "wiat=block,shm.max-bytes=lots");
      assertEquals(1, wrong.status(), wrong::toString);
      assertEquals(3, wrong.errors().lines().count(), wrong::toString);
      assertTrue(wrong.errors().contains("did you mean twinport.wait?"), wrong::toString);
      assertTrue(wrong.errors().contains("twinport.shm.max-bytes=lots"), wrong::toString);
      assertTrue(wrong.errors().contains("was left as it is"), wrong::toString);
      assertEquals(1, Jvm.command("status", pid).status());

      Finished late = Jvm.command("attach", pid, "rules=" + folder + "/none");
      assertEquals(1, late.status(), late::toString);
      assertTrue(late.errors().contains("no such file"), late::toString);
      assertTrue(server.takeError().contains("no such file"));
    }
  }

  private static Finished set(Program program, String setting) throws Exception {
    return Jvm.command("set", Long.toString(program.pid()), setting);
  }

  private static SwitchStatus.Line listener(Program server) throws Exception {
    return SwitchStatus.of(server).listeners(server.port()).get(0);
  }

  private static void assertDone(Finished command) {
    assertEquals(0, command.status(), command::toString);
    assertEquals("", command.errors());
  }

  private static void assertFails(Finished command, String why) {
    assertEquals(1, command.status(), command::toString);
    assertEquals(1, command.errors().lines().count(), command::toString);
    assertTrue(command.errors().contains(why), command::toString);
  }
}
