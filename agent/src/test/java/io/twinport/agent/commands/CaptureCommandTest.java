package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.control.ControlName;
import io.twinport.jdk.NamedSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a user may type, and what may hold a process's name. */
@Timeout(60)
class CaptureCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final StringWriter shown = new StringWriter();
  @TempDir private Path folder;

  private int execute(String... words) {
    CommandLine command = new CommandLine(new CaptureCommand());
    command.setErr(new PrintWriter(shown, true));
    return command.execute(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 0 -w f",
        "1 65536 -w f",
        "1 http -w f",
        "1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 -w f",
        "1 --local-port -1 -w f",
        "1 --remote-port 99999 -w f",
        "1 --peer localhost -w f",
        "1 --peer 10.0.0.0/33 -w f",
        "1 -s -1 -w f",
        "1 -s 999999999 -w f",
        "1 -c -1 -w f",
        "1 --seconds -1 -w f",
        "1 --buffer-size 0 -w f",
        "1 --buffer-size many -w f",
        "1 --buffer-size 99999999999999g -w f",
        "1 --buffer-size= -w f",
        "1 --ring-files 3 -w f",
        "1 --ring-bytes 1m -w f",
        "1 --ring-files 1 --ring-bytes 1m -w f",
        "1 --ring-files 3 --ring-bytes 1 -w f",
        "1 --ring-files 3 --ring-bytes 1m -w -",
        "1 -w /",
        "1 -w",
        "1",
        "",
      })
  void aWrongCommandLineIsSaidSo(String line) {
    assertEquals(2, execute(line.isEmpty() ? new String[0] : line.split(" ")));
    assertTrue(shown.toString().lines().count() > 0);
  }

  @Test
  void aVersionBeforeItIsSaidSo() throws Exception {
    assertEquals(
        "has an older version of Twinport, which can't capture",
        answered("{\"error\":\"no such request: capture 1 snap=32768\"}\n"));
  }

  @Test
  void anErrorIsNoCommandToTheTerminal() throws Exception {
    assertEquals("says ?[2J?", answered("{\"error\":\"says \\u001b[2J\\n\"}\n"));
  }

  @Test
  void whatIsNoAnswerIsSaidSo() throws Exception {
    assertEquals("gave no answer", answered("nonsense\n"));
  }

  @Test
  void recordsThatMakeNoSenseEndIt() throws Exception {
    String said = answered("{\"startNanos\":1}\n" + "x".repeat(100));
    assertTrue(said.endsWith("sends what makes no sense"), said);
  }

  /** What the command says, behind the process, when a process answers so; all answers fail. */
  private String answered(String answer) throws Exception {
    ControlName name = new ControlName(ProcessHandle.current().pid(), "0badc0de");
    Path file = folder.resolve("file");
    try (NamedSocket liar = NamedSocket.listen(name.name(), 1)) {
      CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(liar, answer));
      StandardOutput out = new StandardOutput(new ByteArrayOutputStream());
      PrintWriter err = new PrintWriter(shown, true);
      int code = Main.run(out, err, "capture", name.id(), "-w", file.toString());
      assertEquals(1, code, shown::toString);
      answered.join();
    }
    List<String> lines = new ArrayList<>(shown.toString().lines().toList());
    boolean begun = lines.removeIf(line -> line.startsWith("capturing "));
    assertEquals(begun, Files.exists(file), "a file, only if there is something in it");
    assertEquals(1, lines.size(), shown::toString);
    return lines.get(0).replace("process " + name.pid() + " ", "");
  }

  private static void answer(NamedSocket liar, String answer) {
    try (NamedSocket client = liar.accept()) {
      client.readLine(1000, PATIENCE);
      client.write(answer, PATIENCE);
      ByteBuffer rest = ByteBuffer.allocate(1);
      while (client.read(rest) == 0) {
        client.awaitReadable(PATIENCE); // A reset could take the answer with it.
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
