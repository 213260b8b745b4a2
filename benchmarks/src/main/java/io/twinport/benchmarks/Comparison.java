package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Transport;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

/**
 * The table at the end: one row for each set of parameters but the transport, with TCP and the SAN
 * side by side. Samples are given by their median, everything else by its mean; the spread is the
 * lowest and the highest of any iteration of any fork. Ratios are of the figures, the second one to
 * TCP where it was placed best. Where interfaces are compared, two more are to the same over {@link
 * Api#CHANNEL}, for TCP and for the SAN.
 */
final class Comparison {
  /** Those that JMH's benchmarks have. */
  private static final List<Transport> TRANSPORTS = List.of(Transport.TCP, Transport.SAN);

  private static final String TRANSPORT = "transport";
  private static final String PIN = "pin";
  private static final String SIZE = "size";
  private static final String API = "api";
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private final Map<String, List<Row>> tables = new LinkedHashMap<>();

  Comparison(Collection<RunResult> results) {
    for (RunResult result : results) {
      BenchmarkParams params = result.getParams();
      Map<String, String> others = new TreeMap<>();
      for (String key : params.getParamsKeys()) {
        if (!key.equals(TRANSPORT)) {
          others.put(key, params.getParam(key));
        }
      }
      row(title(result), others)
          .cells
          .put(Transport.valueOf(params.getParam(TRANSPORT)), new Cell(result));
    }
  }

  private static String title(RunResult result) {
    BenchmarkParams params = result.getParams();
    String name = params.getBenchmark();
    name = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    String figure = params.getMode() == Mode.SampleTime ? "median" : "mean";
    String unit = isBytes(result) ? "MB/s" : result.getPrimaryResult().getScoreUnit();
    return String.format("%s, %s in %s [lowest..highest iteration]", name, figure, unit);
  }

  /** Whether operations per second are messages of {@code size} bytes: bytes say more then. */
  private static boolean isBytes(RunResult result) {
    return result.getPrimaryResult().getScoreUnit().equals("ops/s")
        && result.getParams().getParamsKeys().contains(SIZE);
  }

  private Row row(String title, Map<String, String> params) {
    List<Row> rows = tables.computeIfAbsent(title, unused -> new ArrayList<>());
    for (Row row : rows) {
      if (row.params.equals(params)) {
        return row;
      }
    }
    Row row = new Row(params);
    rows.add(row);
    return row;
  }

  void print(PrintStream out) {
    tables.forEach(
        (title, rows) -> {
          out.println(title);
          print(rows, out);
          out.println();
        });
  }

  private static void print(List<Row> rows, PrintStream out) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(header(rows.get(0)));
    for (Row row : rows) {
      lines.add(line(row, rows));
    }
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String cell = line.get(column);
        text.append("  ").append(cell).append(" ".repeat(widths[column] - cell.length()));
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private static List<String> header(Row first) {
    List<String> line = new ArrayList<>(first.params.keySet());
    for (Transport transport : TRANSPORTS) {
      line.add(transport.name());
      line.add("p99");
      line.add("B/op");
    }
    line.add("SAN/TCP");
    line.add("SAN/fastest TCP");
    if (first.params.containsKey(API)) {
      for (Transport transport : TRANSPORTS) {
        line.add(transport + "/" + transport + " " + Api.CHANNEL);
      }
    }
    return line;
  }

  private static List<String> line(Row row, List<Row> rows) {
    List<String> line = new ArrayList<>(row.params.values());
    for (Transport transport : TRANSPORTS) {
      Cell cell = row.cells.get(transport);
      line.add(
          cell == null
              ? "-"
              : String.format(
                  "%s [%s..%s]", number(cell.figure), number(cell.lowest), number(cell.highest)));
      line.add(cell == null || Double.isNaN(cell.p99) ? "-" : number(cell.p99));
      line.add(cell == null || Double.isNaN(cell.allocated) ? "-" : bytes(cell.allocated));
    }
    Cell san = row.cells.get(Transport.SAN);
    line.add(ratio(san, row.cells.get(Transport.TCP)));
    line.add(ratio(san, fastest(row, rows)));
    if (row.params.containsKey(API)) {
      Row channels = overChannels(row, rows);
      for (Transport transport : TRANSPORTS) {
        line.add(
            channels == null
                ? "-"
                : ratio(row.cells.get(transport), channels.cells.get(transport)));
      }
    }
    return line;
  }

  /** TCP's best placement among the rows that differ in nothing else. */
  private static Cell fastest(Row row, List<Row> rows) {
    Cell fastest = null;
    for (Row other : rows) {
      Cell tcp = other.cells.get(Transport.TCP);
      if (tcp != null
          && other.without(PIN).equals(row.without(PIN))
          && (fastest == null || tcp.betterThan(fastest))) {
        fastest = tcp;
      }
    }
    return fastest;
  }

  /** The row of channels that differs in nothing else, or null. */
  private static Row overChannels(Row row, List<Row> rows) {
    for (Row other : rows) {
      if (Api.CHANNEL.name().equals(other.params.get(API))
          && other.without(API).equals(row.without(API))) {
        return other;
      }
    }
    return null;
  }

  private static String ratio(Cell figure, Cell to) {
    return figure == null || to == null
        ? "-"
        : String.format(Locale.ROOT, "%.3f", figure.figure / to.figure);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }

  private static String bytes(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.0f", value);
  }

  private static final class Row {
    final Map<String, String> params;
    final Map<Transport, Cell> cells = new EnumMap<>(Transport.class);

    Row(Map<String, String> params) {
      this.params = params;
    }

    Map<String, String> without(String param) {
      Map<String, String> others = new TreeMap<>(params);
      others.remove(param);
      return others;
    }
  }

  private static final class Cell {
    final boolean moreIsBetter;
    final double figure;
    final double p99;
    final double allocated;
    double lowest = Double.POSITIVE_INFINITY;
    double highest = Double.NEGATIVE_INFINITY;

    Cell(RunResult result) {
      boolean samples = result.getParams().getMode() == Mode.SampleTime;
      moreIsBetter = result.getParams().getMode() == Mode.Throughput;
      double factor =
          isBytes(result) ? Integer.parseInt(result.getParams().getParam(SIZE)) / 1e6 : 1;
      figure = figure(result.getPrimaryResult(), samples) * factor;
      p99 = samples ? result.getPrimaryResult().getStatistics().getPercentile(99) : Double.NaN;
      allocated = allocated(result);
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          double one = figure(iteration.getPrimaryResult(), samples) * factor;
          lowest = Math.min(lowest, one);
          highest = Math.max(highest, one);
        }
      }
    }

    private static double figure(Result<?> result, boolean samples) {
      Statistics statistics = result.getStatistics();
      return samples ? statistics.getPercentile(50) : result.getScore();
    }

    /** The median: the first and the last iteration of a fork set up and clear away as well. */
    private static double allocated(RunResult result) {
      ListStatistics iterations = new ListStatistics();
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          iteration
              .getSecondaryResults()
              .forEach(
                  (name, secondary) -> {
                    if (name.endsWith(ALLOCATION)) {
                      iterations.addValue(secondary.getScore());
                    }
                  });
        }
      }
      return iterations.getPercentile(50);
    }

    boolean betterThan(Cell other) {
      return moreIsBetter ? figure > other.figure : figure < other.figure;
    }
  }
}
