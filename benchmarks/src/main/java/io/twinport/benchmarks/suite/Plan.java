package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Setting;
import java.nio.file.Path;
import java.util.List;

/**
 * How thoroughly is measured, and with what.
 *
 * @param quick whether everything has to be over within minutes
 * @param rounds how often the whole suite runs, each time in new processes
 * @param warmupMillis before each measurement
 * @param connectWarmupMillis before a client's first measurement of connects: the compilers need
 *     some hundred thousand, and one of the two cores, to be through
 * @param slices of each measurement; each has figures of its own
 * @param sliceMillis the length of a slice
 * @param agent the agent's jar
 * @param options for the JVMs of SAN rows
 * @param log where the standard error of all processes goes
 */
public record Plan(
    boolean quick,
    int rounds,
    int warmupMillis,
    int connectWarmupMillis,
    int slices,
    int sliceMillis,
    Path agent,
    List<String> options,
    Path log) {
  /** The settings to measure: where it has to be quick, only the first {@code most}. */
  List<Setting> settings(int most, Setting... all) {
    return List.of(all).subList(0, quick ? most : all.length);
  }

  /** A few seconds for each row. */
  public static Plan full(int rounds, Path agent, List<String> options, Path log) {
    return new Plan(false, rounds, 1_500, 6_000, 3, 500, agent, options, log);
  }

  /** Under a second for most rows, and fewer rows. */
  public static Plan quick(int rounds, Path agent, List<String> options, Path log) {
    return new Plan(true, rounds, 300, 5_000, 3, 100, agent, options, log);
  }
}
