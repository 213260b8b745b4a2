package io.twinport.agent.view;

import static io.twinport.agent.view.Answers.number;
import static io.twinport.agent.view.Answers.size;
import static io.twinport.agent.view.Answers.text;
import static io.twinport.agent.view.Answers.time;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code top} shows of a sample: lines of at most 80 characters. */
public final class TopScreen {
  /** No line is longer. */
  static final int WIDTH = 80;

  private static final int MOST_LISTENERS = 5;
  private static final String CONNECTION = "%-21s %5s %-4s %7s %7s %7s %7s %7s %7s";
  private static final String LISTENER = "%-32s %8s %8s %9s %9s %9s";

  private static final Map<String, String> STATES =
      Map.of(
          "connecting", "conn",
          "half-closed-in", "h-in",
          "half-closed-out", "hout",
          "peer-closed", "pcls",
          "peer-gone", "gone",
          "reset", "rset",
          "closing", "clos");

  private TopScreen() {}

  /**
   * The lines for a sample.
   *
   * @param before the sample before it, to which rates are; or null
   * @param order by what connections are sorted
   * @param port which alone is shown; 0 for all
   */
  public static List<String> lines(Map<?, ?> sample, Map<?, ?> before, String order, int port) {
    Map<?, ?> earlier = before == null ? sample : before;
    long millis = Math.max(1, number(sample, "intervalMillis", 1));
    List<String> lines = new ArrayList<>();
    String clock = text(sample, "time").replaceFirst("^.*T(\\d\\d:\\d\\d:\\d\\d).*$", "$1");
    lines.add("process " + text(sample, "pid") + "  " + text(sample, "command") + "  " + clock);
    addTotals(lines, sample, earlier, millis);
    addReasons(lines, sample, earlier);
    lines.add("");
    addListeners(lines, sample, earlier, millis);
    lines.add(
        "connections by " + order + (port == 0 ? "" : " at port " + port) + ", the first ones:");
    lines.add(
        String.format(
            CONNECTION,
            "PEER",
            "PORT",
            "ST",
            "IN/s",
            "OUT/s",
            "CALLS/s",
            "RECV-Q",
            "SEND-Q",
            "AGE"));
    for (Map<?, ?> line : Answers.lines(sample, "connections")) {
      lines.add(connection(line, millis));
    }
    lines.replaceAll(TopScreen::cut);
    return lines;
  }

  private static String cut(String line) {
    return line.length() <= WIDTH ? line.stripTrailing() : line.substring(0, WIDTH - 1) + "+";
  }

  private static void addTotals(
      List<String> lines, Map<?, ?> sample, Map<?, ?> earlier, long millis) {
    Map<?, ?> now = Answers.map(sample, "totals");
    Map<?, ?> then = Answers.map(earlier, "totals");
    lines.add(
        "SAN "
            + number(now, "sanConnections")
            + "  TCP "
            + number(now, "tcpConnections")
            + "  connecting "
            + number(now, "connecting")
            + "   unread here "
            + size(number(now, "receiveQueueBytes"))
            + ", at peers "
            + size(number(now, "sendQueueBytes")));
    lines.add(
        "in "
            + rate(now, then, "receivedBytes", millis)
            + "B/s "
            + rate(now, then, "receiveOperations", millis)
            + " calls/s   out "
            + rate(now, then, "sentBytes", millis)
            + "B/s "
            + rate(now, then, "sendOperations", millis)
            + " calls/s");
    Map<?, ?> counters = Answers.map(sample, "counters");
    Map<?, ?> countersThen = Answers.map(earlier, "counters");
    lines.add(
        "accepted "
            + rate(counters, countersThen, "san.accepted", millis)
            + "/s  connected "
            + rate(counters, countersThen, "san.connected", millis)
            + "/s  refused "
            + rate(counters, countersThen, "san.refused", millis)
            + "/s");
  }

  /** Why connections have gone by TCP so far, and how many since the last sample. */
  private static void addReasons(List<String> lines, Map<?, ?> sample, Map<?, ?> earlier) {
    Map<?, ?> now = Answers.map(sample, "counters");
    Map<?, ?> then = Answers.map(earlier, "counters");
    List<String> reasons = new ArrayList<>();
    for (Object name : now.keySet()) {
      String code = String.valueOf(name);
      if (code.startsWith("tcp.")) {
        long count = number(now, code);
        long more = count - number(then, code);
        reasons.add(
            Answers.clean(code.substring(4)) + " " + count + (more > 0 ? " (+" + more + ")" : ""));
      }
    }
    if (!reasons.isEmpty()) {
      lines.add("TCP so far: " + String.join(", ", reasons));
    }
  }

  private static void addListeners(
      List<String> lines, Map<?, ?> sample, Map<?, ?> earlier, long millis) {
    List<Map<?, ?>> listeners = Answers.lines(sample, "listeners");
    if (listeners.isEmpty()) {
      return;
    }
    listeners.sort(Comparator.comparingLong(line -> -number(line, "queued", -1)));
    lines.add(
        String.format(
            LISTENER, "LISTENER", "QUEUED", "BACKLOG", "ACCEPT/s", "REFUSED", "GIVEN-UP"));
    for (Map<?, ?> line : listeners.subList(0, Math.min(MOST_LISTENERS, listeners.size()))) {
      Map<?, ?> then =
          Answers.lines(earlier, "listeners").stream()
              .filter(other -> text(other, "local").equals(text(line, "local")))
              .findFirst()
              .orElse(Map.of());
      boolean twin = line.containsKey("queued");
      lines.add(
          String.format(
              LISTENER,
              shortened(text(line, "local"), 32),
              twin ? text(line, "queued") : "tcp",
              text(line, "backlog"),
              twin && then.containsKey("accepted") ? rate(line, then, "accepted", millis) : "",
              text(line, "refused"),
              text(line, "givenUp")));
    }
    lines.add("");
  }

  private static String connection(Map<?, ?> line, long millis) {
    String state = text(line, "state");
    int local = Answers.port(line.get("local"));
    return String.format(
        CONNECTION,
        shortened(text(line, "remote"), 21),
        local < 0 ? "" : Integer.toString(local),
        shortened(STATES.getOrDefault(state, state), 4),
        perSecond(number(line, "receivedBytesSince"), millis),
        perSecond(number(line, "sentBytesSince"), millis),
        perSecond(number(line, "operationsSince"), millis),
        size(number(line, "receiveQueueBytes")),
        size(number(line, "sendQueueBytes")),
        line.containsKey("ageMillis") ? time(number(line, "ageMillis")) : "");
  }

  private static String rate(Map<?, ?> now, Map<?, ?> then, String name, long millis) {
    return perSecond(Math.max(0, number(now, name) - number(then, name)), millis);
  }

  private static String perSecond(long count, long millis) {
    double rate = count * 1000.0 / millis;
    return rate > 0 && rate < 10
        ? String.format(Locale.ROOT, "%.1f", rate)
        : size(Math.round(rate));
  }

  /** The end of an address tells more than its begin. */
  private static String shortened(String text, int most) {
    return text.length() <= most ? text : "+" + text.substring(text.length() - most + 1);
  }
}
