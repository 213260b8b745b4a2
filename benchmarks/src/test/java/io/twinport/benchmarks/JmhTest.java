package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.options.CommandLineOptions;

@Timeout(120)
class JmhTest {
  private static final String RATIO = " +\\d+\\.\\d{3}";

  @TempDir private Path folder;

  /** Runs within this JVM, for as short as it may: the figures mean nothing. */
  private String table(String... arguments) throws Exception {
    Path output = folder.resolve("output");
    String[] shortest = {
      "-f", "0", "-wi", "0", "-i", "1", "-r", "20ms", "-v", "SILENT", "-o", output.toString()
    };
    String[] all = new String[arguments.length + shortest.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(shortest, 0, all, arguments.length, shortest.length);
    Jmh.run(new CommandLineOptions(Jmh.translate(all)));
    return Files.readString(output);
  }

  @Test
  void comparesInterfacesWithChannels() throws Exception {
    String table = table("AcceptLatency|RoundTrip", "-p", "transport=TCP", "--pin", "none");
    assertTrue(table.contains("AcceptLatency.connect, median in us/op"), table);
    assertTrue(table.contains("RoundTrip.roundTrip, median in us/op"), table);
    List<String> lines = table.lines().map(String::strip).toList();
    assertEquals(2, matching(lines, "api .* TCP/TCP CHANNEL +SAN/SAN CHANNEL"), table);
    assertEquals(2, matching(lines, "CHANNEL +NONE .* - +- +1\\.000 +-"), table);
    assertEquals(2, matching(lines, "SOCKET +NONE .* - +-" + RATIO + " +-"), table);
  }

  private static long matching(List<String> lines, String pattern) {
    return lines.stream().filter(line -> line.matches(pattern)).count();
  }

  @Test
  void pinIsAParameter() {
    assertArrayEquals(
        new String[] {"RoundTrip", "-p", "pin=ONE,TWO", "-f", "1"},
        Jmh.translate("RoundTrip", "--pin", "one,two", "-f", "1"));
  }
}
