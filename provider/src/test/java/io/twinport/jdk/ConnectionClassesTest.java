package io.twinport.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which classes of the switch a process has by the time of its first connection: all it needs. */
@Timeout(60)
class ConnectionClassesTest {
  private static final Pattern OURS =
      Pattern.compile("(io\\.twinport\\.(waiting|registry|core|nio|net)\\.\\S+) source: .*");

  @Test
  void aConnectionLoadsNone(@TempDir Path folder) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("--add-")) {
        command.add(argument);
      }
    }
    command.addAll(
        List.of(
            "-Xlog:class+load=info:stdout:none",
            "-cp",
            System.getProperty("java.class.path"),
            Connecting.class.getName()));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it hangs");
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output, StandardCharsets.ISO_8859_1);
    int begins = said.indexOf(Connecting.BEGINS);
    int ends = said.indexOf(Connecting.ENDS);
    assertTrue(begins >= 0 && ends > begins, said);
    List<String> late = new ArrayList<>();
    Matcher loaded = OURS.matcher(said.substring(begins, ends));
    while (loaded.find()) {
      late.add(loaded.group(1));
    }
    assertEquals(List.of(), late, "to be named in Shim");
  }
}
