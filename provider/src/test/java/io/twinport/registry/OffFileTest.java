package io.twinport.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OffFileTest {
  private static final int PROCESSES = 2;
  private static final int EACH = 100;
  private static final int HOLD = 0;

  @TempDir private Path folder;

  /**
   * A process that keeps ports off: {@code FILE FIRST}, once somebody says so. Without a first one
   * it has the lock until its input ends.
   */
  static final class Keeper {
    private Keeper() {}

    public static void main(String[] words) throws IOException {
      int first = Integer.parseInt(words[1]);
      if (first == HOLD) {
        try (FileChannel lock =
            FileChannel.open(
                Path.of(words[0] + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          System.out.println(lock.lock().isValid() ? "held" : "not held");
          while (System.in.read() >= 0) {
            LockSupport.parkNanos(1);
          }
        }
        return;
      }
      System.out.println("ready");
      if (System.in.read() != '\n') {
        return;
      }
      for (int port = first; port < first + EACH; port++) {
        OffFile.keep(words[0], port, true);
      }
    }
  }

  private static Process start(Path file, int first) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Keeper.class.getName(),
            file.toString(),
            Integer.toString(first))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void processesThatKeepAtTheSameTimeLoseNothing() throws Exception {
    Path file = folder.resolve("off");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(start(file, 1 + i * EACH));
    }
    for (Process each : processes) {
      assertEquals("ready", each.inputReader().readLine());
    }
    for (Process each : processes) {
      each.getOutputStream().write('\n');
      each.getOutputStream().flush();
    }
    for (Process each : processes) {
      assertTrue(each.waitFor(60, TimeUnit.SECONDS), "ends");
      assertEquals(0, each.exitValue());
    }
    assertEquals(
        IntStream.rangeClosed(1, PROCESSES * EACH).mapToObj(Integer::toString).toList(),
        Files.readAllLines(file));
    try (Stream<Path> all = Files.list(folder)) {
      assertEquals(List.of(file, folder.resolve("off.lock")), all.sorted().toList());
    }
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    Path file = folder.resolve("off");
    Path other = folder.resolve("other");
    Path beside = Files.createSymbolicLink(folder.resolve("off.lock"), other);
    IOException e =
        assertThrows(IOException.class, () -> OffFile.keep(file.toString(), 8080, true));
    assertTrue(e.getMessage().contains("off.lock, which is to be locked, is no"), e.getMessage());
    Files.delete(beside);
    Files.createSymbolicLink(
        folder.resolve("off." + ProcessHandle.current().pid() + ".new"), other);
    OffFile.keep(file.toString(), 8080, true);
    assertEquals("8080\n", Files.readString(file));
    assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
    assertFalse(Files.exists(other));
  }

  @Test
  void whoMayNotLockGoesOnWithout() throws Exception {
    Path file = folder.resolve("off");
    Path beside = Files.createFile(folder.resolve("off.lock"));
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("r--r--r--"));
    OffFile.keep(file.toString(), 8080, true); // Root may always.
    assertEquals("8080\n", Files.readString(file));
  }

  @Test
  void whoHasToWaitForTooLongSaysWhatFor() throws Exception {
    Path file = folder.resolve("off");
    Process holder = start(file, HOLD);
    try {
      assertEquals("held", holder.inputReader().readLine());
      IOException e =
          assertThrows(
              IOException.class, () -> OffFile.keep(file.toString(), Registry.ALL_PORTS, true));
      assertTrue(e.getMessage().contains("off.lock"), e.getMessage());
      assertFalse(Files.exists(file));
    } finally {
      holder.destroyForcibly().waitFor();
    }
    OffFile.keep(file.toString(), Registry.ALL_PORTS, true); // What was killed holds nothing.
    assertEquals("all\n", Files.readString(file));
  }
}
