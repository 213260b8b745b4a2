package io.twinport.agent.view;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The answers of processes, for people. */
public final class StatusReport {
  /** The columns whose field has another name. They are called as {@code ss} calls them. */
  private static final Map<String, String> FIELDS =
      Map.of("listener", "local", "recv-q", "receiveQueueBytes", "send-q", "sendQueueBytes");

  /** What fields were called by processes of an earlier version. */
  private static final Map<String, String> FIELDS_BEFORE =
      Map.of("receiveQueueBytes", "receiveQueue", "sendQueueBytes", "sendQueue");

  private StatusReport() {}

  /** A line for each process. */
  public static void printOverview(List<Map<String, Object>> answers, PrintWriter out) {
    if (answers.isEmpty()) {
      out.println("no process with Twinport in this network namespace");
      return;
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"PID", "ID", "VERSION", "LISTENERS", "TWINS", "SAN", "TCP", "COMMAND"});
    List<Map<String, Object>> sorted = new ArrayList<>(answers);
    sorted.sort(Comparator.comparingLong(answer -> Answers.number(answer, "pid")));
    for (Map<String, Object> answer : sorted) {
      List<Map<?, ?>> listeners = Answers.lines(answer, "listeners");
      List<Map<?, ?>> connections = Answers.lines(answer, "connections");
      connections.removeIf(Answers::isConnecting);
      long twins = listeners.size() - countTcp(listeners);
      long tcp = countTcp(connections);
      boolean failed = answer.containsKey("error");
      rows.add(
          new String[] {
            text(answer, "pid"),
            text(answer, "id"),
            failed ? "-" : text(answer, "version"),
            failed ? "-" : Integer.toString(listeners.size()),
            failed ? "-" : Long.toString(twins),
            failed ? "-" : Long.toString(connections.size() - tcp),
            failed ? "-" : Long.toString(tcp),
            failed ? "(" + text(answer, "error") + ")" : text(answer, "command")
          });
    }
    printTable(rows, out);
  }

  /**
   * All that one process says.
   *
   * @param details whether with all numbers
   */
  public static void print(Map<String, Object> answer, boolean details, PrintWriter out) {
    String process = "process " + text(answer, "pid") + " (" + text(answer, "id") + ")";
    if (answer.containsKey("error")) {
      out.println(process + " " + text(answer, "error"));
      return;
    }
    out.println(process + ": " + text(answer, "command"));
    boolean attached = "attached".equals(answer.get("agent"));
    out.println(
        "twinport "
            + text(answer, "version")
            + (attached ? ", attached while it ran" : "")
            + ", java "
            + text(answer, "jdk"));
    for (Map.Entry<?, ?> provider : Answers.map(answer, "details").entrySet()) {
      out.println(Answers.clean(provider.getKey()) + ": " + Answers.clean(provider.getValue()));
    }
    for (Map<?, ?> transport : Answers.lines(answer, "nativeTransports")) {
      out.println(nativeTransport(transport));
    }
    for (Map<?, ?> capture : Answers.lines(answer, "captures")) {
      out.println(capture(capture));
    }
    out.println();
    List<Map<?, ?>> connections = Answers.lines(answer, "connections");
    if (details) {
      DetailsReport.printListeners(Answers.lines(answer, "listeners"), out);
      DetailsReport.printConnections(connections, out);
    } else {
      printLines(
          Answers.lines(answer, "listeners"),
          "no listeners",
          out,
          "listener",
          "path",
          "queued",
          "refused",
          "why");
      out.println();
      printLines(
          connections,
          "no connections",
          out,
          "local",
          "remote",
          "role",
          "path",
          "recv-q",
          "send-q",
          "why");
    }
    if (!connections.isEmpty()) {
      out.println(totals(connections));
    }
    out.println();
    List<String[]> counters = new ArrayList<>();
    Answers.map(answer, "counters")
        .forEach(
            (name, count) ->
                counters.add(new String[] {Answers.clean(name), Answers.clean(count)}));
    counters.add(0, new String[] {"CONNECTIONS SO FAR", ""});
    printTable(counters, out);
    out.println();
  }

  /** Says what passes Twinport by, and how that can be changed. */
  public static String nativeTransport(Map<?, ?> transport) {
    return "native transport: "
        + text(transport, "transport")
        + " of "
        + text(transport, "package")
        + ", TCP only; start with -Dtwinport.prefer-nio=true or -D"
        + text(transport, "property")
        + "=true for NIO";
  }

  private static String capture(Map<?, ?> capture) {
    String to = text(capture, "to");
    return "capture by "
        + text(capture, "who")
        + " since "
        + text(capture, "since").replaceFirst("\\.\\d+Z$", "Z")
        + ": "
        + text(capture, "filter")
        + (to.isEmpty() ? "" : ", to " + to)
        + "; "
        + Answers.count(Answers.number(capture, "packets"), "packet")
        + ", "
        + Answers.size(Answers.number(capture, "bytes"))
        + ", "
        + Answers.number(capture, "dropped")
        + " dropped";
  }

  private static void printLines(
      List<Map<?, ?>> lines, String none, PrintWriter out, String... columns) {
    if (lines.isEmpty()) {
      out.println(none);
    } else {
      List<String[]> rows = new ArrayList<>();
      rows.add(Arrays.stream(columns).map(StatusReport::heading).toArray(String[]::new));
      for (Map<?, ?> line : lines) {
        rows.add(Arrays.stream(columns).map(column -> text(line, column)).toArray(String[]::new));
      }
      printTable(rows, out);
    }
  }

  /** What is shown, in one line. */
  private static String totals(List<Map<?, ?>> connections) {
    Map<String, Long> byPath = new TreeMap<>();
    long received = 0;
    long sent = 0;
    long here = 0;
    long atPeers = 0;
    for (Map<?, ?> line : connections) {
      byPath.merge(Answers.isConnecting(line) ? "connecting" : text(line, "path"), 1L, Long::sum);
      received += Answers.number(line, "receivedBytes");
      sent += Answers.number(line, "sentBytes");
      here += Answers.number(line, "receiveQueueBytes", Answers.number(line, "receiveQueue"));
      atPeers += Answers.number(line, "sendQueueBytes", Answers.number(line, "sendQueue"));
    }
    List<String> paths = new ArrayList<>();
    byPath.forEach((path, count) -> paths.add(count + " " + path));
    return Answers.count(connections.size(), "connection")
        + ": "
        + String.join(", ", paths)
        + "; SAN: received "
        + Answers.size(received)
        + ", sent "
        + Answers.size(sent)
        + ", unread here "
        + here
        + ", at peers "
        + atPeers;
  }

  private static String heading(String column) {
    return column.toUpperCase(Locale.ROOT);
  }

  /** Columns of equal width, two spaces between them. */
  public static void printTable(List<String[]> rows, PrintWriter out) {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static long countTcp(List<Map<?, ?>> lines) {
    return lines.stream().filter(Answers::isTcp).count();
  }

  private static String text(Map<?, ?> line, String name) {
    if (name.equals("why")) {
      return why(line);
    }
    String field = FIELDS.getOrDefault(name, name);
    String before = FIELDS_BEFORE.get(field);
    return before != null && !line.containsKey(field)
        ? Answers.text(line, before)
        : Answers.text(line, field);
  }

  /** Why it is TCP, or, of a listener that has a twin, which others it lacks. */
  public static String why(Map<?, ?> line) {
    if (line.get("why") != null) {
      return Answers.clean(line.get("why")) + " (" + Answers.clean(line.get("reason")) + ")";
    }
    List<String> lacks = new ArrayList<>();
    for (Map<?, ?> without : Answers.lines(line, "without")) {
      lacks.add("not on " + text(without, "provider") + ": " + why(without));
    }
    return String.join(", ", lacks);
  }
}
