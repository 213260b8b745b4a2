package io.twinport.agent.metrics;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Writes the metrics to a file now and then, which whoever reads sees whole. */
final class MetricsFile {
  private final Path file;
  private final Path next;
  private final long pauseNanos;
  private final Registry registry;
  private boolean failed;

  MetricsFile(Path file, int seconds, Registry registry) {
    this.file = file;
    this.registry = registry;
    // Beside it, as only there it can take its place; named so that collectors pass it by.
    next = file.resolveSibling("." + file.getFileName() + "." + KernelFile.pid());
    pauseNanos = TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Does so until the process ends. */
  void run() {
    while (true) {
      try {
        write();
        failed = false;
      } catch (IOException | RuntimeException | Error e) {
        tell(e);
      }
      long end = System.nanoTime() + pauseNanos;
      for (long left = pauseNanos; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  void write() throws IOException {
    try {
      Files.writeString(next, OpenMetrics.text(registry));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      Files.deleteIfExists(next);
      throw e;
    }
  }

  /** The first of a row is worth a line; it goes on trying. */
  private void tell(Throwable cause) {
    if (!failed) {
      failed = true;
      try {
        Log.warn("twinport.metrics: can't write " + file + ": " + Log.cause(cause));
      } catch (Error e) {
        failed = false; // There is no memory even for that: the next round tells.
      }
    }
  }
}
