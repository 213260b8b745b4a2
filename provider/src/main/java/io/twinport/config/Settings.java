package io.twinport.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What the user has set, read once. A system property wins over an agent argument, and that over
 * the environment. A value that can't be understood is one log line naming the property, and the
 * default takes its place.
 */
public final class Settings {
  /** How a thread waits for the SAN before it sleeps. */
  public enum Wait {
    /** Spins for a short while when that has paid off lately. */
    ADAPTIVE,
    /** Sleeps at once. */
    BLOCK,
    /** Spins for as long as it waits. */
    SPIN
  }

  /** What a client gets when the SAN backlog is full. */
  public enum BacklogFull {
    REFUSE,
    TCP
  }

  /** What a provider that can't start does. */
  public enum OnError {
    FALLBACK,
    FAIL
  }

  private static final String PREFIX = "twinport.";

  private final Map<String, String> given;
  private final List<String> providers;
  private final String rules;
  private final Wait waitMode;
  private final int spinMicros;
  private final BacklogFull backlogFull;
  private final int connectMillis;
  private final int startMillis;
  private final int shmConnectMillis;
  private final List<Integer> allowUids;
  private final OnError onError;
  private final int ringBytes;
  private final long maxBytes;
  private final boolean preferNio;
  private final Set<String> transformsOff;
  private final Log.Level log;
  private final String nativeDir;
  private final UcxSettings ucx;

  private Settings(Reader from) {
    given = from.given;
    log = from.oneOf("log", Log.Level.class, Log.Level.WARN);
    providers = from.providers();
    rules = from.text("rules", "");
    waitMode = from.oneOf("wait", Wait.class, Wait.ADAPTIVE);
    spinMicros = (int) from.number("spin-micros", 20, 0, 1_000_000);
    backlogFull = from.oneOf("backlog-full", BacklogFull.class, BacklogFull.REFUSE);
    connectMillis = (int) from.number("connect-millis", 100, 1, 60_000);
    startMillis = (int) from.number("start-millis", 1_000, 1, 60_000);
    shmConnectMillis = (int) from.number("shm.connect-millis", 1_000, 1, 60_000);
    allowUids = from.uids();
    onError = from.oneOf("on-error", OnError.class, OnError.FALLBACK);
    ringBytes = (int) from.powerOfTwo("shm.ring-bytes", 65_536, 4_096, 4L << 20);
    maxBytes = from.size("shm.max-bytes", 1L << 30, 0, Long.MAX_VALUE);
    preferNio = from.bool("prefer-nio", false);
    transformsOff = from.names("transforms-off");
    nativeDir = from.text("native-dir", "");
    ucx =
        new UcxSettings(
            from.oneOf("ucx.transport", UcxSettings.Transport.class, UcxSettings.Transport.RDMA),
            List.copyOf(from.words("ucx.interfaces")),
            from.subnets("ucx.subnets"),
            (int) from.number("ucx.port-offset", 30_000, 1, 65_534),
            (int) from.number("ucx.retry-seconds", 10, 0, 86_400),
            (int) from.number("ucx.keepalive-millis", 3_000, 100, 3_600_000),
            from.text("ucx.library", "libucp.so.0"));
    from.reportUnknown();
  }

  /** The settings of a process in which nothing is set. */
  public static Settings defaults() {
    return Defaults.SETTINGS;
  }

  private static final class Defaults {
    static final Settings SETTINGS = new Reader(name -> null).settings();
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
    return new Reader(new OfThisProcess(arguments), arguments.keySet()).settings();
  }

  /** No lambda: this is where a process that starts would meet its first. */
  private static final class OfThisProcess implements Function<String, String> {
    private final Map<String, String> arguments;

    OfThisProcess(Map<String, String> arguments) {
      this.arguments = arguments;
    }

    @Override
    public String apply(String name) {
      String value = property(PREFIX + name);
      if (value == null) {
        value = arguments.get(name);
      }
      return value != null ? value : environment(name);
    }
  }

