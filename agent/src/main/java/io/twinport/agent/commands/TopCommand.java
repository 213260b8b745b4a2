package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.ControlStream;
import io.twinport.agent.view.Answers;
import io.twinport.agent.view.Terminal;
import io.twinport.agent.view.TopKeys;
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
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
  /** More than any screen shows. */
  private static final int MOST_CONNECTIONS = 200;

  /** Of a screen whose size nobody knows. */
  private static final int CONNECTIONS_WITHOUT_TERMINAL = 20;

  /** What a process needs at the most to see that nobody reads a stream any more. */
  private static final long MILLIS_TO_SEE_THE_END = 100;

  private static final double LEAST_SECONDS = 0.1;
  private static final double MOST_SECONDS = 60;

  /** Something has happened: a sample, or a key, or one of the two has come to its end. */
  private record Event(Object source, Map<String, Object> sample, int key, String end) {}

  @Spec private CommandSpec spec;

  @Mixin private OptionalTarget target;

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
  private String order = TopKeys.ORDERS.get(0);

  @Option(names = "--port", paramLabel = "<port>", description = "Only this port, of either end.")
  private int port;

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private ControlName process;
  private ControlStream stream;

  /** Whether the process may not have seen yet that the stream before this one has ended. */
  private boolean mayAskAgain;

  private Map<String, Object> last;
  private List<String> shown = List.of();
  private TopKeys keys;

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    List<ControlName> found = ControlClient.find(target.name());
    if (found.size() != 1) {
      spec.commandLine().getErr().println(Target.whyNotOne(target.name(), found));
      return 1;
    }
    process = found.get(0);
    keys = new TopKeys(order, port);
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
    if (!TopKeys.ORDERS.contains(order)) {
      throw new ParameterException(
          spec.commandLine(),
          "--sort " + order + " is none of " + String.join(", ", TopKeys.ORDERS));
    }
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
      TopScreen.lines(second, first, keys.order(), keys.port()).forEach(out::println);
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
        process, Duration.ofMillis(Math.round(seconds * 1000)), most, keys.port(), keys.order());
  }

  // -- Live

  /** Returns what it has ended with, or null if somebody wanted it to. */
  private String run(Terminal terminal, PrintWriter out) throws IOException, InterruptedException {
    begin(terminal);
    if (terminal != null) {
      daemon(this::readKeys, "keys");
    }
    boolean changed = false;
    try {
      while (true) {
        Event event = changed ? events.poll() : events.take();
        if (event == null) { // A key that is held down is one change.
          changed = false;
          begin(terminal);
          continue;
        }
        if (event.source == stream) {
          String end = event.end != null ? event.end : why(event.sample);
          if (end != null) {
            stream = null; // Whoever reads it closes it.
            if (!mayAskAgain || event.sample == null) {
              return end;
            }
            TimeUnit.MILLISECONDS.sleep(MILLIS_TO_SEE_THE_END);
            begin(terminal); // Which does not ask again.
            continue;
          }
          mayAskAgain = false;
          shown = TopScreen.lines(event.sample, last, keys.order(), keys.port());
          last = event.sample;
          if (terminal == null) {
            shown.forEach(out::println);
            out.println();
            if (out.checkError()) {
              return null; // Nobody reads it any more.
            }
          }
        } else if (event.source == this) {
          TopKeys.Effect effect = keys.press(event.key);
          if (effect == TopKeys.Effect.QUIT) {
            return null;
          }
          changed |= effect == TopKeys.Effect.CHANGED;
        }
        if (terminal != null) {
          terminal.show(screen(terminal.rows()));
        }
      }
    } finally {
      if (stream != null) {
        stream.shutdown();
      }
    }
  }

  /** Asks anew, as it is sorted and filtered now. */
  private void begin(Terminal terminal) throws IOException {
    mayAskAgain = stream != null;
    if (stream != null) {
      stream.shutdown(); // First: a process serves few at a time.
    }
    ControlStream begun = open(terminal == null ? CONNECTIONS_WITHOUT_TERMINAL : MOST_CONNECTIONS);
    stream = begun;
    last = null;
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

  private List<String> screen(int rows) {
    List<String> lines =
        new ArrayList<>(shown.subList(0, Math.max(0, Math.min(shown.size(), rows - 1))));
    lines.add(keys.line());
    return lines;
  }
}
