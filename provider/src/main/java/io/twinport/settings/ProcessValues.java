package io.twinport.settings;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.config.TextFile;
import io.twinport.config.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is given to this process: a system property wins over an agent argument, that over the
 * environment, and that over the file that {@code twinport.config} names. Loaded by every process
 * that starts, so it names what it rarely needs only where that is needed.
 */
final class ProcessValues extends Values {
  /** The name of the file, as given in one of the other ways. */
  static final String FILE = "config";

  private static final String VARIABLE_PREFIX = "TWINPORT_";

  private final boolean argumentsAlone;
  private final Map<String, String> arguments;

  /** What the file holds; null while its name is looked for, which is in all others. */
  private final Map<String, String> file;

  /** What makes no sense and is not told yet: the log is set by some of these values. */
  private final List<String> untold = new ArrayList<>();

  /**
   * Reads the file, if there is one.
   *
   * @param agentArguments {@code key=value} pairs, or null
   */
  ProcessValues(String agentArguments) {
    argumentsAlone = false;
    arguments = parseArguments(agentArguments, untold);
    String path = value(FILE);
    file = path == null ? Map.of() : readFile(path);
  }

  private ProcessValues(Map<String, String> arguments, List<String> untold) {
    argumentsAlone = true;
    this.arguments = arguments;
    this.file = Map.of();
    this.untold.addAll(untold);
    value(FILE); // Is known.
  }

  /** Exactly these, as if they were arguments. */
  static ProcessValues exactly(Map<String, String> values) {
    return new ProcessValues(values, List.of());
  }

  /** As if nothing but the arguments were given, and there were no files. */
  static ProcessValues ofArgumentsAlone(String agentArguments) {
    List<String> untold = new ArrayList<>();
    Map<String, String> arguments = parseArguments(agentArguments, untold);
    String rules = arguments.get("rules");
    if (rules != null && !Rules.isInline(rules)) {
      arguments.put("rules", "");
    }
    return new ProcessValues(arguments, untold);
  }

  private Map<String, String> readFile(String path) {
    List<String> complaints = new ArrayList<>();
    Map<String, String> read = TextFile.properties(path, complaints);
    for (String why : complaints) {
      untold.add(PREFIX + FILE + "=" + path + " is not used: " + why);
    }
    Map<String, String> values = new HashMap<>();
    for (Map.Entry<String, String> each : read.entrySet()) {
      values.put(withoutPrefix(each.getKey()), each.getValue());
    }
    return values;
  }

  /** Tells of what made no sense before anybody knew where lines go. */
  void tell() {
    for (String line : untold) {
      complain(line);
    }
    untold.clear();
  }

  @Override
  protected String read(String name) {
    String value = argumentsAlone ? null : property(PREFIX + name);
    if (value != null) {
      cameFrom(name, "property");
      return value;
    }
    value = arguments.get(name);
    if (value != null) {
      cameFrom(name, "argument");
      return value;
    }
    if (argumentsAlone) {
      return null;
    }
    value = environment(variable(name));
    if (value != null) {
      cameFrom(name, "environment");
      return value;
    }
    value = file == null ? null : file.get(name);
    if (value != null) {
      cameFrom(name, "file");
    }
    return value;
  }

  /** Whether something was set that {@code known} does not have. Nearly never, so it is cheap. */
  boolean hasUnknown(Set<String> known) {
    if (!known.containsAll(arguments.keySet()) || !known.containsAll(file.keySet())) {
      return true;
    }
    for (String name : properties()) {
      if (name.startsWith(PREFIX) && !known.contains(withoutPrefix(name))) {
        return true;
      }
    }
    for (String variable : variables()) {
      if (!isVariableOf(known, variable)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isVariableOf(Set<String> known, String variable) {
    for (String name : known) {
      if (variable(name).equals(variable)) {
        return true;
      }
    }
    return false;
  }

  /** What was set and {@code known} does not have; see {@link UnknownSettings}. */
  List<String> unknown(Collection<String> known) {
    return UnknownSettings.find(
        known, properties(), arguments.keySet(), variables(), file.keySet());
  }

  private Set<String> properties() {
    try {
      return argumentsAlone ? Set.of() : System.getProperties().stringPropertyNames();
    } catch (SecurityException e) {
      return Set.of(); // As in property().
    }
  }

  /** Ours, from the kernel: to go through all has the JDK load classes for it. */
  private Set<String> variables() {
    Set<String> names = new HashSet<>();
    if (!argumentsAlone) {
      try {
        for (String variable : KernelFile.text("/proc/self/environ").split("\0", -1)) {
          int equals = variable.indexOf('=');
          if (equals > 0 && variable.startsWith(VARIABLE_PREFIX)) {
            names.add(variable.substring(0, equals));
          }
        }
      } catch (IOException | SecurityException e) {
        Log.debug(() -> "the environment can't be looked through: " + Log.cause(e));
      }
    }
    return names;
  }

  private static Map<String, String> parseArguments(String text, List<String> untold) {
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
        untold.add("agent argument '" + part + "' is not key=value; ignored");
      }
    }
    return pairs;
  }

  static String withoutPrefix(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /** The environment's name for a setting. */
  static String variable(String name) {
    return VARIABLE_PREFIX + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static String property(String name) {
    try {
      return System.getProperty(name);
    } catch (SecurityException e) {
      return null; // A security manager that hides our properties leaves the defaults.
    }
  }

  private static String environment(String variable) {
    try {
      return System.getenv(variable);
    } catch (SecurityException e) {
      return null; // As above.
    }
  }
}
