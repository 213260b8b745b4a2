package io.twinport.benchmarks.report;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Setting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All samples of a run, by row. */
public final class Samples {
  private final List<Sample> all = new ArrayList<>();
  private final Map<Sample.Row, List<Sample>> rows = new LinkedHashMap<>();

  /** None yet. */
  public Samples() {}

  /** Adds one. */
  public void add(Sample sample) {
    all.add(sample);
    rows.computeIfAbsent(sample.row(), row -> new ArrayList<>()).add(sample);
  }

  /** All, in the order in which they were taken. */
  public List<Sample> all() {
    return all;
  }

  /** The rows of a benchmark, in the order in which they were first taken. */
  public List<Sample.Row> rows(String benchmark) {
    return rows.keySet().stream().filter(row -> row.benchmark().equals(benchmark)).toList();
  }

  /** The names of the benchmarks that have samples. */
  public Collection<String> benchmarks() {
    return rows.keySet().stream().map(Sample.Row::benchmark).distinct().toList();
  }

  /** All values of a row, in the order in which they were taken; none if it was not measured. */
  public List<Double> values(Sample.Row row) {
    return rows.getOrDefault(row, List.of()).stream().map(Sample::value).toList();
  }

  /**
   * The values that a row's figure is the median of: of each round the median of its slices, or the
   * slices if there was one round only.
   */
  Map<Integer, Double> repeats(Sample.Row row) {
    Map<Integer, List<Double>> byRound = new TreeMap<>();
    for (Sample sample : rows.getOrDefault(row, List.of())) {
      byRound.computeIfAbsent(sample.round(), round -> new ArrayList<>()).add(sample.value());
    }
    Map<Integer, Double> repeats = new TreeMap<>();
    if (byRound.size() == 1) {
      for (Sample sample : rows.get(row)) {
        repeats.put(sample.slice(), sample.value());
      }
    } else {
      byRound.forEach((round, values) -> repeats.put(round, Figure.median(values)));
    }
    return repeats;
  }

  /** The figure of a row, or null if it was not measured. */
  public Figure figure(Sample.Row row) {
    Map<Integer, Double> repeats = repeats(row);
    return repeats.isEmpty() ? null : Figure.of(repeats.values());
  }

  /** The row of this description, whatever its unit; null if it was not measured. */
  Sample.Row find(String benchmark, Api api, String parameter, Setting setting, String metric) {
    for (Sample.Row row : rows.keySet()) {
      if (row.benchmark().equals(benchmark)
          && row.api() == api
          && row.parameter().equals(parameter)
          && row.setting().equals(setting)
          && row.metric().equals(metric)) {
        return row;
      }
    }
    return null;
  }
}
