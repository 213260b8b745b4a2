package io.twinport.settings;

import io.twinport.config.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was set and means nothing to anybody: most likely another name was meant. Names are known by
 * having been asked for, so this looks once all have asked.
 */
final class UnknownSettings {
  /** More than that is no slip. */
  private static final int MOST_TOLD = 8;

  private static final String VARIABLES = ProcessValues.variable("");

  /** What Kubernetes gives each container of a namespace with a service of our name. */
  private static final String OF_A_SERVICE = "TWINPORT_SERVICE_";

  private static final String PORT_OF_A_SERVICE = "TWINPORT_PORT";

  /** No name has so many letters. */
  private static final int MOST_LETTERS = 64;

  private final Set<String> known;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param known all names, without {@code twinport.}; one that ends with a dot stands for all that
   *     begin with it
   */
  private UnknownSettings(Collection<String> known) {
    this.known = new TreeSet<>(known);
  }

  /** A line for each, in the order of the sources and of names. */
  static List<String> find(
      Collection<String> known,
      Set<String> properties,
      Set<String> arguments,
      Set<String> variables,
      Set<String> file) {
    UnknownSettings unknown = new UnknownSettings(known);
    Map<String, String> inProperties = new TreeMap<>();
    for (String property : properties) {
      if (property.startsWith(Values.PREFIX)) {
        inProperties.put(property, ProcessValues.withoutPrefix(property));
      }
    }
    unknown.look("setting ", inProperties, false);
    Map<String, String> inArguments = new TreeMap<>();
    for (String name : arguments) {
      inArguments.put(Values.PREFIX + name, name);
    }
    unknown.look("setting ", inArguments, false);
    Map<String, String> inEnvironment = new TreeMap<>();
    for (String variable : variables) {
      if (variable.startsWith(VARIABLES) && !isOfAService(variable)) {
        inEnvironment.put(variable, variable.substring(VARIABLES.length()));
      }
    }
    unknown.look("variable ", inEnvironment, true);
    Map<String, String> inFile = new TreeMap<>();
    for (String name : file) {
      inFile.put(Values.PREFIX + name, name);
    }
    unknown.look("setting in the file of twinport.config: ", inFile, false);
    return unknown.told();
  }

  private static boolean isOfAService(String variable) {
    return variable.startsWith(OF_A_SERVICE)
        || variable.equals(PORT_OF_A_SERVICE)
        || variable.startsWith(PORT_OF_A_SERVICE + "_");
  }

  private void look(String what, Map<String, String> given, boolean areVariables) {
    Set<String> names = new TreeSet<>();
    for (String name : known) {
      names.add(areVariables ? inCapitals(name) : name);
    }
    char separator = areVariables ? '_' : '.';
    for (Map.Entry<String, String> each : given.entrySet()) {
      String name = each.getValue();
      if (!isKnown(name, names, separator)) {
        String shown = each.getKey();
        String nearest = nearest(name, names);
        String meant =
            nearest == null
                ? ""
                : "; did you mean "
                    + shown.substring(0, shown.length() - name.length())
                    + nearest
                    + "?";
        lines.add("unknown " + what + shown + " is ignored" + meant);
      }
    }
  }

  private static String inCapitals(String name) {
    return ProcessValues.variable(name).substring(VARIABLES.length());
  }

  private static boolean isKnown(String name, Set<String> names, char separator) {
    if (names.contains(name)) {
      return true;
    }
    for (String each : names) {
      if (each.charAt(each.length() - 1) == separator && name.startsWith(each)) {
        return true;
      }
    }
    return false;
  }

  private List<String> told() {
    int more = lines.size() - MOST_TOLD;
    if (more <= 0) {
      return lines;
    }
    List<String> some = new ArrayList<>(lines.subList(0, MOST_TOLD));
    some.add("unknown settings: " + more + " more, ignored");
    return some;
  }

  /**
   * The name that is nearest to a word: up to a third of its letters may be added, left out,
   * replaced, or swapped with the next. All may be capitals.
   *
   * @return null if none is near enough
   */
  static String nearest(String word, Collection<String> names) {
    if (word.length() > MOST_LETTERS) {
      return null;
    }
    String nearest = null;
    int least = Math.max(1, word.length() / 3) + 1;
    for (String name : names) {
      if (name.isEmpty() || !Character.isLetterOrDigit(name.charAt(name.length() - 1))) {
        continue; // The beginning of names.
      }
      int distance = name.equalsIgnoreCase(word) ? 0 : distance(word, name);
      if (distance < least
          || (distance == least && nearest != null && name.compareTo(nearest) < 0)) {
        nearest = name;
        least = distance;
      }
    }
    return nearest;
  }

  /** That of Damerau and Levenshtein, with no letter changed twice. */
  static int distance(String a, String b) {
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int least = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, rows[i - 2][j - 2] + 1);
        }
        rows[i][j] = least;
      }
    }
    return rows[a.length()][b.length()];
  }
}
