package io.twinport.settings;

import io.twinport.config.Spelling;
import io.twinport.config.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What was set and means nothing to anybody: most likely another name was meant. Names are known by
 * having been asked for, so this looks once all have asked.
 */
final class UnknownSettings {
  /** More than that is no slip. */
  private static final int MOST_TOLD = 8;

  private static final String VARIABLES = ProcessValues.variable("");

  /** What Kubernetes gives each container of a namespace with a service of our name. */
  private static final Pattern OF_A_SERVICE =
      Pattern.compile("TWINPORT_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)");

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
    for (String name : arguments) { // No lambda: most processes that start come by here.
      inArguments.put(Values.PREFIX + name, name);
    }
    unknown.look("setting ", inArguments, false);
    Map<String, String> inEnvironment = new TreeMap<>();
    for (String variable : variables) {
      if (variable.startsWith(VARIABLES) && !OF_A_SERVICE.matcher(variable).matches()) {
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
        String nearest = Spelling.nearest(name, names);
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
}
