package io.twinport.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A control group with half a processor, of either version. */
final class Quota implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final String NAME = "twinport-benchmark-";
  private static final long PERIOD_MICROS = 100_000;
  private static final long QUOTA_MICROS = PERIOD_MICROS / 2;

  private final Path group;

  private Quota(Path group) {
    this.group = group;
  }

  static Quota create() throws Unavailable {
    boolean second = Files.exists(ROOT.resolve("cgroup.subtree_control"));
    Path parent = second ? ROOT : ROOT.resolve("cpu");
    Path group = parent.resolve(NAME + ProcessHandle.current().pid());
    try {
      Files.createDirectory(group);
    } catch (IOException e) {
      throw unavailable(e);
    }
    try {
      if (second) {
        Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+cpu");
        Files.writeString(group.resolve("cpu.max"), QUOTA_MICROS + " " + PERIOD_MICROS);
      } else {
        Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
        Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(QUOTA_MICROS));
      }
      return new Quota(group);
    } catch (IOException e) {
      Unavailable unavailable = unavailable(e);
      try {
        Files.delete(group);
      } catch (IOException left) {
        unavailable.addSuppressed(left);
      }
      throw unavailable;
    }
  }

  private static Unavailable unavailable(IOException e) {
    return new Unavailable(
        "no control group with a processor quota can be made, which takes root and a writable "
            + ROOT
            + ": "
            + e);
  }

  /** The words that, put before a command, put it into the group. */
  List<String> prefix() {
    return List.of(
        "sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", group.resolve("cgroup.procs").toString());
  }

  /** The periods so far in which anybody ran. */
  long periods() throws IOException {
    return statistic("nr_periods");
  }

  /** The periods so far in which the quota was used up. */
  long throttled() throws IOException {
    return statistic("nr_throttled");
  }

  private long statistic(String name) throws IOException {
    for (String line : Files.readAllLines(group.resolve("cpu.stat"))) {
      String[] words = line.split(" ");
      if (words[0].equals(name)) {
        return Long.parseLong(words[1]);
      }
    }
    throw new IOException(group.resolve("cpu.stat") + " has no " + name);
  }

  /** Removes the group, which must be empty. */
  @Override
  public void close() throws IOException {
    Files.delete(group);
  }
}
