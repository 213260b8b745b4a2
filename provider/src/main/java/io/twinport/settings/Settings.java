package io.twinport.settings;

import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.config.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the user has set for the switch, read once; providers read what is theirs by {@link #value}.
 * A system property wins over an agent argument, that over the environment, and that over the file
 * that {@code twinport.config} names.
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

  /** When the MXBeans are registered. */
  public enum Jmx {
    /** Never. */
    OFF,
    /** When somebody makes the platform's MBean server. */
    AUTO,
    /** At the first socket; that makes the platform's MBean server. */
    ON
  }

  private static final String LOG = "log";
  private static final String LOG_FILE = "log-file";
  private static final String LOG_OF_THE_APPLICATION = "application";
  private static final String PROVIDERS = "providers";
  private static final String RULES = "rules";

  private final ProcessValues values;
  private final List<String> providers;
  private final String rules;
  private final String offFile;
  private final Wait waitMode;
  private final int spinMicros;
  private final OnError onError;
  private final boolean preferNio;
  private final Set<String> transformsOff;
  private final Log.Level log;
  private final String metrics;
  private final int metricsSeconds;
  private final Jmx jmx;

  private Settings(ProcessValues from) {
    values = from;
    log = logLevel(from);
    from.text(LOG_FILE, "");
    providers = providers(from);
    rules = from.text(RULES, "");
    offFile = from.text("off-file", "");
    waitMode = from.oneOf("wait", Wait.class, Wait.ADAPTIVE);
    spinMicros = (int) from.number("spin-micros", 20, 0, 1_000_000);
    onError = from.oneOf("on-error", OnError.class, OnError.FALLBACK);
    preferNio = from.bool("prefer-nio", false);
    transformsOff = from.names("transforms-off");
    metrics = from.text("metrics", "");
    metricsSeconds = (int) from.number("metrics-seconds", 15, 1, 86_400);
    jmx = from.oneOf("jmx", Jmx.class, Jmx.AUTO);
  }

  private static Log.Level logLevel(Values from) {
    String given = from.value(LOG);
    if (given == null) {
      from.inEffect(LOG, Log.Level.WARN, false);
      return Log.Level.WARN;
    }
    if (given.equalsIgnoreCase(LOG_OF_THE_APPLICATION)) {
      return Log.Level.INFO;
    }
    Log.Level level = level(given);
    return level != null
        ? level
        : from.wrong(LOG, given, levels() + ", application", Log.Level.WARN);
  }

  /** The level of that name; null if there is none, or no name. */
  private static Log.Level level(String name) {
    if (name != null) {
      for (Log.Level level : Log.Level.values()) {
        if (level.name().equalsIgnoreCase(name)) {
          return level;
        }
      }
    }
    return null;
  }

  private static List<String> providers(Values from) {
    String given = from.value(PROVIDERS);
    List<String> shm = List.of("shm");
    if (given == null) {
      from.inEffect(PROVIDERS, shm, false);
      return shm; // No patterns before the application begins: they take their time.
    }
    String value = given.toLowerCase(Locale.ROOT);
    if (value.equals("none")) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      String trimmed = name.trim().equals("auto") ? "shm" : name.trim();
      if (!trimmed.matches("[a-z][a-z0-9-]*") || trimmed.equals("none")) {
        return from.wrong(PROVIDERS, value, "auto, none or a list of names", shm);
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

  /** Reads what is given to this process, as {@link #load(String)} does without arguments. */
  public static Settings load() {
    return load(null);
  }

  /**
   * Reads the system properties, the agent's arguments, the environment and the file of this
   * process, and has its log go where they say.
   *
   * @param agentArguments {@code key=value} pairs, or null. A comma begins a new pair only where
   *     {@code name=} follows it, so values may contain commas.
   */
  public static Settings load(String agentArguments) {
    ProcessValues values = new ProcessValues(agentArguments);
    String log = values.value(LOG);
    boolean application = LOG_OF_THE_APPLICATION.equalsIgnoreCase(log);
    Log.Level level = application ? Log.Level.INFO : level(log);
    Log.begin(level == null ? Log.Level.WARN : level, values.value(LOG_FILE), application);
    values.tell();
    return new Settings(values);
  }

  /**
   * Settings with nothing but these agent's arguments, to see what is wrong with them. Files that
   * they name are not read.
   */
  public static Settings check(String agentArguments) {
    ProcessValues values = ProcessValues.ofArgumentsAlone(agentArguments);
    values.tell();
    return new Settings(values);
  }

  /** Settings with exactly these values, by name without {@code twinport.}; for tests and tools. */
  public static Settings of(Map<String, String> values) {
    return new Settings(ProcessValues.exactly(values));
  }

  /** The providers to load, in order; empty means none. */
  public List<String> providers() {
    return providers;
  }

  /** The rules: a file's name or inline text; empty if there are none. */
  public String rules() {
    return rules;
  }

  /** Reads the rules; complains of lines that can't be understood, which are left out. */
  public Rules readRules() {
    List<String> complaints = new ArrayList<>();
    Rules read = Rules.parse(rules, complaints);
    for (String line : complaints) {
      values.complain(line + "; ignored");
    }
    return read;
  }

  /** Whether a switch with these settings reads files when it is made. */
  public boolean readsFiles() {
    return !rules.isEmpty() || !offFile.isEmpty();
  }

  /** The file in which {@code off --keep} is kept; empty if there is none. */
  public String offFile() {
    return offFile;
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
   * Where metrics are served or written: a port, a host and a port, or a file's absolute path;
   * empty if they are not.
   */
  public String metrics() {
    return metrics;
  }

  /** How often a file of metrics is written, in seconds. */
  public int metricsSeconds() {
    return metricsSeconds;
  }

  public Jmx jmx() {
    return jmx;
  }

  /**
   * The value given for {@code twinport.<name>}, without blanks around it, or null; for providers'
   * own.
   */
  public String value(String name) {
    return values.value(name);
  }

  /** See {@link Values#inEffect}; for providers' own. */
  public void inEffect(String name, Object value, boolean given) {
    values.inEffect(name, value, given);
  }

  /** See {@link Values#complain}. */
  public void complain(String line) {
    values.complain(line);
  }

  /** What was complained of so far: values and rules that make no sense, unknown names. */
  public List<String> complaints() {
    return values.complaints();
  }

  /** What is in effect; see {@link Values#effective}. */
  public Map<String, String> effective() {
    return values.effective();
  }

  /** Where that comes from; see {@link Values#source}. */
  public String source(String name) {
    return values.source(name);
  }

  /**
   * Complains of names that were given and mean nothing to anybody, once all providers have asked.
   *
   * @param others names that nobody has asked for and that have a meaning all the same; one that
   *     ends with a dot stands for all that begin with it
   */
  public void reportUnknown(Collection<String> others) {
    Set<String> known = new HashSet<>(values.known());
    known.addAll(others);
    for (String line : values.unknown(known)) {
      values.complain(line);
    }
  }

  /** Whether {@link #reportUnknown} would have something to tell. */
  public boolean hasUnknown() {
    return values.hasUnknown(values.known());
  }

  /**
   * Changes a setting while the process runs; that is the rules, and how much is logged.
   *
   * @param name with or without {@code twinport.}
   * @param rules takes the new rules
   * @return null if it is done, otherwise why not, in one line, and nothing has changed
   */
  public String change(String name, String value, Consumer<Rules> rules) {
    String plain = ProcessValues.withoutPrefix(name.trim());
    String shown = Values.PREFIX + plain;
    switch (plain) {
      case LOG:
        Log.Level level = level(value.trim());
        if (level == null) {
          return shown + "=" + value + " is not " + levels();
        }
        Log.threshold(level);
        values.changed(LOG, level);
        return null;
      case RULES:
        List<String> complaints = new ArrayList<>();
        Rules changed = Rules.parse(value, complaints);
        if (!complaints.isEmpty()) {
          return complaints.get(0);
        }
        rules.accept(changed);
        values.changed(RULES, value.trim());
        return null;
      default:
        return values.known().contains(plain)
            ? shown + " is read when a process starts; it is not changed while one runs"
            : "there is no setting " + shown + meant(plain);
    }
  }

  private String meant(String name) {
    String nearest = UnknownSettings.nearest(name, values.known());
    return nearest == null ? "" : "; did you mean " + Values.PREFIX + nearest + "?";
  }

  private static String levels() {
    List<String> names = new ArrayList<>();
    for (Log.Level each : Log.Level.values()) {
      names.add(each.name().toLowerCase(Locale.ROOT));
    }
    return "one of " + String.join(", ", names);
  }
}
