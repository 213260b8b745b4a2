package io.twinport.settings;

import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.config.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What the user has set for the switch, read once; providers read what is theirs by {@link #value}.
 * A system property wins over an agent argument, and that over the environment.
 */
public final class Settings {
  /** How a thread waits for the SAN before it sleeps. */
  public enum Wait {
    /** Spins for a short while when that has paid off lately. */
    ADAPTIVE,
    /** Sleeps at once. */
    BLOCK,
    /** Spins for as long as it waits, up to 50 ms; virtual threads as {@link #ADAPTIVE}. */
    SPIN
  }

  private final Values values;
  private final List<String> providers;
  private final String rules;
  private final Wait waitMode;
  private final int spinMicros;
  private final OnError onError;
  private final boolean preferNio;
  private final Set<String> transformsOff;
  private final Log.Level log;

  private Settings(Values from) {
    values = from;
    log = from.oneOf("log", Log.Level.class, Log.Level.WARN);
    providers = providers(from);
    rules = from.text("rules", "");
    waitMode = from.oneOf("wait", Wait.class, Wait.ADAPTIVE);
    spinMicros = (int) from.number("spin-micros", 20, 0, 1_000_000);
    onError = from.oneOf("on-error", OnError.class, OnError.FALLBACK);
    preferNio = from.bool("prefer-nio", false);
    transformsOff = from.names("transforms-off");
  }

  private static List<String> providers(Values from) {
    String given = from.value("providers");
    if (given == null) {
      return List.of("shm"); // No patterns before the application begins: they take their time.
    }
    String value = given.toLowerCase(Locale.ROOT);
    if (value.equals("none")) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      String trimmed = name.trim().equals("auto") ? "shm" : name.trim();
      if (!trimmed.matches("[a-z][a-z0-9-]*") || trimmed.equals("none")) {
        return from.wrong("providers", value, "auto, none or a list of names", List.of("shm"));
      }
      if (!names.contains(trimmed)) {
        names.add(trimmed);
      }
    }
    return List.copyOf(names);
  }

  /** The settings of a process in which nothing is set. */
  public static Settings defaults() {
    return of(Map.of());
  }

  /** Reads the system properties and the environment of this process. */
  public static Settings load() {
    return load(null);
  }

  /**
   * Reads the system properties, the agent's arguments and the environment of this process.
   *
   * @param agentArguments {@code key=value} pairs, or null. A comma begins a new pair only where
   *     {@code name=} follows it, so values may contain commas.
   */
  public static Settings load(String agentArguments) {
    Map<String, String> arguments = parseArguments(agentArguments);
    return new Settings(new Values(new OfThisProcess(arguments), arguments.keySet()));
  }

  /** No lambda: this is where a process that starts would meet its first. */
  private static final class OfThisProcess implements Function<String, String> {
    private final Map<String, String> arguments;

    OfThisProcess(Map<String, String> arguments) {
      this.arguments = arguments;
    }

    @Override
    public String apply(String name) {
      String value = property(Values.PREFIX + name);
      if (value == null) {
        value = arguments.get(name);
      }
      return value != null ? value : environment(name);
    }
  }

  /** Settings with exactly these values, by name without {@code twinport.}; for tests and tools. */
  public static Settings of(Map<String, String> values) {
    return new Settings(new Values(values::get, values.keySet()));
  }

  /** The providers to load, in order; empty means none. */
  public List<String> providers() {
    return providers;
  }

  /** The rules: a file's name or inline text; empty if there are none. */
  public String rules() {
    return rules;
  }

  public Wait waitMode() {
    return waitMode;
  }

  /** The most an adaptive wait spins, in microseconds. */
  public int spinMicros() {
    return spinMicros;
  }

  public OnError onError() {
    return onError;
  }

  public boolean preferNio() {
    return preferNio;
  }

  /** The agent's changes to classes of the JDK that are not wanted, by name. */
  public Set<String> transformsOff() {
    return transformsOff;
  }

  public Log.Level log() {
    return log;
  }

  /**
   * The value given for {@code twinport.<name>}, without blanks around it, or null; for providers'
   * own.
   */
  public String value(String name) {
    return values.value(name);
  }

  /** Tells of names that were given and mean nothing to anybody, once all providers have asked. */
  public void reportUnknown() {
    values.reportUnknown();
  }

  private static Map<String, String> parseArguments(String text) {
    Map<String, String> pairs = new HashMap<>();
    if (text == null || text.isBlank()) {
      return pairs;
    }
    String key = null;
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String name = equals > 0 ? withoutPrefix(part.substring(0, equals).trim()) : null;
      if (name != null && (key == null || name.matches("[a-z][a-z.-]*"))) {
        key = name;
        pairs.put(key, part.substring(equals + 1).trim());
      } else if (key != null) {
        pairs.merge(key, part.trim(), (before, more) -> before + "," + more);
      } else {
        Log.warn("agent argument '" + part + "' is not key=value; ignored");
      }
    }
    return pairs;
  }

  private static String withoutPrefix(String name) {
    return name.startsWith(Values.PREFIX) ? name.substring(Values.PREFIX.length()) : name;
  }

  private static String property(String name) {
    try {
      return System.getProperty(name);
    } catch (SecurityException e) {
      return null; // A security manager that hides our properties leaves the defaults.
    }
  }

  private static String environment(String name) {
    String variable =
        (Values.PREFIX + name).replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    try {
      return System.getenv(variable);
    } catch (SecurityException e) {
      return null; // As above.
    }
  }
}
