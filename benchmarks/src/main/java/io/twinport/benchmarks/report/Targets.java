package io.twinport.benchmarks.report;

import io.twinport.benchmarks.applications.Application;
import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Setting.Surroundings;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.report.Target.Bound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * What Twinport is to reach. Ratios are of what was measured in the same round; "TCP" is its
 * fastest placement there, which is both ends on one core as a rule; applications have one only.
 */
public final class Targets {
  private static final Setting TCP = new Setting(Transport.TCP, Placement.NONE);
  private static final Setting TCP_ONE = new Setting(Transport.TCP, Placement.ONE);
  private static final Setting SAN = new Setting(Transport.SAN, Placement.NONE);
  private static final Setting SAN_ONE = new Setting(Transport.SAN, Placement.ONE);
  private static final Setting UNIX = new Setting(Transport.UNIX, Placement.NONE);

  /** The bare ring's round trip of 64 bytes, in microseconds, where the limit below was found. */
  private static final double REFERENCE_RING_MICROS = 0.42;

  /** Of the applications' connections. */
  private static final int[] CONNECTIONS = {1, 16, 64};

  /** How many applications are to be twice as fast on one connection. */
  private static final int FAST = 4;

  private Targets() {}

  /** All of them. */
  public static List<Target> all() {
    List<Target> all = new ArrayList<>();
    roundTrips(all);
    throughput(all);
    accepting(all);
    connections(all);
    processor(all);
    tcpClients(all);
    applications(all);
    startUp(all);
    allocation(all);
    return all;
  }

  private static void roundTrips(List<Target> all) {
    Series small = new Series("roundtrip", Api.CHANNEL, "64", "p50");
    Series large = new Series("roundtrip", Api.CHANNEL, "16384", "p50");
    all.add(atMost("round trip of 64 B, free, SAN / TCP", 0.10, small.of(SAN), small.fastestTcp()));
    all.add(
        atMost(
            "round trip of 64 B, free, SAN / bare ring",
            2.5,
            besideRing("64").of(SAN),
            thatRing("64").of(SAN)));
    all.add(
        atMost("round trip of 16 KiB, free, SAN / TCP", 0.50, large.of(SAN), large.fastestTcp()));
    all.add(
        new Target(
            "round trip of 16 KiB, free, where the bare ring takes 0.42 \u00b5s for 64 B",
            Bound.AT_MOST,
            6,
            "us",
            false,
            samples ->
                figure(
                    samples,
                    besideRing("16384").of(SAN),
                    thatRing("16384").of(SAN),
                    (value, to) -> value * REFERENCE_RING_MICROS / to)));
    all.add(
        atMost(
            "round trip of 64 B, one core, SAN / TCP", 0.75, small.of(SAN_ONE), small.of(TCP_ONE)));
    Setting tcpBusy = new Setting(Transport.TCP, Surroundings.BUSY);
    Setting sanBusy = new Setting(Transport.SAN, Surroundings.BUSY);
    all.add(
        atMost(
            "round trip of 64 B, both cores busy, SAN / TCP",
            0.75,
            small.of(sanBusy),
            small.of(tcpBusy)));
    Series tail = new Series("roundtrip", Api.CHANNEL, "64", "p99");
    all.add(atMost("the same, 99th percentile", 1.0, tail.of(sanBusy), tail.of(tcpBusy)));
  }

  private static Series besideRing(String bytes) {
    return new Series("roundtrip", Api.CHANNEL, bytes, "median beside a bare ring");
  }

  private static Series thatRing(String bytes) {
    return new Series("roundtrip", Api.CHANNEL, bytes, "median of that ring, 64 bytes");
  }

