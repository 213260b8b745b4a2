package io.twinport.host;

import io.twinport.config.OnError;
import io.twinport.config.Values;
import io.twinport.spi.Configuration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

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

  /** What {@code configuration} gives, by name. */
  public static Values values(Configuration configuration) {
    return new Values(
        new Function<>() { // A lambda's first use would cost a cold process more.
          @Override
          public String apply(String name) {
            return configuration.value(name);
          }
        });
  }
}
