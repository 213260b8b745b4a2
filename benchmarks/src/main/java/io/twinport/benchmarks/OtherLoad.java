package io.twinport.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How much of the machine's processor time went to others than this process and its children. */
final class OtherLoad {
  private static final Path MACHINE = Path.of("/proc/stat");
  private static final Path PROCESS = Path.of("/proc/self/stat");

  /** Above this share, figures are no longer those of a machine of one's own. */
  private static final double MOST_OTHERS = 0.05;

  private static final double MOST_STOLEN = 0.02;

  private OtherLoad() {}

  /**
   * A moment, in the kernel's ticks; see {@code proc_stat(5)} and {@code proc_pid_stat(5)}.
   *
   * @param all that passed on all processors, idle or not
   * @param busy what programs and the kernel used, without interrupts
   * @param stolen what a virtual machine's host gave to others
   * @param own what this process used, with its children that have ended
   */
  record Moment(long all, long busy, long stolen, long own) {
    /** Now. */
    static Moment now() throws IOException {
      return parse(Files.readAllLines(MACHINE).get(0), Files.readString(PROCESS));
    }

    static Moment parse(String machine, String process) {
      // user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in user, too.
      long[] ticks =
          Arrays.stream(machine.strip().split(" +"))
              .skip(1)
              .limit(8)
              .mapToLong(Long::parseLong)
              .toArray();
      // Names of programs may have blanks and brackets in them.
      String[] fields = process.substring(process.lastIndexOf(')') + 2).strip().split(" ");
      // utime, stime, cutime, cstime: 14 to 17, of which the first two stand before the bracket.
      long own = Arrays.stream(fields, 11, 15).mapToLong(Long::parseLong).sum();
      return new Moment(Arrays.stream(ticks).sum(), ticks[0] + ticks[1] + ticks[2], ticks[7], own);
    }

    /** The share of the machine that others had since, from 0 to 1. */
    double others(Moment later) {
      long others = later.busy - busy - (later.own - own);
      return later.all == all ? 0 : Math.max(0, (double) others / (later.all - all));
    }

    /** The share of the machine that its host kept since, from 0 to 1. */
    double stolen(Moment later) {
      return later.all == all ? 0 : (double) (later.stolen - stolen) / (later.all - all);
    }
  }

  /** What is to be said of the time between the two; nothing if the machine was quiet. */
  static List<String> warnings(Moment begin, Moment end, String when) {
    List<String> warnings = new ArrayList<>();
    if (begin.others(end) > MOST_OTHERS) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "This machine was busy: other programs used %.0f %% of its processor time %s."
                  + " Run it again when nothing else runs.",
              100 * begin.others(end),
              when));
    }
    if (begin.stolen(end) > MOST_STOLEN) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "This virtual machine's host was busy: it kept back %.0f %% of the processor time %s.",
              100 * begin.stolen(end),
              when));
    }
    return warnings;
  }
}
