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
}
