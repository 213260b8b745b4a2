package io.twinport.host;

import io.twinport.settings.Settings;
import io.twinport.spi.Configuration;
import java.util.List;
import java.util.Map;

/** What a provider is configured with in a test. */
public final class Given {
  private Given() {}

  /** Nothing is set. */
  public static Configuration nothing() {
    return of(Map.of());
  }

  /** Exactly these values, by name without {@code twinport.}. */
  public static Configuration of(Map<String, String> values) {
    Settings settings = Settings.of(values);
    return new Configuration() {
      @Override
      public String value(String name) {
        return settings.value(name);
      }

      @Override
      public List<String> providers() {
        return settings.providers();
      }

      @Override
      public void inEffect(String name, Object value, boolean given) {
        settings.inEffect(name, value, given);
      }

      @Override
      public void complain(String line) {
        settings.complain(line);
      }
    };
  }
}
