package io.twinport.documents;

import static java.util.stream.Collectors.toList;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Draws the table of latencies as SVG: a row for each measurement, a mark for each path at its
 * median, and a line from the lowest to the highest round, on a logarithmic scale.
 */
final class LatencyPlot {
  /** The rows that are shown, by what they are called in the table. */
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    ROWS.put("round trip of 64 bytes, channels", "round trip, 64 bytes");
    ROWS.put("with selectors", "with selectors");
    ROWS.put("through `java.net`", "through java.net");
    ROWS.put("16 KiB, channels", "round trip, 16 KiB");
    ROWS.put("1 MiB, channels", "round trip, 1 MiB");
    ROWS.put("connect to first byte, selector", "connect to first byte");
  }

  private static final Pattern CELL = Pattern.compile("([\\d.]+) \\[([\\d.]+)–([\\d.]+)\\]");

  // All lengths are in the pixels of a picture that is shown as it is.
  private static final int WIDTH = 620;
  private static final int LEFT = 172;
  private static final int RIGHT = 590;
  private static final int TOP = 92;
  private static final int ROW = 40;
  private static final double LEAST = 0.1;
  private static final double MOST = 1000;

  /**
   * In the order of the table's columns. What is told apart by shape and by colour; the colours are
   * of Okabe and Ito's palette.
   */
  private enum Series {
    TCP("TCP, two cores"),
    TCP_ONE("TCP, one core"),
    SAN("shared memory, two cores"),
    SAN_ONE("shared memory, one core");

    final String text;

    Series(String text) {
      this.text = text;
    }

    boolean isTcp() {
      return this == TCP || this == TCP_ONE;
    }

    boolean isFilled() {
      return this == TCP || this == SAN;
    }
  }

  /** Light or dark. */
  enum Theme {
    LIGHT("#ffffff", "#1f2328", "#d0d7de", "#d55e00", "#0072b2"),
    DARK("#0d1117", "#e6edf3", "#30363d", "#e69f00", "#56b4e9");

    private final String ground;
    private final String ink;
    private final String grid;
    private final String tcp;
    private final String san;

    Theme(String ground, String ink, String grid, String tcp, String san) {
      this.ground = ground;
      this.ink = ink;
      this.grid = grid;
      this.tcp = tcp;
      this.san = san;
    }

    String file() {
      return "latency-" + name().toLowerCase(Locale.ROOT) + ".svg";
    }
  }

  /** A median and its range, in microseconds. */
  private record Value(double median, String shown, double lowest, double highest) {}

  private final Theme theme;
  private final StringBuilder svg = new StringBuilder();

  private LatencyPlot(Theme theme) {
    this.theme = theme;
  }

  /**
   * The picture.
   *
   * @param lines of the document with the table
   * @throws IllegalArgumentException if a row is not there, or not as it should be
   */
  static String draw(List<String> lines, Theme theme) {
    LatencyPlot plot = new LatencyPlot(theme);
    plot.draw(read(lines));
    return plot.svg.toString();
  }

  private static Map<String, Map<Series, Value>> read(List<String> lines) {
    Map<String, Map<Series, Value>> rows = new LinkedHashMap<>();
    ROWS.forEach(
        (inTable, shown) -> {
          List<String> found =
              lines.stream()
                  .filter(line -> line.startsWith("| " + inTable + " |"))
                  .collect(toList());
          if (found.size() != 1) {
            throw new IllegalArgumentException(
                found.size() + " rows '" + inTable + "', where one is to be");
          }
          Map<Series, Value> values = new EnumMap<>(Series.class);
          Matcher cell = CELL.matcher(found.get(0).replace(",", ""));
          for (Series series : Series.values()) {
            if (!cell.find()) {
              throw new IllegalArgumentException(
                  "the row '" + inTable + "' has no figure with a range for " + series.text);
            }
            values.put(
                series,
                new Value(
                    Double.parseDouble(cell.group(1)),
                    cell.group(1),
                    Double.parseDouble(cell.group(2)),
                    Double.parseDouble(cell.group(3))));
          }
          rows.put(shown, values);
        });
    return rows;
  }

  private void draw(Map<String, Map<Series, Value>> rows) {
    int bottom = TOP + ROW * rows.size();
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"14\" fill=\"%s\">",
        WIDTH, bottom + 36, WIDTH, bottom + 36, theme.ink);
    add("<title>Latency over TCP and over shared memory, in microseconds</title>");
    add("<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"%s\"/>", theme.ground);
    add(
        "<text x=\"16\" y=\"26\" font-weight=\"bold\">Latency in µs, less is better."
            + " Each line is ten times the one before</text>");
    legend();
    grid(bottom);
    int y = TOP + ROW / 2;
    for (Map.Entry<String, Map<Series, Value>> row : rows.entrySet()) {
      add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 14, y + 5, row.getKey());
      for (Series series : Series.values()) {
        value(series, row.getValue().get(series), y);
      }
      y += ROW;
    }
    add("</svg>");
  }

  private void legend() {
    for (Series series : Series.values()) {
      int x = series.isTcp() ? 24 : 224;
      int y = series.isFilled() ? 48 : 70;
      mark(series, x, y);
      add("<text x=\"%d\" y=\"%d\">%s</text>", x + 14, y + 5, series.text);
    }
  }

  private void grid(int bottom) {
    for (double value = LEAST; value <= MOST * 1.001; value *= 10) {
      String x = number(x(value));
      add(
          "<line x1=\"%s\" y1=\"%d\" x2=\"%s\" y2=\"%d\" stroke=\"%s\"/>",
          x, TOP, x, bottom, theme.grid);
      add(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x, bottom + 20, value < 1 ? "0.1" : Long.toString(Math.round(value)));
    }
  }

  private void value(Series series, Value value, int y) {
    add(
        "<line x1=\"%s\" y1=\"%d\" x2=\"%s\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\""
            + " stroke-opacity=\"0.5\"/>",
        number(x(value.lowest)), y, number(x(value.highest)), y, colour(series));
    mark(series, x(value.median), y);
    if (series.isFilled()) {
      add(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\" font-size=\"12\">%s</text>",
          number(x(value.median)), y - 9, value.shown);
    }
  }

  private void mark(Series series, double x, int y) {
    String paint =
        String.format(
            "fill=\"%s\" stroke=\"%s\" stroke-width=\"2\"",
            series.isFilled() ? colour(series) : theme.ground, colour(series));
    if (series.isTcp()) {
      add("<rect x=\"%s\" y=\"%d\" width=\"10\" height=\"10\" %s/>", number(x - 5), y - 5, paint);
    } else {
      add("<circle cx=\"%s\" cy=\"%d\" r=\"5.5\" %s/>", number(x), y, paint);
    }
  }

  private String colour(Series series) {
    return series.isTcp() ? theme.tcp : theme.san;
  }

  private static double x(double micros) {
    double part = Math.log(micros / LEAST) / Math.log(MOST / LEAST);
    return LEFT + part * (RIGHT - LEFT);
  }

  private static String number(double pixels) {
    return String.format(Locale.ROOT, "%.1f", pixels);
  }

  private void add(String line, Object... values) {
    svg.append(String.format(Locale.ROOT, line, values)).append('\n');
  }
}
