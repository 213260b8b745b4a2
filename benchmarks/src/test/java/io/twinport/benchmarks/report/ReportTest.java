package io.twinport.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.benchmarks.applications.Application;
import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
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
        samples, Suite.headings(), List.of("quota: no <control> group"), List.of("a machine"));
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
    assertEquals(5, page.split("data:image/png;base64,", -1).length - 1);
    assertTrue(page.contains("<td class=\"missed\">missed</td>"), page);
    List<String> values = Files.readAllLines(folder.resolve(Report.CSV));
    assertEquals(1 + samples.all().size(), values.size());
    assertEquals("roundtrip,channel,64,tcp,none,calm,,p50,us,0,0,10.0", values.get(1));
    String table = Files.readString(folder.resolve(Report.MARKDOWN));
    assertTrue(
        table.contains("| 64 | channel | SAN, free | p50, us | 11.0 [10.0\u201312.0] |"), table);
    assertTrue(table.contains("Not measured: quota"), table);
  }
}