  private static void throughput(List<Target> all) {
    Series small = new Series("throughput", Api.CHANNEL, "1024", "rate");
    Series large = new Series("throughput", Api.CHANNEL, "65536", "rate");
    all.add(
        atLeast(
            "one way, writes of 1 KiB, SAN / TCP", 3, small.of(SAN), small.largest(TCP, TCP_ONE)));
    all.add(
        atLeast(
            "one way, writes of 64 KiB, SAN / TCP", 4, large.of(SAN), large.largest(TCP, TCP_ONE)));
    all.add(
        atLeast("one way, writes of 64 KiB, SAN / UNIX-domain", 1, large.of(SAN), large.of(UNIX)));
  }

  private static void accepting(List<Target> all) {
    for (Api api : List.of(Api.SELECTOR, Api.SOCKET)) {
      String through = api == Api.SELECTOR ? "" : ", ServerSocket";
      Series warm = new Series("accept", api, "warm", "p50");
      Series asleep = new Series("accept", api, "asleep", "p50");
      all.add(
          atMost(
              "accept latency, warm" + through + ", SAN / TCP",
              0.20,
              warm.of(SAN),
              warm.fastestTcp()));
      all.add(
          atMost(
              "accept latency, warm" + through + ", wait=spin, SAN / TCP",
              0.10,
              warm.of(SAN.with("wait=spin")),
              warm.fastestTcp()));
      all.add(
          atMost(
              "accept latency, server asleep" + through + ", SAN / TCP",
              0.8,
              asleep.of(SAN),
              asleep.fastestTcp()));
    }
    Series rate = new Series("connects", Api.SELECTOR, "1", "rate");
    all.add(
        atLeast(
            "connects per second, one client thread, SAN / TCP",
            8,
            rate.of(SAN),
            rate.largest(TCP, TCP_ONE)));
  }

  private static void connections(List<Target> all) {
    Series one = new Series("connections", Api.SELECTOR, "1/1", "p50");
    Series many = new Series("connections", Api.SELECTOR, "10000/1", "p50");
    all.add(
        atMost(
            "round trip beside 10,000 connections / alone, SAN", 1.2, many.of(SAN), one.of(SAN)));
    String each = "a connection";
    all.add(idle("descriptors of an idle SAN connection", 0.01, "", each, "descriptors"));
    all.add(idle("heap of an idle SAN connection, client", 1024, "B", each, "heap, client"));
    all.add(idle("heap of an idle SAN connection, server", 1024, "B", each, "heap, server"));
    all.add(idle("shared memory of an idle SAN connection", 8192, "B", each, "shared memory"));
    String again = "a connection after a burst";
    all.add(idle("heap of one that is idle again, client", 1024, "B", again, "heap, client"));
    all.add(idle("heap of one that is idle again, server", 1024, "B", again, "heap, server"));
    all.add(
        atMost(
            "shared memory 10 s after a burst on 5,000 connections / before",
            1.1,
            new Series("idle", Api.SELECTOR, "a burst", "shared memory then").of(SAN),
            new Series("idle", Api.SELECTOR, "a burst", "shared memory before").of(SAN)));
  }

  private static Target idle(
      String what, double limit, String unit, String parameter, String metric) {
    Source source = new Series("idle", Api.SELECTOR, parameter, metric).of(SAN);
    return new Target(
        what,
        Bound.AT_MOST,
        limit,
        unit,
        false,
        samples -> figure(samples, source, source, (value, same) -> value));
  }

  private static void processor(List<Target> all) {
    for (Map.Entry<String, Double> pace : List.of(Map.entry("100", 1.2), Map.entry("10000", 0.5))) {
      Series cost = new Series("cpu", Api.CHANNEL, pace.getKey(), "time");
      all.add(
          atMost(
              "processor time at " + pace.getKey() + " round trips a second, SAN / TCP",
              pace.getValue(),
              cost.of(SAN),
              cost.fastestTcp()));
    }
    Setting tcp = new Setting(Transport.TCP, Surroundings.QUOTA);
    Setting san = new Setting(Transport.SAN, Surroundings.QUOTA);
    Series rate = new Series("quota", Api.CHANNEL, "back to back", "rate");
    all.add(
        atLeast(
            "round trips a second with half a processor, SAN / TCP",
            1,
            rate.of(san),
            rate.of(tcp)));
    Series throttled = new Series("quota", Api.CHANNEL, "1000/s", "throttled");
    all.add(
        new Target(
            "periods throttled with half a processor at 1,000 round trips a second, SAN - TCP",
            Bound.AT_MOST,
            0,
            "%",
            false,
            samples ->
                figure(samples, throttled.of(san), throttled.of(tcp), (value, to) -> value - to)));
  }

