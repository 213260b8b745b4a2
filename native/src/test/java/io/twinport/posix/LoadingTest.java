package io.twinport.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoadingTest {
  @TempDir private Path directory;

  @Test
  void loadsWithoutAWordAndLeavesNothing() throws Exception {
    assertEquals("loaded null null", run(List.of(), directory.toString()));
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void propertiesOfTheApplicationStay() throws Exception {
    List<String> options =
        List.of("-Djffi.unsafe.disabled=false", "-Djffi.extract.dir=/nonexistent");
    assertEquals("loaded false /nonexistent", run(options, directory.toString()));
  }

  @Test
  void temporaryDirectoryIsTheDefault() throws Exception {
    assertEquals("loaded null null", run(List.of("-Djava.io.tmpdir=" + directory), "default"));
  }

  @Test
  void directoryThatIsNotThereIsOneLine() throws Exception {
    String said = run(List.of(), directory.resolve("nowhere").toString());
    assertTrue(said.startsWith("failed: the native library can't be loaded: "), said);
  }

  @Test
  void otherMachinesAreOneLine() throws Exception {
    String said = run(List.of("-Dos.arch=s390x"), "default");
    assertEquals("failed: not on Linux s390x", said);
  }

  /** What the process said, which is one line on standard output and nothing on standard error. */
  private static String run(List<String> options, String argument) throws Exception {
    Process process = ChildJvm.start(OneLoad.class, options, argument);
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals("", new String(process.getErrorStream().readAllBytes(), UTF_8));
    assertEquals(0, process.waitFor());
    assertEquals(1, said.lines().count(), said);
    return said.strip();
  }

  /** Loads the library, and says how that went and what the properties are then. */
  static final class OneLoad {
    private OneLoad() {}

    public static void main(String[] args) {
      try {
        Posix.load(args[0].equals("default") ? null : args[0]);
        Posix.load(null);
        Posix.close(Posix.memfd("x", 4096));
        System.out.println(
            "loaded "
                + System.getProperty("jffi.unsafe.disabled")
                + " "
                + System.getProperty("jffi.extract.dir"));
      } catch (IOException failure) {
        System.out.println("failed: " + failure.getMessage());
      }
    }
  }
}
