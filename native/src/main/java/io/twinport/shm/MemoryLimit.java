package io.twinport.shm;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import java.io.IOException;

/**
 * The container's memory limit: shared memory counts against it, so a tenth of it is the most that
 * is used.
 */
final class MemoryLimit {
  private static final String[] LIMITS = {
    "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
  };

  private MemoryLimit() {}

  /** The smaller of {@code maxBytes} and a tenth of the limit, if there is one. */
  static long apply(long maxBytes) {
    for (String file : LIMITS) {
      try {
        String text = KernelFile.text(file).trim();
        return text.equals("max") ? maxBytes : Math.min(maxBytes, Long.parseLong(text) / 10);
      } catch (IOException | NumberFormatException e) {
        Log.trace(() -> "shm: no memory limit in " + file + ": " + Log.cause(e));
      }
    }
    return maxBytes;
  }
}
