package io.twinport.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.benchmarks.applications.Application;
import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.report.SideBySide.Column;
import io.twinport.benchmarks.suite.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Setting TCP = new Setting(Transport.TCP, Placement.NONE);
  private static final Setting TCP_ONE = new Setting(Transport.TCP, Placement.ONE);
  private static final Setting SAN = new Setting(Transport.SAN, Placement.NONE);

  private final Samples samples = new Samples();
  private int round;

  private void add(
      String benchmark, Api api, String parameter, Setting setting, String metric, double... all) {
    Sample.Row row = new Sample.Row(benchmark, api, parameter, setting, metric, "us");
    for (int slice = 0; slice < all.length; slice++) {
      samples.add(new Sample(row, round, slice, all[slice]));
    }
  }

  private void roundTrip(Setting setting, double... micros) {
    add("roundtrip", Api.CHANNEL, "64", setting, "p50", micros);
  }

  private Verdict verdict(String what) {
    return report().verdicts().stream()
        .filter(verdict -> verdict.target().what().startsWith(what))
        .findFirst()
        .orElseThrow();
  }

  private Report report() {
    return new Report(
        samples,
        Suite.headings(),
        List.of("busy"),
        List.of("quota: no <control> group"),
        List.of("a machine"));
  }

  @Test
  void comparesWithTheFastestTcpOfTheSameRepeat() {
    roundTrip(TCP, 60, 5, 60);
    roundTrip(TCP_ONE, 10, 10, 10);
    roundTrip(SAN, 1, 1, 0.5);
    Verdict verdict = verdict("round trip of 64 B, free, SAN / TCP");
    assertEquals(new Figure(0.1, 0.05, 0.2, 3), verdict.measured());
    assertEquals(Verdict.Outcome.MET, verdict.outcome());
  }

  @Test
  void spreadIsOverRoundsWhereThereAreSeveral() {
    for (double factor : new double[] {1, 2, 6}) {
      roundTrip(TCP_ONE, 10, 10, 1000);
      roundTrip(SAN, factor, factor, factor);
      round++;
    }
    Verdict verdict = verdict("round trip of 64 B, free, SAN / TCP");
    assertEquals(new Figure(0.2, 0.1, 0.6, 3), verdict.measured());
    assertEquals(Verdict.Outcome.MISSED, verdict.outcome());
  }

  @Test
  void whatWasNotMeasuredIsNeitherMetNorMissed() {
    assertEquals(Verdict.Outcome.NOT_MEASURED, verdict("processor time").outcome());
  }

  @Test
  void intervalThatHasTheLimitDecidesNothing() {
    Setting with = TCP_ONE.with(Setting.SERVER_WITH_AGENT);
    add("tcp-clients", Api.CHANNEL, "sendfile", TCP_ONE, "rate", 100, 100, 100);
    add("tcp-clients", Api.CHANNEL, "sendfile", with, "rate", 90, 100, 103);
    assertEquals(Verdict.Outcome.UNDECIDED, verdict("TCP clients: sendfile").outcome());
    add("tcp-clients", Api.CHANNEL, "round trip of 64 bytes", TCP_ONE, "p50", 100, 100, 100);
    add("tcp-clients", Api.CHANNEL, "round trip of 64 bytes", with, "p50", 100, 101, 100);
    assertEquals(Verdict.Outcome.MET, verdict("TCP clients: round trip").outcome());
  }

  private void request(Application application, Setting setting, double rate) {
    add("applications", Api.of(application), application.label() + "/1", setting, "rate", rate);
  }

  @Test
  void fourProgramsAreToBeTwiceAsFast() {
    String what = "requests a second on one connection";
    for (Application application : Application.values()) {
      request(application, TCP, 100);
    }
    request(Application.JDK_HTTP, SAN, 150);
    request(Application.TOMCAT, SAN, 300);
    request(Application.NETTY, SAN, 400);
    assertEquals(Verdict.Outcome.NOT_MEASURED, verdict(what).outcome());
    request(Application.GRPC, SAN, 250);
    assertEquals(new Figure(1.5, 1.5, 1.5, 1), verdict(what).measured());
    assertEquals(Verdict.Outcome.MISSED, verdict(what).outcome());
    request(Application.H2, SAN, 900);
    assertEquals(new Figure(2.5, 2.5, 2.5, 1), verdict(what).measured());
    assertEquals(Verdict.Outcome.MET, verdict("jdk-http/1: requests a second").outcome());
    assertEquals(Verdict.Outcome.NOT_MEASURED, verdict("jdk-http/16: requests").outcome());
  }

  @Test
  void writesPagePlotsValuesAndTable(@TempDir Path folder) throws IOException {
    for (Setting setting : List.of(TCP, TCP_ONE, SAN)) {
      roundTrip(setting, 10, 11, 12);
      add("roundtrip", Api.CHANNEL, "64", setting, "p99", 20, 21, 22);
      add("roundtrip", Api.CHANNEL, "1048576", setting, "p50", 400);
      add("throughput", Api.CHANNEL, "64", setting, "rate", 50);
      add("throughput", Api.CHANNEL, "65536", setting, "rate", 5_000);
      add("connections", Api.SELECTOR, "1/1", setting, "p50", 5);
      add("connections", Api.SELECTOR, "10000/1", setting, "p50", 6);
      add("connections", Api.SELECTOR, "10000/1000", setting, "p50", 2);
    }
    report().write(folder);
    String page = Files.readString(folder.resolve(Report.HTML));
    assertTrue(page.contains("quota: no &lt;control&gt; group"), page);
    // Each for desk and phone, by day and by night.
    assertEquals(5 * 4, page.split("data:image/png;base64,", -1).length - 1);
    assertTrue(page.contains("<td class=\"outcome missed\">\u2717 missed</td>"), page);
    List<String> values = Files.readAllLines(folder.resolve(Report.CSV));
    assertEquals(1 + samples.all().size(), values.size());
    assertEquals("roundtrip,channel,64,tcp,none,calm,,p50,us,0,0,10.0", values.get(1));
    String table = Files.readString(folder.resolve(Report.MARKDOWN));
    assertTrue(
        table.contains(
            "| 64 \u00b7 channel \u00b7 free | p50, \u00b5s | 11.0 [10.0\u201312.0] | 11.0"
                + " [10.0\u201312.0] | 1.00 [1.00\u20131.00] |"),
        table);
    assertTrue(table.contains("Not measured: quota"), table);
    assertTrue(table.contains("Take care: busy"), table);
  }

  @Test
  void whatWasNotMeasuredHasNoRows(@TempDir Path folder) throws IOException {
    roundTrip(TCP_ONE, 10);
    roundTrip(SAN, 0.5);
    report().write(folder);
    String page = Files.readString(folder.resolve(Report.HTML));
    String table = Files.readString(folder.resolve(Report.MARKDOWN));
    for (String text : List.of(page, table)) {
      assertFalse(text.contains(Verdict.Outcome.NOT_MEASURED.toString()), text);
      assertTrue(text.contains("round trip of 64 B, free, SAN / TCP"), text);
    }
    assertTrue(page.contains("1 target: 1 met."), page);
    assertTrue(page.contains("more targets are not listed"), page);
  }

  @Test
  void pageFitsPhonesAndTheNight(@TempDir Path folder) throws IOException {
    roundTrip(TCP, 10);
    roundTrip(SAN, 0.5);
    report().write(folder);
    String page = Files.readString(folder.resolve(Report.HTML));
    assertTrue(
        page.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
        page);
    assertTrue(page.contains("@media (prefers-color-scheme: dark)"), page);
    // A table that is too wide is scrolled, not the page.
    int tables = page.split("<table", -1).length - 1;
    assertEquals(tables, page.split("<div class=\"scroll\"><table", -1).length - 1, page);
    assertFalse(page.contains("0.5 us"), page);
  }

  private List<SideBySide.Group> sideBySide(String benchmark) {
    return new SideBySide(samples, benchmark).groups();
  }

  @Test
  void tcpAndSanStandInOneLine() {
    roundTrip(TCP, 20, 30, 40);
    roundTrip(TCP_ONE, 10, 10, 10);
    roundTrip(SAN, 1, 3, 8);
    roundTrip(SAN.with("wait=spin"), 2, 3, 4);
    add("roundtrip", Api.MEMORY, "64", new Setting(Transport.RING, Placement.TWO), "p50", 0.5);
    List<SideBySide.Group> groups = sideBySide("roundtrip");
    assertEquals(
        List.of(
            "64 \u00b7 channel \u00b7 free",
            "64 \u00b7 channel \u00b7 one core",
            "64 \u00b7 channel \u00b7 free, wait=spin"),
        groups.stream().map(SideBySide.Group::title).toList());
    SideBySide.Line free = groups.get(0).lines().get(0);
    assertEquals("p50, \u00b5s", free.what());
    assertEquals(new Figure(30, 20, 40, 3), free.figures().get(Column.TCP));
    assertEquals(new Figure(3, 1, 8, 3), free.figures().get(Column.SAN));
    assertEquals(new Figure(0.5, 0.5, 0.5, 1), free.figures().get(Column.RING));
    assertEquals(new Figure(0.1, 0.05, 0.2, 3), free.ratio());
    assertTrue(free.isBetter());
    assertEquals(0.1, free.share(Column.SAN));
    assertNull(groups.get(1).lines().get(0).ratio());
    // Options are Twinport's: the TCP beside them is the same.
    assertEquals(new Figure(0.1, 0.1, 0.1, 3), groups.get(2).lines().get(0).ratio());
  }

  @Test
  void moreIsBetterForRates() {
    Sample.Row tcp = new Sample.Row("connects", Api.SELECTOR, "1", TCP, "rate", "1/s");
    Sample.Row san = new Sample.Row("connects", Api.SELECTOR, "1", SAN, "rate", "1/s");
    samples.add(new Sample(tcp, 0, 0, 100));
    samples.add(new Sample(san, 0, 0, 900));
    assertTrue(sideBySide("connects").get(0).lines().get(0).isBetter());
  }

  @Test
  void nothingIsComparedWithNothing() {
    add("idle", Api.SELECTOR, "a connection", TCP, "shared memory", 0);
    add("idle", Api.SELECTOR, "a connection", SAN, "shared memory", 783);
    assertNull(sideBySide("idle").get(0).lines().get(0).ratio());
  }
}
