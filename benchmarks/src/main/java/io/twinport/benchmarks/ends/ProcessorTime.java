package io.twinport.benchmarks.ends;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The processor time of processes, to the nanosecond. */
final class ProcessorTime {
  private ProcessorTime() {}

  /**
   * How long the threads that a process has now have run, in nanoseconds. What a thread has used
   * that has ended is not in it.
   */
  static long nanos(long pid) throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        sum += ofThread(thread);
      }
    }
    return sum;
  }

  private static long ofThread(Path thread) throws IOException {
    try {
      String text = Files.readString(thread.resolve("schedstat"));
      return Long.parseLong(text.substring(0, text.indexOf(' ')));
    } catch (NoSuchFileException e) {
      // It has just ended.
      return 0;
    }
  }
}
