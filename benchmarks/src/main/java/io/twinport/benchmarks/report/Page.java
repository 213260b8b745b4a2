package io.twinport.benchmarks.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.attrs;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.img;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.picture;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.source;
import static j2html.TagCreator.span;
import static j2html.TagCreator.style;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.title;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import io.twinport.benchmarks.report.SideBySide.Column;
import io.twinport.benchmarks.report.SideBySide.Line;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A report as a page of HTML that needs no other file; for desks and phones, by day and by night.
 */
final class Page {
  private static final String TITLE = "Twinport: measured";
  private static final String CSS = "report.css";
  private static final String NARROW = "(max-width: 40rem)";
  private static final String DARK = "(prefers-color-scheme: dark)";

  private final Report report;
  private final Map<String, SideBySide> tables;
  private final List<Charts.Chart> plots;

  Page(Report report, Map<String, SideBySide> tables, List<Charts.Chart> plots) {
    this.report = report;
    this.tables = tables;
    this.plots = plots;
  }

  String render() throws IOException {
    List<DomContent> sections = new ArrayList<>();
    sections.add(targets());
    if (!plots.isEmpty()) {
      sections.add(section(h2("Plots").withId("plots"), each(plots, Page::plot)));
    }
    tables.forEach((benchmark, table) -> sections.add(benchmark(benchmark, table)));
    return "<!DOCTYPE html>\n"
        + html(
                head(
                    meta().withCharset("utf-8"),
                    meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                    meta().withName("color-scheme").withContent("light dark"),
                    title(TITLE),
                    style(rawHtml(css()))),
                body(
                    h1(TITLE),
                    div(attrs(".facts"), each(report.facts(), fact -> p(fact))),
                    loud(".warning", "Take care", report.warnings()),
                    loud(".missing", "Not measured", report.notes()),
                    contents(),
                    main(sections.toArray(DomContent[]::new))))
            .withLang("en")
            .render();
  }

  private static String css() throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(CSS)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static DomContent loud(String classes, String heading, List<String> lines) {
    return iff(
        !lines.isEmpty(), div(attrs(classes), h2(heading), ul(each(lines, line -> li(line)))));
  }

  private DomContent contents() {
    return nav(
        ul(
            li(a("Targets").withHref("#targets")),
            iff(!plots.isEmpty(), li(a("Plots").withHref("#plots"))),
            each(tables.keySet(), name -> li(a(report.title(name)).withHref("#" + name)))));
  }

  private DomContent targets() {
    List<Verdict> measured = report.measured();
    int others = report.verdicts().size() - measured.size();
    return section(
        h2("Targets").withId("targets"),
        iff(!measured.isEmpty(), p(Report.summary(measured))),
        iff(others > 0, p(Report.notShown(others)).withClass("hint")),
        iff(
            !measured.isEmpty(),
            div(
                p("Figures are medians; in brackets the lowest and the highest repeat, or for the"
                        + " TCP clients the confidence interval of 95 %. Ratios are of figures of"
                        + " the same round, and to TCP at its fastest placement; programs run where"
                        + " the kernel likes.")
                    .withClass("hint"),
                div(
                    attrs(".scroll"),
                    table(
                        attrs(".targets"),
                        thead(
                            tr(
                                th("what"),
                                th("target").withClass("figure"),
                                th("measured").withClass("figure"),
                                th("outcome"))),
                        tbody(each(measured, Page::verdict)))))));
  }

  private static DomContent verdict(Verdict verdict) {
    return tr(
        td(verdict.target().what()),
        td(verdict.target().text()).withClass("figure"),
        td(number(verdict.measured())).withClass("figure"),
        td(sign(verdict.outcome()) + " " + verdict.outcome())
            .withClass("outcome " + Text.lower(verdict.outcome())));
  }

  /** For those who see no colours. */
  private static String sign(Verdict.Outcome outcome) {
    return switch (outcome) {
      case MET -> "\u2713";
      case MISSED -> "\u2717";
      case UNDECIDED, NOT_MEASURED -> "?";
    };
  }

  private static DomContent number(Figure figure) {
    String spread = Text.spread(figure);
    return each(
        span(Text.number(figure.median()) + " "),
        iff(!spread.isEmpty(), span(spread).withClass("spread")));
  }

  private static DomContent plot(Charts.Chart chart) {
    return figure(
        picture(
            drawing(Drawing.SMALL_DARK, chart, NARROW + " and " + DARK),
            drawing(Drawing.SMALL_LIGHT, chart, NARROW),
            drawing(Drawing.DARK, chart, DARK),
            img().withAlt(chart.title()).withSrc(embedded(Drawing.LIGHT, chart))));
  }

  private static DomContent drawing(Drawing drawing, Charts.Chart chart, String media) {
    return source().attr("media", media).attr("srcset", embedded(drawing, chart));
  }

  private static String embedded(Drawing drawing, Charts.Chart chart) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(drawing.png(chart));
  }

  private DomContent benchmark(String name, SideBySide sideBySide) {
    Set<Column> columns = sideBySide.columns();
    boolean ratios = sideBySide.hasRatios();
    int width = 1 + columns.size() + (ratios ? 1 : 0);
    return section(
        h2(report.title(name)).withId(name),
        p("By "
                + report.parameter(name)
                + ", interface and placement. Bars are to scale within their line. Of what is"
                + " counted by the second more is better, of all else less.")
            .withClass("hint"),
        div(
            attrs(".scroll"),
            table(
                thead(
                    tr(
                        th(),
                        each(
                            columns,
                            column ->
                                each(
                                    th(column.toString()).withClass("figure"),
                                    iff(
                                        ratios && column == Column.SAN,
                                        th(SideBySide.RATIO).withClass("figure")))))),
                each(
                    sideBySide.groups(),
                    group ->
                        tbody(
                            tr(th(group.title()).attr("colspan", width).attr("scope", "rowgroup"))
                                .withClass("group"),
                            each(group.lines(), line -> line(line, columns, ratios)))))));
  }

  private static DomContent line(Line line, Set<Column> columns, boolean ratios) {
    return tr(
        th(line.what()).withClass("what").attr("scope", "row"),
        each(
            columns,
            column -> each(cell(line, column), iff(ratios && column == Column.SAN, ratio(line)))));
  }

  private static DomContent cell(Line line, Column column) {
    Figure figure = line.figures().get(column);
    if (figure == null) {
      return td();
    }
    String share = String.format(Locale.ROOT, "--share:%.3f", line.share(column));
    return td(
            number(figure),
            iff(
                line.figures().size() > 1,
                span().withClass("bar " + Text.lower(column)).withStyle(share)))
        .withClass("figure");
  }

  private static DomContent ratio(Line line) {
    return line.ratio() == null
        ? td()
        : td(number(line.ratio())).withClass("figure " + (line.isBetter() ? "better" : "worse"));
  }
}
