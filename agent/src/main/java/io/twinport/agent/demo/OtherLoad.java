package io.twinport.agent.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How much of this machine's processor time others take, see {@code proc(5)}. To be looked at while
 * the demo itself does nothing.
 */
public final class OtherLoad {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  /** From here on figures mean little: threads that wait find no free processor. */
  private static final int BUSY_PERCENT = 15;

  /** The fields of a line: user nice system idle iowait irq softirq steal; the rest is in these. */
  private static final int FIELDS = 8;

  private static final int IDLE = 3;
  private static final int IOWAIT = 4;

  private record Times(long busy, long all) {}

  private OtherLoad() {}

  /**
   * Looks for a moment.
   *
   * @return a line for people if the machine is busy, else null
   * @throws IOException if the kernel does not tell
   */
  public static String warning() throws IOException {
    Times before = read();
    long end = System.nanoTime() + LOOK_NANOS;
    for (long left = LOOK_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    Times after = read();
    return warning(after.busy - before.busy, after.all - before.all);
  }

  /** The line, for times in any unit; null where that is not much. */
  static String warning(long busy, long all) {
    long percent = all <= 0 ? 0 : 100 * busy / all;
    return percent < BUSY_PERCENT
        ? null
        : "This machine is busy: others take "
            + percent
            + " % of its processors. Figures mean little.";
  }

  private static Times read() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/stat"), StandardCharsets.ISO_8859_1);
    String[] fields = lines.get(0).trim().split(" +");
    long all = 0;
    long idle = 0;
    for (int i = 0; i < FIELDS && i + 1 < fields.length; i++) {
      long ticks = Long.parseLong(fields[i + 1]); // Behind "cpu".
      all += ticks;
      idle += i == IDLE || i == IOWAIT ? ticks : 0;
    }
    return new Times(all - idle, all);
  }
}
