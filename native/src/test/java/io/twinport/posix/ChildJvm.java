package io.twinport.posix;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starts JVMs of the kind that runs the tests, with what this package needs and nothing else. */
final class ChildJvm {
  private ChildJvm() {}

  static Process start(Class<?> main, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.add("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.start();
  }
}
