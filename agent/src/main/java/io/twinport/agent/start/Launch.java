package io.twinport.agent.start;

import java.nio.file.Path;

/**
 * What this JVM was started to run. {@code JAVA_TOOL_OPTIONS} brings the agent into every JVM, the
 * JDK's own tools and Twinport's commands among them; those want no twin, and their output must
 * stay as it is.
 */
final class Launch {
  private Launch() {}

  /** Whether this JVM runs a tool of the JDK, or the given jar as a program. */
  static boolean needsNoTwin(Path jar) {
    return needsNoTwin(
        System.getProperty("jdk.module.main"), System.getProperty("sun.java.command"), jar);
  }

  static boolean needsNoTwin(String module, String command, Path jar) {
    return isJdkTool(module, command) || runs(jar, command);
  }

  private static boolean isJdkTool(String module, String command) {
    if (module == null || !(module.startsWith("jdk.") || module.startsWith("java."))) {
      return false;
    }
    // "java Program.java" runs the program in the compiler's module, and jwebserver is a server.
    boolean sourceLauncher =
        command != null && command.startsWith("jdk.compiler/com.sun.tools.javac.launcher.");
    return !sourceLauncher && !module.equals("jdk.httpserver");
  }

  private static boolean runs(Path jar, String command) {
    if (jar == null || command == null) {
      return false;
    }
    // "java -jar path arguments": the command is the path as it was typed, then the arguments.
    String name = jar.getFileName().toString();
    int end = command.indexOf(name);
    if (end < 0) {
      return false;
    }
    end += name.length();
    if (end < command.length() && command.charAt(end) != ' ') {
      return false;
    }
    try {
      return Path.of(command.substring(0, end)).toAbsolutePath().normalize().equals(jar);
    } catch (IllegalArgumentException e) {
      return false; // Not a path at all.
    }
  }
}