  private static void tcpClients(List<Target> all) {
    all.add(
        paired(
            "TCP clients: round trip, server with / without the agent",
            Bound.AT_MOST,
            1.03,
            "round trip of 64 bytes",
            "p50"));
    all.add(
        paired(
            "TCP clients: throughput, server with / without the agent",
            Bound.AT_LEAST,
            0.97,
            "writes of 64 KiB",
            "rate"));
    all.add(
        paired(
            "TCP clients: sendfile, server with / without the agent",
            Bound.AT_LEAST,
            0.97,
            "sendfile",
            "rate"));
  }

  private static Target paired(
      String what, Bound bound, double limit, String parameter, String metric) {
    Series series = new Series("tcp-clients", Api.CHANNEL, parameter, metric);
    return new Target(
        what,
        bound,
        limit,
        "",
        true,
        samples -> {
          Sample.Row with = series.row(samples, TCP_ONE.with(Setting.SERVER_WITH_AGENT));
          Sample.Row without = series.row(samples, TCP_ONE);
          return with == null || without == null
              ? null
              : Figure.ofPairs(samples.values(with), samples.values(without));
        });
  }

  /** TCP has one placement here, the kernel's. */
  private static void applications(List<Target> all) {
    List<Series> alone = new ArrayList<>();
    for (Application application : Application.values()) {
      for (int connections : CONNECTIONS) {
        String row = application.label() + "/" + connections;
        Series rate = series(application, row, "rate");
        if (connections == 1) {
          alone.add(rate);
        }
        all.add(atLeast(row + ": requests a second, SAN / TCP", 1.25, rate.of(SAN), rate.of(TCP)));
        for (String percentile : List.of("p99", "p99.9")) {
          Series tail = series(application, row, percentile);
          all.add(atMost(row + ": " + percentile + ", SAN / TCP", 1, tail.of(SAN), tail.of(TCP)));
        }
        Series cost = series(application, row, "cpu");
        all.add(
            atMost(
                row + ": processor time of a request, SAN / TCP",
                0.85,
                cost.of(SAN),
                cost.of(TCP)));
        Series cold = series(application, row + ", cold", "p99");
        all.add(
            atMost(row + ": p99 of the first seconds, SAN / TCP", 1.2, cold.of(SAN), cold.of(TCP)));
        all.add(
            atLeast(
                row + ": requests a second, SAN / the better of wait=spin and wait=block",
                0.97,
                rate.of(SAN),
                rate.largest(SAN.with("wait=spin"), SAN.with("wait=block"))));
      }
    }
    all.add(
        new Target(
            "requests a second on one connection, the " + FAST + "th best program, SAN / TCP",
            Bound.AT_LEAST,
            2,
            "",
            false,
            samples -> fourthBest(samples, alone)));
  }

  private static Series series(Application application, String row, String metric) {
    return new Series("applications", Api.of(application), row, metric);
  }

  /** Of each repeat the ratio that four series reach, SAN / TCP; null if there is none. */
  private static Figure fourthBest(Samples samples, List<Series> all) {
    Map<Integer, List<Double>> ratios = new TreeMap<>();
    for (Series series : all) {
      together(samples, series.of(SAN), series.of(TCP), (value, to) -> value / to)
          .forEach(
              (repeat, ratio) ->
                  ratios.computeIfAbsent(repeat, first -> new ArrayList<>()).add(ratio));
    }
    List<Double> fourths = new ArrayList<>();
    for (List<Double> of : ratios.values()) {
      of.sort(Comparator.reverseOrder());
      if (of.size() >= FAST) {
        fourths.add(of.get(FAST - 1));
      }
    }
    return fourths.isEmpty() ? null : Figure.of(fourths);
  }

