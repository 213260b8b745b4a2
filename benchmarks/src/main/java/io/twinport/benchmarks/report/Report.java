package io.twinport.benchmarks.report;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder with what a run has shown: {@code report.html} with targets, plots and tables; {@code
 * samples.csv}, every value; {@code table.md}, the figures for a README; {@code plots}, the plots
 * as SVG, for a light ground and for a dark one.
 */
public final class Report {
  /** The page. */
  public static final String HTML = "report.html";

  /** The values. */
  public static final String CSV = "samples.csv";

  /** The figures in Markdown. */
  public static final String MARKDOWN = "table.md";

  private final Samples samples;
  private final Map<String, Heading> headings;
  private final List<String> warnings;
  private final List<String> notes;
  private final List<String> facts;

  /**
   * What stands above a benchmark's figures.
   *
   * @param title what it measures
   * @param parameter the head of its parameter's column
   */
  public record Heading(String title, String parameter) {}

  /**
   * Of a run.
   *
   * @param headings by benchmark
   * @param warnings why the figures may be worse than they would be elsewhere; shown loudly
   * @param notes what could not be measured, and why; shown loudly
   * @param facts the machine, the command, and such
   */
  public Report(
      Samples samples,
      Map<String, Heading> headings,
      List<String> warnings,
      List<String> notes,
      List<String> facts) {
    this.samples = samples;
    this.headings = headings;
    this.warnings = warnings;
    this.notes = notes;
    this.facts = facts;
  }

  /** The verdict on each target. */
  public List<Verdict> verdicts() {
    return Targets.all().stream().map(target -> target.judge(samples)).toList();
  }

  List<String> warnings() {
    return warnings;
  }

  List<String> notes() {
    return notes;
  }

  List<String> facts() {
    return facts;
  }

  String title(String benchmark) {
    return headings.get(benchmark).title();
  }

  String parameter(String benchmark) {
    return headings.get(benchmark).parameter();
  }

  /** The verdicts on targets that this run says something of. */
  List<Verdict> measured() {
    return verdicts().stream().filter(verdict -> verdict.measured() != null).toList();
  }

  /** How many of these are met. */
  static String summary(List<Verdict> measured) {
    List<String> parts = new ArrayList<>();
    for (Verdict.Outcome outcome : Verdict.Outcome.values()) {
      long count = measured.stream().filter(verdict -> verdict.outcome() == outcome).count();
      if (count > 0) {
        parts.add(count + " " + outcome);
      }
    }
    return measured.size()
        + (measured.size() == 1 ? " target: " : " targets: ")
        + String.join(", ", parts)
        + ".";
  }

  /** What is said in place of rows without figures. */
  static String notShown(int count) {
    return (count == 1 ? "1 more target is" : count + " more targets are")
        + " not listed: what they need was not part of this run, or could not be measured here.";
  }

  /** Writes all files into a folder that is there. */
  public void write(Path folder) throws IOException {
    Map<String, SideBySide> tables = new LinkedHashMap<>();
    for (String benchmark : samples.benchmarks()) {
      tables.put(benchmark, new SideBySide(samples, benchmark));
    }
    List<Charts.Chart> plots = new Charts(samples).all();
    writeCsv(folder.resolve(CSV));
    Files.writeString(folder.resolve(MARKDOWN), markdown(tables));
    Files.writeString(folder.resolve(HTML), new Page(this, tables, plots).render());
  }

  private void writeCsv(Path file) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(
          "benchmark",
          "api",
          "parameter",
          "transport",
          "pin",
          "surroundings",
          "options",
          "metric",
          "unit",
          "round",
          "slice",
          "value");
      for (Sample sample : samples.all()) {
        Sample.Row row = sample.row();
        csv.writeRecord(
            row.benchmark(),
            Text.lower(row.api()),
            row.parameter(),
            Text.lower(row.setting().transport()),
            Text.lower(row.setting().pin()),
            Text.lower(row.setting().surroundings()),
            row.setting().options(),
            row.metric(),
            row.unit(),
            Integer.toString(sample.round()),
            Integer.toString(sample.slice()),
            Double.toString(sample.value()));
      }
    }
  }

  private String markdown(Map<String, SideBySide> tables) {
    StringBuilder text = new StringBuilder();
    facts.forEach(fact -> text.append(fact).append("  \n"));
    warnings.forEach(warning -> text.append("\nTake care: ").append(warning).append("\n"));
    List<Verdict> measured = measured();
    if (!measured.isEmpty()) {
      text.append("\n| target | | measured | |\n|---|---|---|---|\n");
      measured.forEach(verdict -> line(text, cells(verdict)));
    }
    tables.forEach(
        (benchmark, table) -> {
          text.append("\n").append(title(benchmark)).append("\n\n");
          write(text, table, parameter(benchmark));
        });
    notes.forEach(note -> text.append("\nNot measured: ").append(note).append("\n"));
    return text.toString();
  }

  private static void write(StringBuilder text, SideBySide table, String parameter) {
    List<String> heads = new ArrayList<>(List.of(parameter, "what"));
    table.columns().forEach(column -> heads.add(column.toString()));
    if (table.hasRatios()) {
      heads.add(SideBySide.RATIO);
    }
    line(text, heads);
    text.append("|---".repeat(heads.size())).append("|\n");
    for (SideBySide.Group group : table.groups()) {
      for (SideBySide.Line line : group.lines()) {
        List<String> cells = new ArrayList<>(List.of(group.title(), line.what()));
        table.columns().forEach(column -> cells.add(cell(line.figures().get(column))));
        if (table.hasRatios()) {
          cells.add(cell(line.ratio()));
        }
        line(text, cells);
      }
    }
  }

  private static String cell(Figure figure) {
    return figure == null ? "" : Text.figure(figure);
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ")
        .append(String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList()))
        .append(" |\n");
  }

  private static List<String> cells(Verdict verdict) {
    return List.of(
        verdict.target().what(),
        verdict.target().text(),
        Text.figure(verdict.measured()),
        verdict.outcome().toString());
  }
}
