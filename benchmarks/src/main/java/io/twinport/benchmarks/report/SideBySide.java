package io.twinport.benchmarks.report;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one benchmark has shown, with all that was measured alike in one line: TCP beside the SAN.
 */
final class SideBySide {
  /** Percentiles that the tables leave out: the plots and the values have them. */
  private static final List<String> IN_TABLES = List.of("p50", "p99", "p99.9");

  /** The head of the ratios' column. */
  static final String RATIO = "SAN / TCP";

  private final Samples samples;
  private final Map<Place, Map<Metric, Map<Column, Sample.Row>>> places = new LinkedHashMap<>();

  /** What stands beside each other. */
  enum Column {
    /** Without the agent. */
    TCP("TCP"),
    /** With the agent at both ends. */
    SAN("SAN"),
    /** With the agent at the server, whose clients have none. */
    TCP_TO_AGENT("TCP, " + Setting.SERVER_WITH_AGENT),
    /** UNIX-domain channels. */
    UNIX("UNIX-domain"),
    /** Memory itself, with an end on each core. */
    RING("bare ring, two cores");

    private final String text;

    Column(String text) {
      this.text = text;
    }

    static Column of(Setting setting) {
      return switch (setting.transport()) {
        case TCP -> setting.options().equals(Setting.SERVER_WITH_AGENT) ? TCP_TO_AGENT : TCP;
        case SAN -> SAN;
        case UNIX -> UNIX;
        case RING -> RING;
      };
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** What measurements have in common that can be compared. */
  private record Place(String parameter, Api api, String where) {}

  private record Metric(String name, String unit) {}

  /**
   * Lines of the same conditions.
   *
   * @param title the conditions, such as {@code 64 · channel · free}
   * @param lines one for each metric
   */
  record Group(String title, List<Line> lines) {}

  /**
   * A metric.
   *
   * @param what its name and unit
   * @param moreIsBetter whether it is a rate
   * @param figures what was measured, by column
   * @param ratio that of the SAN to TCP; null unless both were measured, and TCP's is not 0
   */
  record Line(String what, boolean moreIsBetter, Map<Column, Figure> figures, Figure ratio) {
    /** How much of the line's largest figure this one is, from 0 to 1. */
    double share(Column column) {
      double most = figures.values().stream().mapToDouble(Figure::median).max().orElse(0);
      return most > 0 ? Math.max(0, figures.get(column).median() / most) : 0;
    }

    /** Whether the SAN does better than TCP; only where there is a ratio. */
    boolean isBetter() {
      return moreIsBetter ? ratio.median() > 1 : ratio.median() < 1;
    }
  }

  SideBySide(Samples samples, String benchmark) {
    this.samples = samples;
    List<Sample.Row> rows =
        samples.rows(benchmark).stream()
            .filter(row -> !row.metric().matches("p[0-9.]+") || IN_TABLES.contains(row.metric()))
            .toList();
    for (Sample.Row row : rows) {
      places
          .computeIfAbsent(place(row, rows), first -> new LinkedHashMap<>())
          .computeIfAbsent(
              new Metric(row.metric(), row.unit()), first -> new EnumMap<>(Column.class))
          .put(Column.of(row.setting()), row);
    }
    giveOptionsTheirTcp(rows);
  }

  private static Place place(Sample.Row row, List<Sample.Row> rows) {
    Setting setting = row.setting();
    if (setting.transport() == Transport.RING) {
      return placeOfRing(row, rows);
    }
    boolean withAgent = setting.options().equals(Setting.SERVER_WITH_AGENT);
    return new Place(row.parameter(), row.api(), (withAgent ? without(setting) : setting).where());
  }

  /**
   * It has no interface: it stands beside channels, placed as it is, or else as the kernel likes.
   */
  private static Place placeOfRing(Sample.Row ring, List<Sample.Row> rows) {
    List<String> channels =
        rows.stream()
            .filter(row -> row.api() == Api.CHANNEL && row.parameter().equals(ring.parameter()))
            .map(row -> row.setting().where())
            .toList();
    String where = ring.setting().where();
    if (channels.isEmpty()) {
      return new Place(ring.parameter(), ring.api(), where);
    }
    return new Place(
        ring.parameter(), Api.CHANNEL, channels.contains(where) ? where : channels.get(0));
  }

  private static Setting without(Setting setting) {
    return new Setting(setting.transport(), setting.pin(), setting.surroundings(), "");
  }

  /** Options are Twinport's: what they are compared with is TCP as it is. */
  private void giveOptionsTheirTcp(List<Sample.Row> rows) {
    for (Sample.Row row : rows) {
      Setting setting = row.setting();
      if (setting.transport() != Transport.SAN || setting.options().isEmpty()) {
        continue;
      }
      Place plain = new Place(row.parameter(), row.api(), without(setting).where());
      Metric metric = new Metric(row.metric(), row.unit());
      Sample.Row tcp =
          places.getOrDefault(plain, Map.of()).getOrDefault(metric, Map.of()).get(Column.TCP);
      if (tcp != null) {
        places.get(place(row, rows)).get(metric).put(Column.TCP, tcp);
      }
    }
  }

  /** The columns that there are figures for. */
  Set<Column> columns() {
    Set<Column> columns = EnumSet.noneOf(Column.class);
    places.values().stream()
        .flatMap(metrics -> metrics.values().stream())
        .map(Map::keySet)
        .forEach(columns::addAll);
    return columns;
  }

  /** Whether any line has a ratio. */
  boolean hasRatios() {
    return groups().stream()
        .flatMap(group -> group.lines().stream())
        .anyMatch(line -> line.ratio() != null);
  }

  /** All lines, in the order in which they were measured; the places of one parameter together. */
  List<Group> groups() {
    Map<List<Object>, List<Group>> groups = new LinkedHashMap<>();
    places.forEach(
        (place, metrics) -> {
          List<Line> lines = new ArrayList<>();
          metrics.forEach((metric, rows) -> lines.add(line(metric, rows)));
          groups
              .computeIfAbsent(List.of(place.parameter(), place.api()), first -> new ArrayList<>())
              .add(new Group(title(place), lines));
        });
    return groups.values().stream().flatMap(List::stream).toList();
  }

  private static String title(Place place) {
    return String.join(
        " \u00b7 ",
        Stream.of(place.parameter(), Text.lower(place.api()), place.where())
            .filter(word -> !word.isEmpty())
            .toList());
  }

  private Line line(Metric metric, Map<Column, Sample.Row> rows) {
    Map<Column, Figure> figures = new EnumMap<>(Column.class);
    rows.forEach((column, row) -> figures.put(column, samples.figure(row)));
    String unit = Text.unit(metric.unit());
    return new Line(
        metric.name() + (unit.isEmpty() ? "" : ", " + unit),
        metric.unit().endsWith("/s"),
        figures,
        ratio(rows.get(Column.SAN), rows.get(Column.TCP)));
  }

  /** Of what was measured in the same round. */
  private Figure ratio(Sample.Row san, Sample.Row tcp) {
    if (san == null || tcp == null) {
      return null;
    }
    Map<Integer, Double> to = samples.repeats(tcp);
    Map<Integer, Double> ratios = new TreeMap<>();
    samples
        .repeats(san)
        .forEach(
            (repeat, value) -> {
              if (to.getOrDefault(repeat, 0.0) > 0) {
                ratios.put(repeat, value / to.get(repeat));
              }
            });
    return ratios.isEmpty() ? null : Figure.of(ratios.values());
  }
}
