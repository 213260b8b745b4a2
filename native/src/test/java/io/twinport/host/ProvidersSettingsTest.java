package io.twinport.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.settings.Settings;
import io.twinport.shm.ShmProvider;
import io.twinport.spi.Configuration;
import io.twinport.spi.SanProvider;
import io.twinport.ucx.UcxProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What providers make of what is set for them. */
@ResourceLock(Resources.SYSTEM_ERR)
class ProvidersSettingsTest {
  /** Anything that users write. */
  private static final List<String> WRONG =
      List.of(
          "-1",
          "99999999999999999999",
          "9223372036854775807g",
          "1e3",
          "lots",
          ",,",
          "a\nb\u001b[2J",
          "10.0.0.0/99",
          "x".repeat(100_000));

  static Stream<SanProvider> providers() {
    return Stream.of(new ShmProvider(), new UcxProvider());
  }

  /** Keeps what is asked for and what is complained of. */
  private static final class Asked implements Configuration {
    final Settings settings;
    final Set<String> names = new TreeSet<>();
    final Set<String> inEffect = new TreeSet<>();
    final List<String> complaints = new ArrayList<>();

    Asked(Map<String, String> values) {
      settings = Settings.of(values);
    }

    @Override
    public String value(String name) {
      names.add(name);
      return settings.value(name);
    }

    @Override
    public List<String> providers() {
      return settings.providers();
    }

    @Override
    public void inEffect(String name, Object value, boolean given) {
      inEffect.add(name);
      settings.inEffect(name, value, given);
    }

    @Override
    public void complain(String line) {
      complaints.add(line);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void asksForWhatItSaysItDoes(SanProvider provider) {
    Asked asked = new Asked(Map.of());
    provider.configure(asked);
    assertEquals(new TreeSet<>(provider.settings()), asked.names);
    assertEquals(List.of(), asked.complaints);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void defaultsAreShown(SanProvider provider) {
    Asked asked = new Asked(Map.of());
    provider.configure(asked);
    assertTrue(asked.inEffect.contains("start-millis"));
    assertEquals("1000", asked.settings.effective().get("start-millis"));
    assertEquals("default", asked.settings.source("start-millis"));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatMakesNoSenseIsOneLine(SanProvider provider) {
    for (String name : provider.settings()) {
      for (String value : WRONG) {
        Asked asked = new Asked(Map.of(name, value));
        provider.configure(asked);
        assertTrue(asked.complaints.size() <= 1, asked.complaints::toString);
        for (String line : asked.complaints) {
          assertTrue(line.startsWith("twinport." + name + "="), line);
          assertTrue(line.length() < 1_000, line);
          assertFalse(line.contains("Exception"), line);
        }
      }
    }
  }
}
