package io.twinport.agent.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Measurements of one client against one server, taken in rounds. */
public final class DemoFigures {
  // Waiters on the SAN need a while to find cores of their own, and again after the other rows'
  // turns; so each turn warms up. Round trips follow connects on the same threads.
  private static final int WARM_CONNECT_MILLIS = 500;
  private static final int WARM_ECHO_MILLIS = 250;
  private static final int MILLIS = 250;

  /** Nanoseconds. */
  private record Figure(long median, long p99) {
    static Figure of(String answer) {
      String[] words = answer.split(" ", -1);
      return new Figure(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }
  }

  private final String name;
  private final DemoJvm client;
  private final String server;
  private final List<Figure> connects = new ArrayList<>();
  private final List<Figure> echoes = new ArrayList<>();

  /**
   * Prepares to measure.
   *
   * @param name what is measured, for people
   * @param api what the client uses, as it calls it
   * @param port where the server listens
   */
  public DemoFigures(String name, DemoJvm client, String api, int port) {
    this.name = name;
    this.client = client;
    this.server = api + " " + port;
  }

  /** Takes one turn. */
  public void round() throws IOException, InterruptedException {
    connects.add(measure("connect", WARM_CONNECT_MILLIS));
    echoes.add(measure("echo", WARM_ECHO_MILLIS));
  }

  private Figure measure(String what, int warmMillis) throws IOException, InterruptedException {
    return Figure.of(client.call(what + " " + server + " " + warmMillis + " " + MILLIS));
  }

  /** What stands above {@link #row}, column by column. */
  public static String[] heading() {
    return new String[] {"", "CONNECT (µs)", "p99", "ROUND TRIP (µs)", "p99"};
  }

  /** The medians over the rounds, in microseconds. */
  public String[] row() {
    return new String[] {
      name,
      micros(middle(connects, Figure::median)),
      micros(middle(connects, Figure::p99)),
      micros(middle(echoes, Figure::median)),
      micros(middle(echoes, Figure::p99))
    };
  }

  /** These figures as a multiple of the others. */
  public String[] ratioTo(DemoFigures other) {
    return new String[] {
      name + " / " + other.name,
      ratio(connects, other.connects, Figure::median),
      ratio(connects, other.connects, Figure::p99),
      ratio(echoes, other.echoes, Figure::median),
      ratio(echoes, other.echoes, Figure::p99)
    };
  }

  private static String ratio(
      List<Figure> ours, List<Figure> theirs, ToLongFunction<Figure> which) {
    return String.format(Locale.ROOT, "%.2f", (double) middle(ours, which) / middle(theirs, which));
  }

  private static long middle(List<Figure> rounds, ToLongFunction<Figure> which) {
    long[] values = rounds.stream().mapToLong(which).sorted().toArray();
    return values[values.length / 2];
  }

  private static String micros(long nanos) {
    return String.format(Locale.ROOT, "%.2f", nanos / 1e3);
  }
}
