package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code top} shows, and what its keys do. */
@Tag("on-one-jdk")
@Timeout(120)
class TopIT {
  private static final Path SCRIPT = Path.of("/usr/bin/script");

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  /** Reads a terminal until it has shown something; returns all up to there. */
  private static String await(Reader terminal, String what) throws IOException {
    StringBuilder shown = new StringBuilder();
    while (shown.indexOf(what) < 0) {
      int next = terminal.read();
      assertTrue(next >= 0, () -> what + " is not in " + shown);
      shown.append((char) next);
    }
    return shown.toString();
  }

  @Test
  void keysSortFilterAndEndItInATerminal() throws Exception {
    Setup.needs(Files.isExecutable(SCRIPT), "script, for a terminal");
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      String top = Setup.JDK.resolve("bin/java") + " -jar " + Setup.JAR + " top -i 0.2 ";
      Process script =
          Machine.THIS.start(List.of(SCRIPT.toString(), "-qefc", top + server.pid(), "/dev/null"));
      try (Reader terminal = script.inputReader(StandardCharsets.UTF_8)) {
        String begin = await(terminal, "s: sort (rate)  p: port (all)  q: quit");
        assertTrue(begin.startsWith("\u001b[?1049h\u001b[?25l"), begin);
        String peer = "127.0.0.1:";
        assertTrue(await(terminal, "q: quit").contains(peer), "a connection is shown");
        type(script, "s");
        await(terminal, "connections by calls, the first ones:");
        type(script, "p1\r");
        await(terminal, "connections by calls at port 1, the first ones:");
        await(terminal, "p: port (1)");
        type(script, "p\r");
        await(terminal, "p: port (all)");
        type(script, "q");
        await(terminal, "\u001b[?25h\u001b[?1049l");
        assertTrue(script.waitFor(30, TimeUnit.SECONDS), "ends");
        assertEquals(0, script.exitValue());
      } finally {
        script.destroyForcibly();
      }
      client.call("close");
    }
  }

  private static void type(Process terminal, String keys) throws IOException {
    terminal.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
    terminal.getOutputStream().flush();
  }

  @Test
  void onceIsOneSampleWithoutATerminal() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      Finished once =
          Jvm.command("top", Long.toString(server.pid()), "--once", "--interval", "0.1");
      assertEquals(0, once.status(), once::toString);
      assertTrue(once.output().contains("127.0.0.1:" + server.port()), once::toString);
      assertTrue(once.output().lines().allMatch(line -> line.length() <= 80), once::toString);
      assertTrue(once.output().indexOf(0x1b) < 0, "no word to a terminal");
    }
  }
}