  private static void startUp(List<Target> all) {
    for (Map.Entry<String, Integer> program :
        List.of(
            Map.entry("nothing", 60),
            Map.entry("a channel", 200),
            Map.entry("a serversocket", 300))) {
      Series time = new Series("startup", Api.CHANNEL, program.getKey(), "time");
      all.add(
          new Target(
              "start-up of a program that opens " + program.getKey() + ", with - without the agent",
              Bound.AT_MOST,
              program.getValue(),
              "ms",
              false,
              samples -> figure(samples, time.of(SAN), time.of(TCP), (value, to) -> value - to)));
    }
  }

  private static void allocation(List<Target> all) {
    for (Api api : List.of(Api.CHANNEL, Api.SELECTOR, Api.SOCKET)) {
      for (String end : List.of("the client", "the server")) {
        Source allocated = new Series("allocation", api, end, "allocated").of(SAN_ONE);
        all.add(
            new Target(
                "allocation for a round trip, " + api + ", " + end + ", SAN (0, and 0.5 for noise)",
                Bound.AT_MOST,
                0.5,
                "B",
                false,
                samples -> figure(samples, allocated, allocated, (value, same) -> value)));
      }
    }
  }

  private static Target atMost(String what, double limit, Source value, Source to) {
    return ratio(what, Bound.AT_MOST, limit, value, to);
  }

  private static Target atLeast(String what, double limit, Source value, Source to) {
    return ratio(what, Bound.AT_LEAST, limit, value, to);
  }

  private static Target ratio(String what, Bound bound, double limit, Source value, Source to) {
    return new Target(
        what,
        bound,
        limit,
        "",
        false,
        samples -> figure(samples, value, to, (dividend, divisor) -> dividend / divisor));
  }

  /** Of each repeat that both have, the two put together; null if there is none. */
  private static Figure figure(
      Samples samples, Source first, Source second, BinaryOperator<Double> together) {
    Map<Integer, Double> both = together(samples, first, second, together);
    return both.isEmpty() ? null : Figure.of(both.values());
  }

  private static Map<Integer, Double> together(
      Samples samples, Source first, Source second, BinaryOperator<Double> together) {
    Map<Integer, Double> values = first.apply(samples);
    Map<Integer, Double> others = second.apply(samples);
    Map<Integer, Double> both = new TreeMap<>();
    values.forEach(
        (repeat, value) -> {
          Double other = others.get(repeat);
          if (other != null) {
            both.put(repeat, together.apply(value, other));
          }
        });
    return both;
  }

  /** The values of something, by repeat. */
  private interface Source extends Function<Samples, Map<Integer, Double>> {}

  /** What was measured in several settings. */
  private record Series(String benchmark, Api api, String parameter, String metric) {
    Sample.Row row(Samples samples, Setting setting) {
      return samples.find(benchmark, api, parameter, setting, metric);
    }

    Source of(Setting setting) {
      return samples -> {
        Sample.Row row = row(samples, setting);
        return row == null ? Map.of() : samples.repeats(row);
      };
    }

    /** The least of TCP's placements, in each repeat. */
    Source fastestTcp() {
      return best(Math::min, TCP, TCP_ONE);
    }

    Source largest(Setting... settings) {
      return best(Math::max, settings);
    }

    private Source best(BinaryOperator<Double> better, Setting... settings) {
      return samples -> {
        Map<Integer, Double> best = new TreeMap<>();
        Arrays.stream(settings)
            .map(setting -> of(setting).apply(samples))
            .forEach(
                values -> values.forEach((repeat, value) -> best.merge(repeat, value, better)));
        return best;
      };
    }
  }
}
