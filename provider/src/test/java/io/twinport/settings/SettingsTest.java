package io.twinport.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.config.Values;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(Resources.SYSTEM_ERR)
@ResourceLock(Resources.SYSTEM_PROPERTIES)
final class SettingsTest {
  private record Told<T>(T value, String lines) {}

  private static <T> Told<T> listening(Supplier<T> action) {
    PrintStream before = System.err;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      return new Told<>(action.get(), heard.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  @Test
  void defaultsAreThoseOfTheManual() {
    Settings settings = Settings.defaults();
    assertEquals(List.of("shm"), settings.providers());
    assertEquals(Settings.Wait.ADAPTIVE, settings.waitMode());
    assertEquals(20, settings.spinMicros());
    assertEquals(OnError.FALLBACK, settings.onError());
    assertEquals(Log.Level.WARN, settings.log());
  }

  @Test
  void aCommaInAnAgentArgumentBeginsANewKeyOnlyBeforeKeyAndEquals() {
    Settings settings = Settings.load("providers=shm,ucx,wait=spin,twinport.spin-micros=5");
    assertEquals(List.of("shm", "ucx"), settings.providers());
    assertEquals(Settings.Wait.SPIN, settings.waitMode());
    assertEquals(5, settings.spinMicros());
  }

  @Test
  void aSystemPropertyWinsOverAnAgentArgument() {
    System.setProperty("twinport.wait", "block");
    try {
      assertEquals(Settings.Wait.BLOCK, Settings.load("wait=spin").waitMode());
    } finally {
      System.clearProperty("twinport.wait");
    }
  }

  @Test
  void aSizeThatIsRoundedIsOneLine() {
    Values values = ProcessValues.exactly(Map.of("shm.ring-bytes", "100000"));
    Told<Long> told = listening(() -> values.powerOfTwo("shm.ring-bytes", 65_536, 4096, 1 << 22));
    assertEquals(131_072, told.value());
    assertEquals(1, told.lines().lines().count(), told.lines());
    assertTrue(told.lines().contains("twinport.shm.ring-bytes=100000"), told.lines());
  }

  @Test
  void aWrongValueIsOneLineAndTheDefault() {
    Told<Settings> told = listening(() -> Settings.of(Map.of("wait", "sleepy")));
    assertEquals(Settings.Wait.ADAPTIVE, told.value().waitMode());
    assertEquals(1, told.lines().lines().count(), told.lines());
    assertTrue(told.lines().contains("twinport.wait=sleepy"), told.lines());
  }

  @Test
  void sizesHaveUnits() {
    Values values = ProcessValues.exactly(Map.of("a", "16m", "b", "128K", "shm.max-bytes", "lots"));
    assertEquals(16L << 20, values.size("a", 1, 0, Long.MAX_VALUE));
    assertEquals(128 << 10, values.size("b", 1, 0, Long.MAX_VALUE));
    Told<Long> told = listening(() -> values.size("shm.max-bytes", 1L << 30, 0, Long.MAX_VALUE));
    assertEquals(1L << 30, told.value());
    assertTrue(told.lines().contains("twinport.shm.max-bytes"), told.lines());
  }

  @Test
  void anUnknownSettingIsReportedWithWhatWasMeant() {
    Settings settings = Settings.load("provider=shm,x.known=1,ucx.foo=1,zzz=1");
    assertEquals("1", settings.value("x.known")); // By a provider.
    Told<Void> told =
        listening(
            () -> {
              settings.reportUnknown(Set.of("ucx."));
              return null;
            });
    List<String> ours = ofArguments(told.lines());
    assertEquals(2, ours.size(), told.lines());
    assertTrue(
        ours.get(0)
            .endsWith(
                "unknown setting twinport.provider is ignored; did you mean twinport.providers?"),
        told.lines());
    assertTrue(ours.get(1).endsWith("unknown setting twinport.zzz is ignored"), told.lines());
  }

  /** The build sets properties of its own, which mean nothing to the switch. */
  private static List<String> ofArguments(String lines) {
    return lines
        .lines()
        .filter(line -> line.contains("twinport.provider ") || line.contains("twinport.zzz "))
        .toList();
  }

  @Test
  void unknownNamesOfAllSourcesAreFound() {
    assertEquals(
        List.of(
            "unknown setting twinport.wiat is ignored; did you mean twinport.wait?",
            "unknown setting twinport.spin is ignored",
            "unknown variable TWINPORT_SHM_MAX_BYTE is ignored; did you mean"
                + " TWINPORT_SHM_MAX_BYTES?",
            "unknown setting in the file of twinport.config: twinport.lgo is ignored; did you"
                + " mean twinport.log?"),
        UnknownSettings.find(
            Set.of("wait", "log", "shm.max-bytes", "ucx."),
            Set.of("twinport.wiat", "twinport.log", "user.name"),
            Set.of("spin", "ucx.any"),
            Set.of(
                "TWINPORT_SHM_MAX_BYTE",
                "TWINPORT_WAIT",
                "TWINPORT_UCX_ANY",
                "TWINPORT_SERVICE_HOST",
                "TWINPORT_PORT_80_TCP_ADDR",
                "HOME"),
            Set.of("lgo")));
  }

  @Test
  void unknownNamesWithoutEndAreToldInAFewLines() {
    Set<String> many = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      many.add("twinport." + "x".repeat(i + 1));
    }
    List<String> lines = UnknownSettings.find(Set.of("wait"), many, Set.of(), Set.of(), Set.of());
    assertEquals(9, lines.size());
    assertEquals("unknown settings: 992 more, ignored", lines.get(8));
  }

  @Test
  void theFileComesBehindAllOthers(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("twinport.properties");
    Files.writeString(
        file, "twinport.wait=block\nspin-micros = 7\ntwinport.rules=use tcp listen * 1\n");
    Settings settings = Settings.load("config=" + file + ",wait=spin");
    assertEquals(Settings.Wait.SPIN, settings.waitMode());
    assertEquals(7, settings.spinMicros());
    assertInEffect(settings, "wait", "spin", "argument");
    assertInEffect(settings, "spin-micros", "7", "file");
    assertInEffect(settings, "providers", "shm", "default");
    assertInEffect(settings, "rules", "use tcp listen * 1", "file");
  }

  private static void assertInEffect(Settings settings, String name, String value, String source) {
    assertEquals(value, settings.effective().get(name));
    assertEquals(source, settings.source(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent", "", "fifo", "huge", "binary", "escape", "a\0b", "/dev/zero"})
  void aFileThatCannotBeReadIsOneLine(String name, @TempDir Path folder) throws Exception {
    String path = name.startsWith("/") || name.contains("\0") ? name : folder + "/" + name;
    if (name.equals("huge")) {
      Files.write(Path.of(path), new byte[(1 << 20) + 1]);
    } else if (name.equals("binary")) {
      Files.write(Path.of(path), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    } else if (name.equals("escape")) {
      Files.writeString(Path.of(path), "wait=\\uxyz1");
    } else if (name.equals("fifo")) {
      assertEquals(0, new ProcessBuilder("mkfifo", path).start().waitFor());
    }
    Told<Settings> told = listening(() -> Settings.load("config=" + path));
    assertEquals(Settings.Wait.ADAPTIVE, told.value().waitMode());
    assertEquals(1, told.lines().lines().count(), told.lines());
    assertTrue(told.lines().contains("twinport.config="), told.lines());
    assertEquals(1, told.value().complaints().size());
  }

  @Test
  void rulesAndTheLogLevelChangeWhileTheProcessRuns() {
    Settings settings = Settings.of(Map.of());
    List<Rules> changed = new ArrayList<>();
    try {
      assertNull(settings.change("twinport.log", "debug", changed::add));
      assertTrue(Log.isLogged(Log.Level.DEBUG));
      assertNull(settings.change("rules", "use tcp listen * 80", changed::add));
      assertFalse(changed.get(0).isEmpty());
      assertNull(settings.change("rules", "", changed::add));
      assertTrue(changed.get(1).isEmpty());
      assertInEffect(settings, "log", "debug", "set");
      assertWrong(settings, "log", "loud", "one of off, error, warn, info, debug, trace");
      assertWrong(settings, "rules", "use udp listen * 80", "'udp' is not one of");
      assertWrong(settings, "rules", "/nowhere", "no such file");
      assertWrong(settings, "wait", "block", "when a process starts");
      assertWrong(settings, "ruels", "", "did you mean twinport.rules?");
      assertWrong(settings, "", "", "there is no setting");
    } finally {
      Log.threshold(Log.Level.WARN);
    }
  }

  private static void assertWrong(Settings settings, String name, String value, String why) {
    String said = settings.change(name, value, rules -> fail("changed"));
    assertTrue(said != null && said.contains(why), said);
  }

  /** Whatever is given, there is one line for each that makes no sense, and no exception. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "providers",
        "rules",
        "wait",
        "spin-micros",
        "on-error",
        "prefer-nio",
        "transforms-off",
        "log",
        "off-file"
      })
  void aWrongValueIsNeverMoreThanALine(String name) {
    String huge = "x".repeat(100_000);
    for (String value :
        List.of(
            "",
            " ",
            ",",
            ";",
            "=",
            "-1",
            "99999999999999999999",
            "1e9",
            "NaN",
            "\u0000",
            "a\nb\u001b[2J",
            "use",
            "use tcp listen * 99999-1",
            "../../etc/passwd\0",
            "\ud800",
            huge)) {
      Told<Settings> told = listening(() -> Settings.of(Map.of(name, value)));
      Told<Rules> rules = listening(() -> told.value().readRules());
      for (String lines : List.of(told.lines(), rules.lines())) {
        assertTrue(lines.lines().count() <= 1, lines);
        assertTrue(lines.length() < 3_000, () -> name + " " + lines.length());
        assertTrue(lines.isEmpty() || lines.contains("twinport." + name), lines);
        assertFalse(lines.contains("\u001b") || lines.contains("\tat "), lines);
      }
    }
  }

  @Test
  void noneMeansNoProviders() {
    assertEquals(List.of(), Settings.of(Map.of("providers", "none")).providers());
  }

  @Test
  void ofMistakesWithoutEndOnlySomeAreTold() {
    Values values =
        new Values() {
          @Override
          protected String read(String name) {
            return null;
          }
        };
    for (int i = 0; i < 1000; i++) {
      values.complain("mistake " + i);
    }
    List<String> told = values.complaints();
    assertEquals(33, told.size());
    assertEquals("mistake 31", told.get(31));
    assertEquals("more makes no sense, which is not told", told.get(32));
  }
}
