package io.twinport.benchmarks;

import java.io.IOException;
import java.lang.Runtime.Version;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Spares the reader four lines about {@code sun.misc.Unsafe} from every JVM: JMH uses it, and from
 * 24 on the JDK warns of that unless told not to on the command line.
 */
final class Quiet {
  static final String OPTION = "--sun-misc-unsafe-memory-access=allow";
  private static final int FIRST_THAT_WARNS = 24;

  private Quiet() {}

  static boolean isNeededBy(Version version) {
    return version.feature() >= FIRST_THAT_WARNS;
  }

  /** Whether this JVM would warn. */
  static boolean isNeeded() {
    return isNeededBy(Runtime.version()) && !arguments().contains(OPTION);
  }

  private static List<String> arguments() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  /**
   * Runs {@link Main} once more, in a JVM that does not warn.
   *
   * @return its exit status
   */
  static int run(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments());
    command.add(OPTION);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
