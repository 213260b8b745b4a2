package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The processor time of JVMs, to the nanosecond. */
final class ProcessorTime {
  /**
   * How the names of the compilers' threads begin. They work now or later, for some milliseconds at
   * a time: where a process is mostly idle, that would be most of what is measured.
   */
  private static final List<String> COMPILERS = List.of("C1 Compiler", "C2 Compiler");

  private ProcessorTime() {}

  /**
   * How long the threads that a process has now have run, in nanoseconds, but for the JVM's
   * compilers and the calling thread. What a thread has used that has ended is not in it.
   */
  static long ofOthers(long pid) throws IOException {
    Path own = Path.of("/proc/thread-self").toRealPath();
    long sum = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        if (!thread.equals(own)) {
          sum += ofThread(thread);
        }
      }
    }
    return sum;
  }

  private static long ofThread(Path thread) throws IOException {
    try {
      String name = Files.readString(thread.resolve("comm"));
      if (COMPILERS.stream().anyMatch(name::startsWith)) {
        return 0;
      }
      String text = Files.readString(thread.resolve("schedstat"));
      return Long.parseLong(text.substring(0, text.indexOf(' ')));
    } catch (NoSuchFileException e) {
      // It has just ended.
      return 0;
    }
  }
}
