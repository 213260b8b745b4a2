package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    assertEquals(Settings.BacklogFull.REFUSE, settings.backlogFull());
    assertEquals(100, settings.connectMillis());
    assertEquals(1_000, settings.startMillis());
    assertEquals(1_000, settings.shmConnectMillis());
    assertEquals(Settings.OnError.FALLBACK, settings.onError());
    assertEquals(65_536, settings.ringBytes());
    assertEquals(1L << 30, settings.maxBytes());
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
    Told<Settings> told = listening(() -> Settings.of(Map.of("shm.ring-bytes", "100000")));
    assertEquals(131_072, told.value().ringBytes());
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
    assertEquals(16L << 20, Settings.of(Map.of("shm.max-bytes", "16m")).maxBytes());
    assertEquals(128 << 10, Settings.of(Map.of("shm.ring-bytes", "128K")).ringBytes());
    Told<Settings> told = listening(() -> Settings.of(Map.of("shm.max-bytes", "lots")));
    assertEquals(1L << 30, told.value().maxBytes());
    assertTrue(told.lines().contains("twinport.shm.max-bytes"), told.lines());
  }

  @Test
  void anUnknownSettingIsReported() {
    Told<Settings> told = listening(() -> Settings.of(Map.of("provider", "shm")));
    assertTrue(told.lines().contains("unknown setting twinport.provider"), told.lines());
  }

  @Test
  void noneMeansNoProviders() {
    assertEquals(List.of(), Settings.of(Map.of("providers", "none")).providers());
  }
}
