package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import io.twinport.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;

/** Whatever a user writes, there is one line that says what is wrong, and the right exit code. */
@Timeout(120)
class BadInputsTest {
  private record Said(int code, String out, String err) {}

  private static Said run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    int code = Main.run(new StandardOutput(out), new PrintWriter(err, true), words);
    return new Said(code, out.toString(StandardOutput.charset()), err.toString());
  }

  private static void assertOneLine(int code, String[] words) {
    Said said = run(words);
    String shown = String.join(" ", words).replaceAll("(.{200}).*", "$1...") + " -> " + said;
    assertEquals(code, said.code(), shown);
    assertEquals("", said.out(), shown);
    assertEquals(1, said.err().lines().count(), shown);
    assertTrue(said.err().length() < 600, shown);
    assertFalse(said.err().chars().anyMatch(c -> c != '\n' && Character.isISOControl(c)), shown);
    assertFalse(said.err().contains("Exception"), shown);
  }

  /** No process has such a name, whoever is asked. */
  private static final List<String> NOBODY =
      List.of(
          "",
          " ",
          "x",
          "0",
          "-0",
          "1e3",
          "0x10",
          "4194305",
          "99999999999999999999",
          "ffffffff0",
          "../1",
          "1/../self",
          "self",
          "*",
          "%s%n",
          "$(reboot)",
          "\u0000",
          "a\nb",
          "\u001b[2J",
          "\ud800",
          "1".repeat(100_000));

  static Stream<List<String>> whoIsNotThere() {
    List<List<String>> lines = new ArrayList<>();
    for (String name : NOBODY) {
      lines.add(List.of("status", name));
      lines.add(List.of("status", "--json", name));
      lines.add(List.of("off", name));
      lines.add(List.of("off", "--keep", name, "80"));
      lines.add(List.of("on", name, "80"));
      lines.add(List.of("set", name, "log=debug"));
      lines.add(List.of("attach", name, "wait=block"));
    }
    return lines.stream();
  }

  @ParameterizedTest
  @MethodSource
  void whoIsNotThere(List<String> words) {
    assertOneLine(1, words.toArray(String[]::new));
  }

  static Stream<List<String>> wrongUse() {
    return Stream.of(
        List.of("nonsense"),
        List.of("statsu"),
        List.of(""),
        List.of("\u001b[2J"),
        List.of("x".repeat(100_000)),
        List.of("--nonsense"),
        List.of("help", "nonsense"),
        List.of("status", "1", "2"),
        List.of("status", "--jsn"),
        List.of("status", "--json=maybe"),
        List.of("off"),
        List.of("off", "1", "x"),
        List.of("off", "1", ""),
        List.of("off", "1", "0"),
        List.of("off", "1", "65536"),
        List.of("off", "1", "-1"),
        List.of("off", "1", "99999999999"),
        List.of("off", "1", "80", "81"),
        List.of("off", "1", "\n"),
        List.of("on"),
        List.of("on", "1", "65536"),
        List.of("on", "--keep", "1"),
        List.of("set"),
        List.of("set", "1"),
        List.of("set", "1", ""),
        List.of("set", "1", "log"),
        List.of("set", "1", "=debug"),
        List.of("set", "1", "rules=a\nb"),
        List.of("set", "1", "rules=" + "x".repeat(100_000)),
        List.of("set", "1", "log=debug", "wait=block"),
        List.of("attach"),
        List.of("attach", "1", "a", "b"),
        List.of("doctor", "1", "2"),
        List.of("doctor", "--yaml"),
        List.of("demo", "fast"),
        List.of("demo", "--fast"),
        List.of("version", "x"),
        List.of("version", "--x"));
  }

  @ParameterizedTest
  @MethodSource
  void wrongUse(List<String> words) {
    assertOneLine(2, words.toArray(String[]::new));
  }

  @Test
  void wrongSettingsAreFoundBeforeAProcessGetsThem() throws Exception {
    for (String settings :
        List.of(
            "wiat=block",
            "wait=sometimes",
            "rules=use udp listen * 80",
            "nonsense",
            "=",
            "spin-micros=" + "9".repeat(1_000),
            "wait=\u001b[2J")) {
      List<String> complaints = complaints(settings);
      assertEquals(1, complaints.size(), () -> settings + " -> " + complaints);
    }
    assertEquals(List.of(), complaints("wait=block,rules=/etc/rules,config=/etc/config"));
  }

  /** But for the providers, which are in the jar. */
  private static List<String> complaints(String arguments) {
    return Switch.complaintsOf(Settings.check(arguments), List.of());
  }

  @Test
  void everyCommandHasHelp() {
    for (Class<?> command : Main.class.getAnnotation(Command.class).subcommands()) {
      String name = command.getAnnotation(Command.class).name();
      for (String[] words : new String[][] {{name, "--help"}, {"help", name}}) {
        if (name.equals("version") || (name.equals("help") && words[0].equals("help"))) {
          continue; // It has no options.
        }
        Said said = run(words);
        assertEquals(0, said.code(), said::toString);
        assertEquals("", said.err());
        assertTrue(said.out().startsWith("Usage: twinport " + name), said::out);
        assertTrue(said.out().lines().allMatch(line -> line.length() <= 80), said::out);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "help", "--help", "version", "--version"})
  void whatAsksForNothingElseSucceeds(String words) {
    Said said =
        run(Arrays.stream(words.split(" ")).filter(w -> !w.isEmpty()).toArray(String[]::new));
    assertEquals(0, said.code(), said::toString);
    assertEquals("", said.err());
    assertFalse(said.out().isBlank());
  }

  @ParameterizedTest
  @ValueSource(strings = {"No space left on device", "Broken pipe"})
  void outputThatIsLostIsAFailure(String why) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(why);
          }
        };
    for (String command : List.of("help", "version", "status")) {
      StringWriter err = new StringWriter();
      assertEquals(1, Main.run(new StandardOutput(full), new PrintWriter(err, true), command));
      // Whoever has closed the pipe wants no more.
      assertEquals(why.startsWith("Broken") ? 0 : 1, err.toString().lines().count(), err::toString);
    }
  }
}
