package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.ControlStream;
import io.twinport.agent.view.Answers;
import io.twinport.agent.view.Terminal;
import io.twinport.agent.view.TopScreen;
import io.twinport.config.Log;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows again and again what a process moves, on one connection to it. */
@Command(
    name = "top",
    description = {
      "Shows what a process moves: rates, queues, why TCP, the busiest connections.",
      "Keys: s sorts by something else, p shows one port only, q ends."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class TopCommand implements Callable<Integer> {
  private static final List<String> ORDERS =
      List.of("rate", "calls", "receive-queue", "send-queue", "age");

  /** More than any screen shows. */
  private static final int MOST_CONNECTIONS = 200;

  /** Of a screen whose size nobody knows. */
  private static final int CONNECTIONS_WITHOUT_TERMINAL = 20;

  private static final double LEAST_SECONDS = 0.1;
  private static final double MOST_SECONDS = 60;

  /** Something has happened: a sample, or a key, or one of the two has come to its end. */
  private record Event(Object source, Map<String, Object> sample, int key, String end) {}

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "<process>",
      description =
          "A process id, as seen from here or as that process sees it, or the id that status"
              + " shows.")
  private String target;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "<seconds>",
      description = "Between two looks, 0.1 to 60; 1 if none is given.")
  private double seconds = 1;

  @Option(names = "--once", description = "Shows one interval, and ends.")
  private boolean once;

  @Option(
      names = "--sort",
      paramLabel = "<key>",
      description = "Sorts connections by rate, calls, receive-queue, send-queue or age.")
  private String order = ORDERS.get(0);

  @Option(names = "--port", paramLabel = "<port>", description = "Only this port, of either end.")
  private int port;

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private ControlName process;
  private ControlStream stream;
  private Map<String, Object> last;
  private List<String> shown = List.of();

  /** What is typed for a port; null if nothing is. */
  private StringBuilder typed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    List<ControlName> found = ControlClient.find(target);
    if (found.size() != 1) {
      spec.commandLine().getErr().println(whyNone(found));
      return 1;
    }
    process = found.get(0);
    PrintWriter out = spec.commandLine().getOut();
    if (once) {
      return showOnce(out);
    }
    Terminal terminal = Terminal.open(out);
    try {
      String end = run(terminal, out);
      if (terminal != null) {
        terminal.restore();
      }
      if (end != null) {
        spec.commandLine().getErr().println(end);
        return 1;
      }
      return 0;
    } finally {
      if (terminal != null) {
        terminal.restore();
      }
    }
  }

  private void check() {
    if (!(seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS)) {
      throw new ParameterException(
          spec.commandLine(), "--interval " + seconds + " is not from 0.1 to 60 seconds");
    }
    if (port < 0 || port > 65_535) {
      throw new ParameterException(spec.commandLine(), "--port " + port + " is no port");
    }
    if (!ORDERS.contains(order)) {
      throw new ParameterException(
          spec.commandLine(), "--sort " + order + " is none of " + String.join(", ", ORDERS));
    }
  }

  private String whyNone(List<ControlName> found) {
    if (found.isEmpty()) {
      return target == null
          ? "no process with Twinport in this network namespace"
          : StatusCommand.nobody(target);
    }
    List<String> names = new ArrayList<>();
    for (ControlName name : found) {
      names.add(target == null ? Long.toString(name.pid()) : name.id());
    }
    return found.size() + " processes: name one of " + String.join(", ", names);
  }

  private Integer showOnce(PrintWriter out) throws IOException {
    try (ControlStream samples = open(CONNECTIONS_WITHOUT_TERMINAL)) {
      Map<String, Object> first = samples.next();
      String why = why(first);
      Map<String, Object> second = why == null ? samples.next() : null;
      why = why == null ? why(second) : why;
      if (why != null) {
        spec.commandLine().getErr().println(why);
        return 1;
      }
      TopScreen.lines(second, first, order, port).forEach(out::println);
      return 0;
    }
  }

  /** What a sample says that is none; null if it is one. */
  private String why(Map<String, Object> sample) {
    String who = "process " + process.pid() + " ";
    if (sample == null) {
      return who + "has ended";
    }
    return sample.get("error") instanceof String error ? who + Answers.clean(error) : null;
  }

  private ControlStream open(int most) throws IOException {
    return ControlStream.open(
        process, Duration.ofMillis(Math.round(seconds * 1000)), most, port, order);
  }

  // -- Live

  /** Returns what it has ended with, or null if somebody wanted it to. */
  private String run(Terminal terminal, PrintWriter out) throws IOException, InterruptedException {
    begin(terminal);
    if (terminal != null) {
      daemon(this::readKeys, "keys");
    }
    try {
      while (true) {
        Event event = events.take();
        if (event.source == stream) {
          String end = event.end != null ? event.end : why(event.sample);
          if (end != null) {
            return end;
          }
          shown = TopScreen.lines(event.sample, last, order, port);
          last = event.sample;
          if (terminal == null) {
            shown.forEach(out::println);
            out.println();
            if (out.checkError()) {
              return null; // Nobody reads it any more.
            }
          }
        } else if (event.source == this && isQuit(event.key, terminal)) {
          return null;
        }
        if (terminal != null) {
          terminal.show(screen(terminal.rows()));
        }
      }
    } finally {
      stream.shutdown();
    }
  }

  /** Asks anew, as it is sorted and filtered now. */
  private void begin(Terminal terminal) throws IOException {
    ControlStream before = stream;
    ControlStream begun = open(terminal == null ? CONNECTIONS_WITHOUT_TERMINAL : MOST_CONNECTIONS);
    stream = begun;
    last = null;
    if (before != null) {
      before.shutdown();
    }
    daemon(() -> readSamples(begun), "samples");
  }

  private static void daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void readSamples(ControlStream from) {
    try (from) {
      while (true) {
        Map<String, Object> sample = from.next();
        events.add(new Event(from, sample, 0, null));
        if (sample == null || sample.containsKey("error")) {
          return;
        }
      }
    } catch (IOException e) {
      events.add(new Event(from, null, 0, "process " + process.pid() + ": " + Log.cause(e)));
    }
  }

  private void readKeys() {
    try {
      int key;
      do {
        key = System.in.read();
        events.add(new Event(this, null, key, null));
      } while (key >= 0);
    } catch (IOException e) {
      events.add(new Event(this, null, -1, null));
    }
  }

  private boolean isQuit(int key, Terminal terminal) throws IOException {
    if (typed != null) {
      type(key, terminal);
      return key < 0;
    }
    switch (key) {
      case 's' -> {
        order = ORDERS.get((ORDERS.indexOf(order) + 1) % ORDERS.size());
        begin(terminal);
      }
      case 'p' -> typed = new StringBuilder();
      default -> {
        return key == 'q' || key < 0;
      }
    }
    return false;
  }

  private void type(int key, Terminal terminal) throws IOException {
    if (key >= '0' && key <= '9' && typed.length() < 5) {
      typed.append((char) key);
    } else if ((key == 127 || key == 8) && typed.length() > 0) {
      typed.setLength(typed.length() - 1);
    } else if (key == '\n' || key == '\r') {
      int wanted = typed.length() == 0 ? 0 : Integer.parseInt(typed.toString());
      typed = null;
      if (wanted <= 65_535) {
        port = wanted;
        begin(terminal);
      }
    } else if (key == 27) {
      typed = null;
    }
  }

  private List<String> screen(int rows) {
    List<String> lines =
        new ArrayList<>(shown.subList(0, Math.max(0, Math.min(shown.size(), rows - 1))));
    lines.add(
        typed == null
            ? "s: sort (" + order + ")  p: port (" + (port == 0 ? "all" : port) + ")  q: quit"
            : "port, none for all: " + typed);
    return lines;
  }
}
