package io.twinport.benchmarks.report;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The plots of a report; those only that there are samples for. */
final class Charts {
  private final Samples samples;

  /**
   * A plot.
   *
   * @param title for people
   * @param xTitle of the axis of values
   * @param yTitle of the logarithmic axis
   * @param lines by setting; each has figures by place on the axis
   * @param xLabel writes a place on the axis; empty where nothing is to stand
   */
  record Chart(
      String title,
      String xTitle,
      String yTitle,
      Map<Setting, Map<Double, Double>> lines,
      Function<Double, String> xLabel) {}

  Charts(Samples samples) {
    this.samples = samples;
  }

  List<Chart> all() {
    List<Chart> charts = new ArrayList<>();
    percentiles(charts, "Round trip of 64 bytes, blocking", "roundtrip", Api.CHANNEL, "64");
    percentiles(charts, "Connect to first byte, warm", "accept", Api.SELECTOR, "warm");
    sizes(charts, "Round trip by size, blocking, median", "roundtrip", "p50", "us");
    sizes(charts, "One-way throughput by the length of a write", "throughput", "rate", "MB/s");
    crowds(charts, "Round trip beside open connections, one active, median", 1);
    crowds(charts, "Round trip beside open connections, 10 % active at once, each", 10);
    return charts;
  }

  private void percentiles(
      List<Chart> charts, String title, String benchmark, Api api, String parameter) {
    Map<Setting, Map<Double, Double>> lines = new LinkedHashMap<>();
    for (Sample.Row row : samples.rows(benchmark)) {
      boolean wanted =
          (row.api() == api || row.api() == Api.MEMORY) && row.parameter().equals(parameter);
      if (wanted && row.metric().startsWith("p") && !row.metric().equals("p100")) {
        double percentile = Double.parseDouble(row.metric().substring(1));
        // Nines: 0 is the lowest, 1 is 90 %, 2 is 99 %.
        put(lines, row, -Math.log10(1 - percentile / 100));
      }
    }
    add(charts, title, "percentile", "us", lines, Charts::percentile);
  }

  private static String percentile(double nines) {
    if (Math.abs(nines - Math.rint(nines)) > 1e-6) {
      return "";
    }
    // No rounding may make 100 of 99.99.
    return switch ((int) Math.rint(nines)) {
      case 0 -> "lowest";
      case 1 -> "90 %";
      case 2 -> "99 %";
      case 3 -> "99.9 %";
      case 4 -> "99.99 %";
      default -> "";
    };
  }

  private void sizes(
      List<Chart> charts, String title, String benchmark, String metric, String unit) {
    Map<Setting, Map<Double, Double>> lines = new LinkedHashMap<>();
    for (Sample.Row row : samples.rows(benchmark)) {
      boolean wanted = row.api() == Api.CHANNEL || row.api() == Api.MEMORY;
      if (wanted && row.metric().equals(metric)) {
        put(lines, row, Math.log(Double.parseDouble(row.parameter())) / Math.log(2));
      }
    }
    lines.values().removeIf(line -> line.size() < 2);
    add(charts, title, "bytes", unit, lines, Charts::size);
  }

  private static String size(double logarithm) {
    if (Math.abs(logarithm - Math.rint(logarithm)) > 1e-6 || logarithm < 0) {
      return "";
    }
    long bytes = 1L << (int) Math.rint(logarithm);
    if (bytes >= 1 << 20) {
      return (bytes >> 20) + " MiB";
    }
    return bytes >= 1 << 10 ? (bytes >> 10) + " KiB" : Long.toString(bytes);
  }

  private void crowds(List<Chart> charts, String title, int percent) {
    Map<Setting, Map<Double, Double>> lines = new LinkedHashMap<>();
    for (Sample.Row row : samples.rows("connections")) {
      String[] crowd = row.parameter().split("/");
      int open = Integer.parseInt(crowd[0]);
      int active = Integer.parseInt(crowd[1]);
      boolean wanted = percent == 1 ? active == 1 : active * 100 == open * percent;
      if (wanted && row.metric().equals("p50")) {
        put(lines, row, Math.log10(open));
      }
    }
    add(charts, title, "open connections", "us", lines, Charts::power);
  }

  private static String power(double logarithm) {
    return Math.abs(logarithm - Math.rint(logarithm)) > 1e-6
        ? ""
        : Long.toString(Math.round(Math.pow(10, logarithm)));
  }

  private void put(Map<Setting, Map<Double, Double>> lines, Sample.Row row, double x) {
    lines
        .computeIfAbsent(row.setting(), setting -> new TreeMap<>())
        .put(x, samples.figure(row).median());
  }

  private static void add(
      List<Chart> charts,
      String title,
      String xTitle,
      String unit,
      Map<Setting, Map<Double, Double>> lines,
      Function<Double, String> xLabel) {
    if (!lines.isEmpty()) {
      charts.add(new Chart(title, xTitle, Text.unit(unit), lines, xLabel));
    }
  }
}
