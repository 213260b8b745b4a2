package io.twinport.host;

import io.twinport.config.OnError;
import io.twinport.config.Values;
import io.twinport.spi.Configuration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the user has set for all providers.
 *
 * @param startMillis the most a connect waits for a provider to start before TCP is tried
 * @param nativeDir where native libraries are unpacked; null for the temporary folder
 */
public record HostSettings(
    BacklogFull backlogFull, OnError onError, int startMillis, String nativeDir) {
  /** How long a client at the door may take for what it has to say; it needs a round trip. */
  public static final long GREETING_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How many clients that are not let in yet there may be. */
  public static final int MOST_GREETINGS = 1_024;

  /** Reads them; complains of what can't be understood. */
  public static HostSettings read(Values from) {
    return new HostSettings(
        from.oneOf("backlog-full", BacklogFull.class, BacklogFull.REFUSE),
        from.oneOf("on-error", OnError.class, OnError.FALLBACK),
        (int) from.number("start-millis", 1_000, 1, 60_000),
        from.value("native-dir"));
  }

  /** The names of these, and of some of a provider's own. */
  public static Set<String> names(String... own) {
    Set<String> names = new HashSet<>(List.of(own));
    names.addAll(List.of("backlog-full", "on-error", "start-millis", "native-dir"));
    return names;
  }

  /** What {@code configuration} gives, by name. */
  public static Values values(Configuration configuration) {
    return new Values() {
      @Override
      protected String read(String name) {
        return configuration.value(name);
      }

      @Override
      public void inEffect(String name, Object value, boolean given) {
        configuration.inEffect(name, value, given);
      }

      @Override
      public void complain(String line) {
        configuration.complain(line);
      }
    };
  }
}
