package io.twinport.config;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the kernel tells in files under {@code /proc} and {@code /sys}. */
public final class KernelFile {
  private KernelFile() {}

  /**
   * Reads all of it. Not by way of {@link java.nio.file.Files}, which takes 8 KiB of direct memory
   * for each thread that reads: the application may have used that up.
   *
   * @throws java.io.FileNotFoundException if it is not there, or may not be read
   */
  public static byte[] bytes(String path) throws IOException {
    // What is in /proc/sys must be read at once, and is: the first read asks for 8 KiB.
    try (FileInputStream file = new FileInputStream(path)) {
      return file.readAllBytes();
    }
  }

  /** As {@link #bytes}, as text. */
  public static String text(String path) throws IOException {
    return new String(bytes(path), StandardCharsets.UTF_8);
  }

  /**
   * This process's number, as it sees that itself. {@link ProcessHandle} knows it as well, but
   * begins a pool of threads before it tells, which a process that starts has to wait for.
   */
  public static long pid() {
    try {
      // Of each namespace from that of /proc on; the last is the process's own.
      String status = text("/proc/self/status");
      int begin = status.indexOf("\nNSpid:\t");
      if (begin >= 0) {
        int end = status.indexOf('\n', begin + 1);
        return Long.parseLong(status.substring(status.lastIndexOf('\t', end) + 1, end));
      }
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      Log.debug(() -> "this process's number: " + Log.cause(e));
    }
    return ProcessHandle.current().pid();
  }

  /**
   * A soft limit of this process, as {@code /proc/self/limits} names it.
   *
   * @return {@link Long#MAX_VALUE} if there is none
   * @throws IOException if it can't be read
   */
  public static long limit(String name) throws IOException {
    for (String line : text("/proc/self/limits").split("\n", -1)) {
      if (line.startsWith(name)) {
        String numbers = line.substring(name.length()).trim();
        if (numbers.startsWith("unlimited")) {
          return Long.MAX_VALUE;
        }
        try {
          return Long.parseLong(numbers.substring(0, numbers.indexOf(' ')));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
          throw new IOException("a limit that is no number: " + line, e);
        }
      }
    }
    throw new IOException("no limit of the name " + name);
  }

  /**
   * How many descriptors this process may have; where that can't be read, the 1024 that POSIX
   * systems have started with for decades.
   */
  public static int mostDescriptors() {
    try {
      return (int) Math.min(Integer.MAX_VALUE, limit("Max open files"));
    } catch (IOException e) {
      Log.debug(() -> "limit of open files: " + Log.cause(e));
      return 1024;
    }
  }

  /**
   * How many mappings of memory a process may have ({@code vm.max_map_count}).
   *
   * @param otherwise what is returned where that can't be read
   */
  public static int mostMappings(int otherwise) {
    try {
      return Integer.parseInt(text("/proc/sys/vm/max_map_count").trim());
    } catch (IOException | NumberFormatException e) {
      Log.debug(() -> "limit of mappings: " + Log.cause(e));
      return otherwise;
    }
  }
}
