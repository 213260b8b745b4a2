package io.twinport.agent.view;

import static io.twinport.agent.view.Answers.number;
import static io.twinport.agent.view.Answers.size;
import static io.twinport.agent.view.Answers.text;
import static io.twinport.agent.view.Answers.time;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** Listeners and connections with all their numbers, some lines each. */
public final class DetailsReport {
  private DetailsReport() {}

  public static void printListeners(List<Map<?, ?>> listeners, PrintWriter out) {
    if (listeners.isEmpty()) {
      out.println("no listeners");
    }
    for (Map<?, ?> line : listeners) {
      out.println("listener " + text(line, "local") + "  " + text(line, "path"));
      String why = StatusReport.why(line);
      if (!why.isEmpty()) {
        out.println("  " + why);
      }
      if (line.containsKey("queued")) {
        out.println(
            "  queued "
                + text(line, "queued")
                + (line.containsKey("backlog") ? " of " + text(line, "backlog") : "")
                + "  accepted "
                + number(line, "accepted")
                + "  refused "
                + number(line, "refused")
                + "  given up "
                + number(line, "givenUp"));
      }
      printWaiter(Answers.map(line, "waiter"), "  ", out);
    }
    out.println();
  }

  public static void printConnections(List<Map<?, ?>> connections, PrintWriter out) {
    if (connections.isEmpty()) {
      out.println("no connections");
    }
    for (Map<?, ?> line : connections) {
      String local = text(line, "local");
      boolean accepted = "accepted".equals(line.get("role"));
      out.println(
          (local.isEmpty() ? "(no address yet)" : local)
              + (accepted ? " <- " : " -> ")
              + text(line, "remote")
              + "  "
              + text(line, "path")
              + "  "
              + text(line, "state")
              + (line.containsKey("ageMillis") ? "  age " + time(number(line, "ageMillis")) : "")
              + peer(line));
      String why = StatusReport.why(line);
      if (!why.isEmpty()) {
        out.println("  " + why);
      }
      if (line.containsKey("receivedBytes")) {
        printFlow(line, "  in   ", "receivedBytes", "receive", out);
        printFlow(line, "  out  ", "sentBytes", "send", out);
      }
    }
  }

  /**
   * The peer's process. Over UCX, it is the peer that says its number, which is of its own host.
   */
  private static String peer(Map<?, ?> line) {
    if (!line.containsKey("peerPid")) {
      return "";
    }
    return "  pid "
        + text(line, "peerPid")
        + ("ucx".equals(line.get("path")) ? " at its host" : "");
  }

  private static void printFlow(
      Map<?, ?> line, String begin, String bytes, String prefix, PrintWriter out) {
    long quiet = number(line, prefix + "QuietMillis", -1);
    out.println(
        begin
            + size(number(line, bytes))
            + (line.containsKey(prefix + "Operations")
                ? " in " + Answers.count(number(line, prefix + "Operations"), "call")
                : "")
            + "  queue "
            + text(line, prefix + "QueueBytes")
            + "  window "
            + size(number(line, prefix + "WindowBytes"))
            + (quiet < 0 ? "" : "  quiet for " + time(quiet)));
    long sleeps = number(line, prefix + "Sleeps");
    long spins = number(line, prefix + "Spins");
    if (sleeps != 0 || spins != 0) {
      out.println(
          "       slept "
              + sleeps
              + "  woken "
              + number(line, prefix + "Wakeups")
              + "  spun "
              + spins);
    }
    printWaiter(Answers.map(line, prefix + "Waiter"), "       ", out);
  }

  private static void printWaiter(Map<?, ?> waiter, String indent, PrintWriter out) {
    if (waiter.isEmpty()) {
      return;
    }
    String kind = text(waiter, "kind");
    String name = text(waiter, "name");
    boolean asleep = Boolean.TRUE.equals(waiter.get("asleep"));
    String who = kind;
    String does = asleep ? "sleeps" : "is awake";
    if (kind.equals("selector")) {
      who = name.isEmpty() ? "a selector, in which no thread is now" : "the selector of " + name;
      does = name.isEmpty() ? "" : does;
    } else if (kind.equals("group")) {
      who = "a channel group";
      does = "has an operation pending";
    } else if (kind.equals("thread")) {
      who = "thread " + name;
    }
    out.println(indent + "waits: " + who + (does.isEmpty() ? "" : ", which " + does));
    if (kind.equals("selector")) {
      out.println(
          indent
              + "       it has slept "
              + number(waiter, "sleeps")
              + "  woken "
              + number(waiter, "wakeups")
              + "  spun "
              + number(waiter, "spins"));
    }
  }
}
