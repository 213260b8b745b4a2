package io.twinport.benchmarks.report;

import static j2html.TagCreator.attrs;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.img;
import static j2html.TagCreator.li;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.style;
import static j2html.TagCreator.table;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.title;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import de.siegmar.fastcsv.writer.CsvWriter;
import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A folder with what a run has shown: {@code report.html} with targets, plots and tables; {@code
 * samples.csv}, every value; {@code table.md}, the figures for a README.
 */
public final class Report {
  /** The page. */
  public static final String HTML = "report.html";

  /** The values. */
  public static final String CSV = "samples.csv";

  /** The figures in Markdown. */
  public static final String MARKDOWN = "table.md";

  /** Percentiles that the tables leave out: the plots and the values have them. */
  private static final List<String> IN_TABLES = List.of("p50", "p99", "p99.9");

  private static final String STYLE =
      """
      body { font-family: sans-serif; margin: 2em; max-width: 70em; }
      table { border-collapse: collapse; margin: 1em 0; }
      th, td { border-bottom: 1px solid #ccc; padding: .25em .8em; text-align: left; }
      td.met { background: #d6f0d6; }
      td.missed { background: #f6d0d0; }
      td.undecided { background: #f7ecc8; }
      .loud { background: #f7ecc8; padding: .1em 1em; }
      img { max-width: 100%; }
      """;

  private final Samples samples;
  private final Map<String, Heading> headings;
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
   * @param notes what could not be measured, and why; shown loudly
   * @param facts the machine, the command, and such
   */
  public Report(
      Samples samples, Map<String, Heading> headings, List<String> notes, List<String> facts) {
    this.samples = samples;
    this.headings = headings;
    this.notes = notes;
    this.facts = facts;
  }

  /** The verdict on each target. */
  public List<Verdict> verdicts() {
    return Targets.all().stream().map(target -> target.judge(samples)).toList();
  }

  /** Writes all files into a folder that is there. */
  public void write(Path folder) throws IOException {
    writeCsv(folder.resolve(CSV));
    Files.writeString(folder.resolve(MARKDOWN), markdown());
    Files.writeString(folder.resolve(HTML), page());
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
            lower(row.api()),
            row.parameter(),
            lower(row.setting().transport()),
            lower(row.setting().pin()),
            lower(row.setting().surroundings()),
            row.setting().options(),
            row.metric(),
            row.unit(),
            Integer.toString(sample.round()),
            Integer.toString(sample.slice()),
            Double.toString(sample.value()));
      }
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private List<Sample.Row> tableRows(String benchmark) {
    return samples.rows(benchmark).stream()
        .filter(row -> !row.metric().matches("p[0-9.]+") || IN_TABLES.contains(row.metric()))
        .toList();
  }

  private String markdown() {
    StringBuilder text = new StringBuilder();
    facts.forEach(fact -> text.append(fact).append("  \n"));
    text.append("\n| target | | measured | |\n|---|---|---|---|\n");
    for (Verdict verdict : verdicts()) {
      line(text, cells(verdict));
    }
    for (String benchmark : samples.benchmarks()) {
      Heading heading = headings.get(benchmark);
      text.append("\n").append(heading.title()).append("\n\n");
      line(text, columns(heading));
      text.append("|---|---|---|---|---|\n");
      for (Sample.Row row : tableRows(benchmark)) {
        line(text, cells(row));
      }
    }
    notes.forEach(note -> text.append("\nNot measured: ").append(note).append("\n"));
    return text.toString();
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
        verdict.measured() == null ? "\u2013" : Text.figure(verdict.measured()),
        verdict.outcome().toString());
  }

  private static List<String> columns(Heading heading) {
    return List.of(
        heading.parameter(), "interface", "path", "what", "figure [lowest\u2013highest]");
  }

  private List<String> cells(Sample.Row row) {
    return List.of(
        row.parameter(),
        lower(row.api()),
        row.setting().label(),
        row.metric() + (row.unit().isEmpty() ? "" : ", " + row.unit()),
        Text.figure(samples.figure(row)));
  }

  private String page() {
    List<DomContent> content = new ArrayList<>();
    content.add(h1("Twinport: measured"));
    content.add(each(facts, fact -> p(fact)));
    if (!notes.isEmpty()) {
      content.add(div(attrs(".loud"), h2("Not measured"), ul(each(notes, note -> li(note)))));
    }
    content.add(h2("Targets"));
    content.add(
        p(
            "Figures are medians; in brackets the lowest and the highest repeat, or for the TCP"
                + " clients the confidence interval of 95 %. Ratios are of figures of the same"
                + " round, and to TCP at its fastest placement; programs run where the kernel"
                + " likes."));
    content.add(
        table(
            headRow(List.of("what", "target", "measured", "")),
            each(verdicts(), Report::verdictRow)));
    content.add(h2("Plots"));
    content.add(
        each(
            new Charts(samples).all(),
            chart ->
                p(img().withAlt(chart.title()).withSrc("data:image/png;base64," + chart.png()))));
    for (String benchmark : samples.benchmarks()) {
      Heading heading = headings.get(benchmark);
      content.add(h2(heading.title()));
      content.add(
          table(
              headRow(columns(heading)),
              each(tableRows(benchmark), row -> tr(each(cells(row), cell -> td(cell))))));
    }
    return "<!DOCTYPE html>\n"
        + html(
                head(meta().withCharset("utf-8"), title("Twinport: measured"), style(STYLE)),
                body(content.toArray(DomContent[]::new)))
            .render();
  }

  private static DomContent headRow(List<String> cells) {
    return tr(each(cells, cell -> th(cell)));
  }

  private static DomContent verdictRow(Verdict verdict) {
    List<String> cells = cells(verdict);
    return tr(
        each(cells.subList(0, 3), cell -> td(cell)),
        td(cells.get(3)).withClass(lower(verdict.outcome())));
  }
}