  /** Settings with exactly these values, by name without {@code twinport.}; for tests and tools. */
  public static Settings of(Map<String, String> values) {
    return new Reader(values::get, values.keySet()).settings();
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

  public BacklogFull backlogFull() {
    return backlogFull;
  }

  /** The most a connect over a network SAN waits before TCP is tried, in milliseconds. */
  public int connectMillis() {
    return connectMillis;
  }

  /** The most a connect waits for a provider to start before TCP is tried, in milliseconds. */
  public int startMillis() {
    return startMillis;
  }

  /** The most a connect over shared memory waits before TCP is tried, in milliseconds. */
  public int shmConnectMillis() {
    return shmConnectMillis;
  }

  /** The users that may connect through shared memory; empty means this process's own. */
  public List<Integer> allowUids() {
    return allowUids;
  }

  public OnError onError() {
    return onError;
  }

  /** The size of a direction's first ring, in bytes, a power of two. */
  public int ringBytes() {
    return ringBytes;
  }

  /**
   * The shared memory this process may own, in bytes, before the container's limit is looked at.
   */
  public long maxBytes() {
    return maxBytes;
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

  /** Where native libraries are unpacked; empty for the temporary folder. */
  public String nativeDir() {
    return nativeDir;
  }

  /** What is set for the provider {@code ucx}. */
  public UcxSettings ucx() {
    return ucx;
  }

  /**
   * The value given for {@code twinport.<name>}, as it was written, or null; for providers' own.
   */
  public String given(String name) {
    return given.get(name);
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
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  private static String property(String name) {
    try {
      return System.getProperty(name);
    } catch (SecurityException e) {
      return null; // A security manager that hides our properties leaves the defaults.
    }
  }

  private static String environment(String name) {
    String variable = (PREFIX + name).replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    try {
      return System.getenv(variable);
    } catch (SecurityException e) {
      return null; // As above.
    }
  }

  /** Reads each value once, with its complaint and its default in one place. */
  private static final class Reader {
    private final Function<String, String> source;
    private final Set<String> named;
    private final Set<String> known = new HashSet<>();
    final Map<String, String> given = new HashMap<>();

    Reader(Function<String, String> source) {
      this(source, Set.of());
    }

    Reader(Function<String, String> source, Set<String> named) {
      this.source = source;
      this.named = named;
    }

    Settings settings() {
      return new Settings(this);
    }

    private String value(String name) {
      known.add(name);
      String value = source.apply(name);
      if (value == null || value.isBlank()) {
        return null;
      }
      given.put(name, value.trim());
      return value.trim();
    }

    String text(String name, String otherwise) {
      String value = value(name);
      return value == null ? otherwise : value;
    }

    boolean bool(String name, boolean otherwise) {
      String value = value(name);
      if (value == null) {
        return otherwise;
      }
      switch (value.toLowerCase(Locale.ROOT)) {
        case "true":
          return true;
        case "false":
          return false;
        default:
          return wrong(name, value, "true or false", otherwise);
      }
    }

    <E extends Enum<E>> E oneOf(String name, Class<E> type, E otherwise) {
      String value = value(name);
      if (value == null) {
        return otherwise;
      }
      List<String> choices = new ArrayList<>();
      for (E constant : type.getEnumConstants()) {
        String text = constant.name().toLowerCase(Locale.ROOT);
        if (text.equals(value.toLowerCase(Locale.ROOT))) {
          return constant;
        }
        choices.add(text);
      }
      return wrong(name, value, "one of " + String.join(", ", choices), otherwise);
    }

    long number(String name, long otherwise, long least, long most) {
      String value = value(name);
      if (value == null) {
        return otherwise;
      }
      try {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        return wrong(name, value, "a number from " + least + " to " + most, otherwise);
      }
      return wrong(name, value, "a number from " + least + " to " + most, otherwise);
    }

    /** A number of bytes, with k, m or g behind it. */
    long size(String name, long otherwise, long least, long most) {
      String value = value(name);
      if (value == null) {
        return otherwise;
      }
      String digits = value.toLowerCase(Locale.ROOT);
      int shift = 0;
      if (digits.endsWith("k") || digits.endsWith("m") || digits.endsWith("g")) {
        shift = digits.endsWith("k") ? 10 : digits.endsWith("m") ? 20 : 30;
        digits = digits.substring(0, digits.length() - 1);
      }
      try {
        long number = Math.multiplyExact(Long.parseLong(digits), 1L << shift);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException | ArithmeticException e) {
        return wrong(name, value, "a size such as 65536, 64k, 16m or 1g", otherwise);
      }
      String range = most == Long.MAX_VALUE ? "at least " + least : least + " to " + most;
      return wrong(name, value, "a size of " + range + " bytes", otherwise);
    }

    /** A number of bytes that is a power of two: another is rounded up, with a line. */
    long powerOfTwo(String name, long otherwise, long least, long most) {
      long number = size(name, otherwise, least, most);
      long highest = Long.highestOneBit(number);
      return number == highest ? number : wrong(name, value(name), "a power of two", highest << 1);
    }

    List<String> providers() {
      String given = value("providers");
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
          return wrong("providers", value, "auto, none or a list of names", List.of("shm"));
        }
        if (!names.contains(trimmed)) {
          names.add(trimmed);
        }
      }
      return List.copyOf(names);
    }

    Set<String> names(String name) {
      Set<String> names = new LinkedHashSet<>();
      for (String word : words(name)) {
        names.add(word.toLowerCase(Locale.ROOT));
      }
      return Collections.unmodifiableSet(names);
    }

    /** What stands between commas. */
    Set<String> words(String name) {
      Set<String> words = new LinkedHashSet<>();
      for (String word : text(name, "").split(",", -1)) {
        if (!word.isBlank()) {
          words.add(word.trim());
        }
      }
      return words;
    }

    List<Subnet> subnets(String name) {
      try {
        List<Subnet> subnets = new ArrayList<>();
        for (String word : words(name)) {
          subnets.add(Subnet.parse(word));
        }
        return List.copyOf(subnets);
      } catch (IllegalArgumentException e) {
        return wrong(name, value(name), "a list of subnets such as 10.1.0.0/16", List.of());
      }
    }

    List<Integer> uids() {
      String value = value("allow-uids");
      if (value == null) {
        return List.of();
      }
      List<Integer> uids = new ArrayList<>();
      for (String uid : value.split(",", -1)) {
        try {
          uids.add(Integer.parseUnsignedInt(uid.trim()));
        } catch (NumberFormatException e) {
          return wrong("allow-uids", value, "a list of user numbers", List.of());
        }
      }
      return List.copyOf(uids);
    }

    void reportUnknown() {
      for (String name : named) {
        if (!known.contains(name)) {
          Log.warn("unknown setting " + PREFIX + name + "; ignored");
        }
      }
    }

    private <T> T wrong(String name, String value, String expected, T otherwise) {
      Log.warn(PREFIX + name + "=" + value + " is not " + expected + "; using " + shown(otherwise));
      return otherwise;
    }

    private static String shown(Object otherwise) {
      if (otherwise instanceof Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
      }
      if (otherwise instanceof List<?> list) {
        return list.isEmpty()
            ? "the default"
            : String.join(",", list.stream().map(String::valueOf).toList());
      }
      return String.valueOf(otherwise);
    }
  }
}
