package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.view.Answers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.TypeConversionException;

class StatusFilterTest {
  private static final String ANSWER =
      """
      {"listeners":[{"local":"127.0.0.1:8080","path":"tcp+shm+ucx"},
                    {"local":"[::]:9090","path":"tcp","reason":"rule"}],
       "connections":[
         {"local":"127.0.0.1:8080","remote":"127.0.0.1:1025","path":"shm","sentBytes":5},
         {"local":"127.0.0.1:8080","remote":"127.0.0.1:1026","path":"shm","sentBytes":50},
         {"local":"127.0.0.1:1027","remote":"[0:0:0:0:0:0:0:1]:9090","path":"tcp","reason":"no-twin"},
         {"remote":"127.0.0.1:8080","path":"ucx","state":"connecting"}]}
      """;

  @Command
  static final class Filtering implements Runnable {
    @Mixin private StatusFilter filter;

    private Map<String, Object> answer;

    @Override
    @SuppressWarnings("unchecked")
    public void run() {
      filter.check();
      answer = (Map<String, Object>) ControlJson.parse(ANSWER);
      filter.apply(answer);
    }
  }

  /** The addresses of what is left: of listeners the local ones, of connections the remote. */
  private static List<String> left(String... options) {
    Filtering command = new Filtering();
    assertEquals(0, new CommandLine(command).execute(options));
    List<String> left = new ArrayList<>();
    Answers.lines(command.answer, "listeners").forEach(l -> left.add((String) l.get("local")));
    Answers.lines(command.answer, "connections").forEach(c -> left.add((String) c.get("remote")));
    return left;
  }

  @Test
  void byPortOfEitherEnd() {
    assertEquals(
        List.of("127.0.0.1:8080", "127.0.0.1:1025", "127.0.0.1:1026", "127.0.0.1:8080"),
        left("--port", "8080"));
    assertEquals(List.of("127.0.0.1:1026"), left("--port", "1026"));
  }

  @Test
  void byPeer() {
    assertEquals(List.of("127.0.0.1:1026"), left("--peer", "127.0.0.1:1026"));
    assertEquals(
        List.of("127.0.0.1:1025", "127.0.0.1:1026", "127.0.0.1:8080"), left("--peer", "127.0.0.1"));
    assertEquals(List.of(), left("--peer", "127.0.0.10"));
    for (String same : List.of("::1", "[::1]", "0:0:0:0:0:0:0:1", "[::1]:9090")) {
      assertEquals(List.of("[0:0:0:0:0:0:0:1]:9090"), left("--peer", same), same);
    }
    assertEquals(List.of(), left("--peer", "[::1]:9091"));
  }

  @Test
  void byPathAndReason() {
    assertEquals(List.of("127.0.0.1:8080", "127.0.0.1:8080"), left("--path", "ucx"));
    assertEquals(List.of("[::]:9090", "[0:0:0:0:0:0:0:1]:9090"), left("--path", "tcp"));
    assertEquals(List.of("[0:0:0:0:0:0:0:1]:9090"), left("--reason", "no-twin"));
  }

  @Test
  void sorted() {
    assertEquals(
        List.of("127.0.0.1:1026", "127.0.0.1:1025"),
        left("--sort", "sent", "--path", "shm").subList(1, 3));
  }

  @Test
  void whatMakesNoSenseIsSaidInALine() {
    for (String[] wrong :
        new String[][] {
          {"--port", "0"},
          {"--port", "65536"},
          {"--port", "http"},
          {"--peer", "example.com"},
          {"--peer", "127.0.0.1:65536"},
          {"--peer", ""},
          {"--sort", "size"}
        }) {
      StringWriter text = new StringWriter();
      CommandLine command = new CommandLine(new Filtering()).setErr(new PrintWriter(text));
      assertEquals(2, command.execute(wrong), String.join(" ", wrong));
      assertTrue(text.toString().lines().findFirst().orElse("").contains(wrong[0]), text::toString);
    }
  }

  @Test
  void durationsHaveAUnit() throws Exception {
    StatusCommand.Since since = new StatusCommand.Since();
    assertEquals(Duration.ofSeconds(90), since.convert("90s"));
    assertEquals(Duration.ofMinutes(15), since.convert("15m"));
    assertEquals(Duration.ofHours(12), since.convert("12h"));
    assertEquals(Duration.ofDays(2), since.convert("2d"));
    for (String wrong : List.of("", "5", "h", "-1h", "1.5h", "1w", "9999999d", "1h ", "PT1H")) {
      assertThrows(TypeConversionException.class, () -> since.convert(wrong), wrong);
    }
  }
}
