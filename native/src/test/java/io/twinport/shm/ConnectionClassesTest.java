package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.shm.connection.ShmConnection;
import io.twinport.spi.SanConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a connection uses was loaded before the first one: {@link ConnectionClasses} is complete.
 */
@Timeout(60)
final class ConnectionClassesTest {
  /** A line of the JVM's log: the class, and where it is from. */
  private static final Pattern LOADED =
      Pattern.compile("(io\\.twinport\\.[\\w.$]+) source: (\\S+)");

  /** More than a stream's first chunk, and a chunk that the JVM copies at once. */
  private static final int MANY = 1 << 20;

  @TempDir Path directory;

  /** Is loaded when the node has started, and before the first connection. */
  private static final class Start {
    static void now() {}
  }

  /** Is loaded behind the last connection. */
  private static final class End {
    static void now() {}
  }

  @Test
  void theFirstConnectionLoadsNothing() throws Exception {
    Path log = directory.resolve("classes");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-Xlog:class+load=info:file=" + log + "::filecount=0",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ConnectionClassesTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), said);
    List<String> lines = Files.readAllLines(log);
    int start = lineOf(Start.class, lines);
    int end = lineOf(End.class, lines);
    assertTrue(start >= 0 && end > start, "no marks among " + lines.size() + " classes");
    assertTrue(ours(lines.subList(0, start)).contains(ShmConnection.class.getName()));
    assertEquals(List.of(), ours(lines.subList(start + 1, end)));
  }

  /** What is no test's, and is not made at run time. */
  private static List<String> ours(List<String> lines) {
    return lines.stream()
        .map(LOADED::matcher)
        .filter(Matcher::find)
        .filter(found -> !isOfTests(found.group(2)))
        .map(found -> found.group(1))
        .filter(name -> !name.contains("$$Lambda"))
        .toList();
  }

  private static boolean isOfTests(String source) {
    return source.endsWith("/test-classes/") || source.endsWith("-tests.jar");
  }

  private static int lineOf(Class<?> mark, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(mark.getName() + " ")) {
        return i;
      }
    }
    return -1;
  }

  /** Starts a node, and makes connections to itself. */
  public static void main(String[] args) throws Exception {
    try (Listening listening = Listening.open(5)) {
      Start.now();
      for (int round = 0; round < 2; round++) {
        Listening.Pair pair = listening.pair();
        Flow.assertEchoes(pair);
        Flow.writeNow(pair.client(), new byte[MANY]);
        Flow.read(pair.server(), MANY);
        SanConnection server = pair.server();
        server.shutdownOutput();
        Flow.assertEnd(pair.client());
        if (round == 0) {
          server.close();
        } else {
          server.abort();
        }
        pair.client().close();
      }
      End.now();
    }
    System.exit(0);
  }
}
