package io.twinport.agent.commands;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The answers of processes, for people. */
final class StatusReport {
  /** The columns whose field has another name. They are called as {@code ss} calls them. */
  private static final Map<String, String> FIELDS =
      Map.of("listener", "local", "recv-q", "receiveQueue", "send-q", "sendQueue");

  private StatusReport() {}

  /** A line for each process. */
  static void printOverview(List<Map<String, Object>> answers, PrintWriter out) {
    if (answers.isEmpty()) {
      out.println("no process with Twinport in this network namespace");
      return;
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"PID", "ID", "LISTENERS", "TWINS", "SAN", "TCP", "COMMAND"});
    for (Map<String, Object> answer : answers) {
      List<Map<?, ?>> listeners = lines(answer, "listeners");
      List<Map<?, ?>> connections = lines(answer, "connections");
      long twins = listeners.size() - countTcp(listeners);
      long tcp = countTcp(connections);
      boolean failed = answer.containsKey("error");
      rows.add(
          new String[] {
            text(answer, "pid"),
            text(answer, "id"),
            failed ? "-" : Integer.toString(listeners.size()),
            failed ? "-" : Long.toString(twins),
            failed ? "-" : Long.toString(connections.size() - tcp),
            failed ? "-" : Long.toString(tcp),
            failed ? "(" + text(answer, "error") + ")" : text(answer, "command")
          });
    }
    printTable(rows, out);
  }

  /** All that one process says. */
  static void print(Map<String, Object> answer, PrintWriter out) {
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
    for (Map.Entry<?, ?> provider : map(answer, "details").entrySet()) {
      out.println(clean(provider.getKey()) + ": " + clean(provider.getValue()));
    }
    for (Map<?, ?> transport : lines(answer, "nativeTransports")) {
      out.println(nativeTransport(transport));
    }
    out.println();
    printLines(
        lines(answer, "listeners"),
        "no listeners",
        out,
        "listener",
        "path",
        "queued",
        "refused",
        "why");
    printLines(
        lines(answer, "connections"),
        "no connections",
        out,
        "local",
        "remote",
        "role",
        "path",
        "recv-q",
        "send-q",
        "why");
    List<String[]> counters = new ArrayList<>();
    map(answer, "counters")
        .forEach((name, count) -> counters.add(new String[] {clean(name), clean(count)}));
    counters.add(0, new String[] {"CONNECTIONS SO FAR", ""});
    printTable(counters, out);
    out.println();
  }

  /** Says what passes Twinport by, and how that can be changed. */
  static String nativeTransport(Map<?, ?> transport) {
    return "native transport: "
        + text(transport, "transport")
        + " of "
        + text(transport, "package")
        + ", TCP only; start with -Dtwinport.prefer-nio=true or -D"
        + text(transport, "property")
        + "=true for NIO";
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
    out.println();
  }

  private static String heading(String column) {
    return column.toUpperCase(Locale.ROOT);
  }

  /** Columns of equal width, two spaces between them. */
  static void printTable(List<String[]> rows, PrintWriter out) {
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
    return lines.stream().filter(line -> "tcp".equals(line.get("path"))).count();
  }

  private static List<Map<?, ?>> lines(Map<?, ?> answer, String name) {
    List<Map<?, ?>> lines = new ArrayList<>();
    if (answer.get(name) instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Map<?, ?> line) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  private static Map<?, ?> map(Map<?, ?> answer, String name) {
    return answer.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static String text(Map<?, ?> line, String name) {
    if (name.equals("why")) {
      return why(line);
    }
    Object value = line.get(FIELDS.getOrDefault(name, name));
    return value == null ? "" : clean(value);
  }

  /** Why it is TCP, or, of a listener that has a twin, which others it lacks. */
  private static String why(Map<?, ?> line) {
    if (line.get("why") != null) {
      return clean(line.get("why")) + " (" + clean(line.get("reason")) + ")";
    }
    List<String> lacks = new ArrayList<>();
    for (Map<?, ?> without : lines(line, "without")) {
      lacks.add("not on " + text(without, "provider") + ": " + why(without));
    }
    return String.join(", ", lacks);
  }

  /** What a process says goes to a terminal, which must not take it for a command. */
  static String clean(Object value) {
    return String.valueOf(value).replaceAll("\\p{Cc}", "?");
  }
}
