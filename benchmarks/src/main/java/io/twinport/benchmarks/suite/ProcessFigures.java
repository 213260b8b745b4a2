package io.twinport.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the kernel says of processes. */
final class ProcessFigures {
  /** What a JVM has open for itself, with room to spare. */
  private static final int OWN_DESCRIPTORS = 200;

  private static final String LIMIT = "Max open files";

  private ProcessFigures() {}

  /** How many descriptors a process has open. */
  static long descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return open.count();
    }
  }

  /**
   * The shared memory that is resident, in bytes: the anonymous files that the processes map. A
   * page that several of them have in use counts once.
   */
  static long sharedBytes(long... pids) throws IOException {
    long kilobytes = 0;
    for (long pid : pids) {
      kilobytes +=
          sharedKilobytes(Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps")));
    }
    return kilobytes << 10;
  }

  static long sharedKilobytes(List<String> smaps) {
    long kilobytes = 0;
    boolean shared = false;
    for (String line : smaps) {
      String[] words = line.split(" +");
      if (!words[0].endsWith(":")) {
        shared = line.contains("/memfd:");
      } else if (shared && words[0].equals("Pss:")) {
        kilobytes += Long.parseLong(words[1]);
      }
    }
    return kilobytes;
  }

  /** Throws if processes may not have so many connections open. */
  static void requireDescriptors(int count) throws IOException, Unavailable {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith(LIMIT)) {
        String hard = line.substring(LIMIT.length()).strip().split(" +")[1];
        if (!hard.equals("unlimited") && Long.parseLong(hard) < count + OWN_DESCRIPTORS) {
          throw new Unavailable(
              count + " connections need more file descriptors than ulimit -Hn allows: " + hard);
        }
      }
    }
  }
}
