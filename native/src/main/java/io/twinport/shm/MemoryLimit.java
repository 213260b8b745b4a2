package io.twinport.shm;

import io.twinport.config.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The container's memory limit: shared memory counts against it, so a tenth of it is the most that
 * is used.
 */
final class MemoryLimit {
  private static final Path[] LIMITS = {
    Path.of("/sys/fs/cgroup/memory.max"), Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")
  };

  private MemoryLimit() {}

  /** The smaller of {@code maxBytes} and a tenth of the limit, if there is one. */
  static long apply(long maxBytes) {
    for (Path file : LIMITS) {
      try {
        String text = Files.readString(file).trim();
        return text.equals("max") ? maxBytes : Math.min(maxBytes, Long.parseLong(text) / 10);
      } catch (IOException | NumberFormatException e) {
        Log.trace(() -> "shm: no memory limit in " + file + ": " + Log.cause(e));
      }
    }
    return maxBytes;
  }
}
