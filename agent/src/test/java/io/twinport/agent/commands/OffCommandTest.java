package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.agent.control.ControlName;
import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(60)
class OffCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Whoever has a process's name may answer what he likes, and that goes to a terminal. */
  @Test
  void anErrorIsNoCommandToTheTerminal() throws Exception {
    ControlName name = new ControlName(ProcessHandle.current().pid(), "0badc0de");
    StringWriter shown = new StringWriter();
    try (NamedSocket liar = NamedSocket.listen(name.name(), 1)) {
      CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(liar));
      CommandLine command = new CommandLine(new OffCommand());
      command.setErr(new PrintWriter(shown));
      assertEquals(1, command.execute(name.id()));
      answered.join();
    }
    assertEquals(
        "process " + name.pid() + " says ?[2J?" + System.lineSeparator(), shown.toString());
  }

  private static void answer(NamedSocket liar) {
    try (NamedSocket client = liar.accept()) {
      client.readLine(100, PATIENCE);
      client.write("{\"error\":\"says \\u001b[2J\\n\"}", PATIENCE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
