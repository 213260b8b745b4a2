package io.twinport.agent;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Measurements of one client against one server, taken in rounds. */
final class DemoFigures {
  private static final int WARM_CONNECTS = 1_500;
  private static final int WARM_ECHOES = 100_000;
  private static final int WARM_MILLIS = 700;
  private static final int CONNECTS = 300;
  private static final int ECHOES = 20_000;
  private static final int ECHO_MILLIS = 250;

  /** Nanoseconds. */
  private record Figure(long median, long p99) {
    static Figure of(String answer) {
      String[] words = answer.split(" ", -1);
      return new Figure(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }
  }

  private final String name;
  private final DemoJvm client;
  private final int port;
  private final List<Figure> connects = new ArrayList<>();
  private final List<Figure> echoes = new ArrayList<>();

  /**
   * Prepares to measure.
   *
   * @param name what is measured, for people
   * @param port where the server listens
   */
  DemoFigures(String name, DemoJvm client, int port) {
    this.name = name;
    this.client = client;
    this.port = port;
  }

  /** Has both JVMs compile what they run. */
  void warmUp() throws IOException, InterruptedException {
    client.call("connect " + port + " " + WARM_CONNECTS);
    client.call("echo " + port + " " + WARM_ECHOES + " " + WARM_MILLIS);
  }

  /** Measures once. */
  void round() throws IOException, InterruptedException {
    connects.add(Figure.of(client.call("connect " + port + " " + CONNECTS)));
    echoes.add(Figure.of(client.call("echo " + port + " " + ECHOES + " " + ECHO_MILLIS)));
  }

  static String[] heading() {
    return new String[] {"", "CONNECT TO FIRST BYTE", "p99", "ROUND TRIP OF 64 BYTES", "p99"};
  }

  /** The medians over the rounds, in microseconds. */
  String[] row() {
    return new String[] {
      name,
      micros(middle(connects, Figure::median)),
      micros(middle(connects, Figure::p99)),
      micros(middle(echoes, Figure::median)),
      micros(middle(echoes, Figure::p99))
    };
  }

  /** These figures as a multiple of the others. */
  String[] ratioTo(DemoFigures other) {
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
    return String.format(Locale.ROOT, "%.2f µs", nanos / 1e3);
  }
}
