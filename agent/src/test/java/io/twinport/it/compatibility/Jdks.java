package io.twinport.it.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The JDKs of this machine by their versions: those of {@code twinport.applications.jdks}, or else
 * what is installed, and what {@code .ci/jdk} has fetched.
 */
final class Jdks {
  private static final List<Integer> LONG_TERM = List.of(17, 21, 25);
  private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

  private final Map<Integer, Path> homes = new TreeMap<>();

  Jdks() throws IOException {
    String named = System.getProperty("twinport.applications.jdks", "");
    if (!named.isEmpty()) {
      for (String home : named.split(",", -1)) {
        add(Path.of(home));
      }
      return;
    }
    for (Path folder :
        List.of(
            Path.of("/usr/lib/jvm"),
            Path.of(System.getProperty("user.home"), ".cache/twinport/jdks"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> found = Files.list(folder)) {
          for (Path home : found.sorted().toList()) {
            add(home);
          }
        }
      }
    }
  }

  private void add(Path home) throws IOException {
    Path release = home.resolve("release");
    if (Files.exists(home.resolve("bin/javac")) && Files.exists(release)) {
      Matcher version = VERSION.matcher(Files.readString(release));
      if (version.find()) {
        homes.putIfAbsent(Integer.parseInt(version.group(1)), home);
      }
    }
  }

  /** The versions to run an application on: the lowest and the highest that it runs on. */
  List<Integer> versions(Application application) {
    List<Integer> fit = new ArrayList<>();
    for (int version : LONG_TERM) {
      if (version >= application.lowestJdk
          && version <= application.highestJdk
          && homes.containsKey(version)) {
        fit.add(version);
      }
    }
    if (fit.isEmpty()) {
      throw new AssertionError(
          application
              + " needs JDK "
              + application.lowestJdk
              + ": name one in"
              + " -Dtwinport.applications.jdks=HOME,HOME, or have .ci/jdk fetch it");
    }
    int last = fit.get(fit.size() - 1);
    return fit.get(0) == last ? List.of(last) : List.of(fit.get(0), last);
  }

  Path home(int version) {
    return homes.get(version);
  }
}
