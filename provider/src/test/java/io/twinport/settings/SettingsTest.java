package io.twinport.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.config.Values;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

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
    Values values = new Values(Map.of("shm.ring-bytes", "100000")::get);
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
    Values values = new Values(Map.of("a", "16m", "b", "128K", "shm.max-bytes", "lots")::get);
    assertEquals(16L << 20, values.size("a", 1, 0, Long.MAX_VALUE));
    assertEquals(128 << 10, values.size("b", 1, 0, Long.MAX_VALUE));
    Told<Long> told = listening(() -> values.size("shm.max-bytes", 1L << 30, 0, Long.MAX_VALUE));
    assertEquals(1L << 30, told.value());
    assertTrue(told.lines().contains("twinport.shm.max-bytes"), told.lines());
  }

  @Test
  void anUnknownSettingIsReported() {
    Settings settings = Settings.of(Map.of("provider", "shm", "x.known", "1"));
    assertEquals("1", settings.value("x.known")); // By a provider.
    Told<Void> told =
        listening(
            () -> {
              settings.reportUnknown();
              return null;
            });
    assertEquals(
        List.of("twinport: unknown setting twinport.provider; ignored"),
        told.lines().lines().toList());
  }

  @Test
  void noneMeansNoProviders() {
    assertEquals(List.of(), Settings.of(Map.of("providers", "none")).providers());
  }
}
