package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Twinport's own events are in recordings, in whatever way one begins. */
@Timeout(240)
class RecordedPathsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void inOneThatTheProgramMakes() throws Exception {
    try (Program server = Jvm.of("RecordedEcho").start();
        Program plain = Jvm.of("RecordedEcho").withoutAgent().start();
        Program client = Jvm.of("RecordedEcho").start()) {
      server.call("record");
      client.call("record");
      // The first events may be on their way while the first connection is made.
      String there =
          Eventually.within(
              PATIENCE,
              () -> {
                client.call("channel " + server.port());
                return client.call("paths").line() + server.call("paths").line();
              },
              paths -> paths.contains("Connect:shm") && paths.contains("Accept:shm"));
      assertFalse(there.contains("Fallback"), there);
      client.call("channel " + plain.port());
      client.call("socket " + plain.port());
      String here = client.call("paths").line();
      String expected = "Connect:tcp:no-twin Fallback:client:no-twin"; // By when they began.
      int first = here.indexOf("Connect:tcp");
      assertEquals(expected + " " + expected, here.substring(first).strip());
    }
  }

  @Test
  void inOneThatBeginsWithTheProcess() throws Exception {
    Path file = folder.resolve("start.jfr");
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      Jvm jvm = Jvm.of("ColdProgram", "connect", Integer.toString(server.port()));
      List<String> command = jvm.option("-XX:StartFlightRecording=filename=" + file).command();
      Finished finished = Machine.THIS.run(command);
      assertEquals(0, finished.status(), finished::toString);
      String printed = print(file, "twinport.Connect");
      assertTrue(printed.contains("path = \"shm\""), printed);
      assertTrue(printed.contains("remotePort = " + server.port()), printed);
    }
  }

  @Test
  void inOneThatJcmdStarts() throws Exception {
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "1").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      jcmd(client, "JFR.start", "name=it", "+twinport.ConnectionStatistics#period=100ms");
      jcmd(server, "JFR.start", "name=it");
      for (Program each : List.of(server, client)) {
        String printed =
            Eventually.within(
                PATIENCE,
                () -> {
                  client.fail("open 1 127.0.0.1 " + server.port());
                  return dumped(each, "twinport.Refused");
                },
                text -> text.contains("twinport.Refused"));
        assertTrue(printed.contains("reason = \"backlog-full\""), printed);
        assertTrue(
            printed.contains("side = \"" + (each == server ? "listener" : "client")), printed);
      }
      String statistics =
          Eventually.within(
              PATIENCE,
              () -> dumped(client, "twinport.ConnectionStatistics"),
              text -> text.contains("remotePort = " + server.port()));
      assertTrue(statistics.contains("accepted = false"), statistics);
      server.takeError(); // The first refusal is a line.
    }
  }

  @Test
  void inOneThatWasThereBeforeTheAgent() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client =
            Jvm.of("BlockingEchoClient")
                .withoutAgent()
                .option("-XX:StartFlightRecording=name=it")
                .option("-Xlog:jfr+startup=off")
                .start()) {
      Finished attach = Jvm.command("attach", Long.toString(client.pid()));
      assertEquals(0, attach.status(), attach::toString);
      client.call("open 1 127.0.0.1 " + server.port());
      String printed = dumped(client, "twinport.Connect");
      assertTrue(printed.contains("path = \"shm\""), printed);
      client.call("close");
      client.takeErrors(); // The JDK's warning of agents that come later.
    }
  }

  private String dumped(Program program, String event) throws Exception {
    Path file = folder.resolve(program.pid() + ".jfr");
    jcmd(program, "JFR.dump", "name=it", "filename=" + file);
    String printed = print(file, event);
    Files.delete(file);
    return printed;
  }

  private static void jcmd(Program program, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Setup.JDK.resolve("bin/jcmd").toString());
    command.add(Long.toString(program.pid()));
    command.addAll(List.of(words));
    Finished finished = Machine.THIS.run(command);
    assertEquals(0, finished.status(), finished::toString);
  }

  private static String print(Path file, String event) throws Exception {
    String jfr = Setup.JDK.resolve("bin/jfr").toString();
    Finished printed = Machine.THIS.run(List.of(jfr, "print", "--events", event, file.toString()));
    assertEquals(0, printed.status(), printed::toString);
    return printed.output();
  }
}
