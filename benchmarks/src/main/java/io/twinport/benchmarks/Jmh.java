package io.twinport.benchmarks;

import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Transport;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * JMH's own command line with two differences. Forks start as their parameters say ({@link
 * ForkCommand}), so that TCP without an agent and the SAN with it are rows of one run; several
 * forks take turns over all rows, so that a machine that changes its pace does so for both. And at
 * the end there is one table with TCP and the SAN side by side.
 */
final class Jmh {
  private static final String PIN = "--pin";
  private static final int DEFAULT_FORKS = 2;
  private static final String HELP =
      """

      Of Twinport's own:
        --pin none|one|two[,...]   places client and server: anywhere, both on one processor, or
                                   each on its own (as -p pin=NONE,ONE,TWO). Default: none,one.
        -p transport=TCP,SAN       what carries the bytes. Default: both.
        -Dtwinport.jar=PATH        (before -jar) the agent. Default: the one built beside this jar.
        -f N                       N rounds over all rows, each with one fork. Default: 2.
        -jvmArgsAppend -Dtwinport.wait=spin   settings of Twinport reach client and server.
      """;

  private Jmh() {}

  /**
   * Runs benchmarks.
   *
   * @param args what JMH understands, and {@code --pin}
   * @return the status to end with
   */
  static int run(String... args) throws IOException {
    try {
      run(new CommandLineOptions(translate(args)));
      return 0;
    } catch (CommandLineOptionException e) {
      return fail(e.getMessage() + " (RoundTrip -h lists the options)");
    } catch (NoBenchmarksException e) {
      return fail("No benchmark of JMH's has such a name: -l lists them, 'list' those of 'run'");
    } catch (RunnerException e) {
      return fail("Stopped: " + reason(e));
    }
  }

  /** What went wrong in the fork, if it is that: JMH hangs it on its own exception. */
  private static String reason(RunnerException e) {
    Throwable cause = e.getCause();
    return cause != null && cause.getSuppressed().length > 0
        ? cause.getSuppressed()[0].getMessage()
        : e.getMessage();
  }

  private static int fail(String why) {
    System.err.println(why);
    return 1;
  }

  /** {@code --pin one} is {@code -p pin=ONE}. */
  static String[] translate(String... args) {
    List<String> translated = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals(PIN) && i + 1 < args.length) {
        i++;
        translated.add("-p");
        translated.add("pin=" + args[i].toUpperCase(Locale.ROOT));
      } else {
        translated.add(args[i]);
      }
    }
    return translated.toArray(String[]::new);
  }

  static void run(CommandLineOptions command) throws IOException, RunnerException {
    if (command.shouldHelp()) {
      command.showHelp();
      System.out.print(HELP);
    } else if (command.shouldList()) {
      new Runner(command).list();
    } else if (command.shouldListWithParams()) {
      new Runner(command).listWithParams(command);
    } else if (command.shouldListProfilers()) {
      command.listProfilers();
    } else if (command.shouldListResultFormats()) {
      command.listResultFormats();
    } else {
      findAgent(command);
      checkPlacement(command);
      measure(command);
    }
  }

  private static void findAgent(CommandLineOptions command) throws RunnerException {
    Collection<String> transports = command.getParameter("transport").orElse(List.of("SAN"));
    if (!transports.contains(Transport.SAN.name())) {
      return;
    }
    String given = System.getProperty(ForkCommand.AGENT_JAR);
    try {
      Path jar = AgentJar.find(given == null ? null : Path.of(given));
      System.setProperty(ForkCommand.AGENT_JAR, jar.toString());
    } catch (IOException e) {
      throw new RunnerException(e.getMessage() + " with -Dtwinport.jar=", e);
    }
  }

  /** Says so before anything has started if this machine can't do what {@code --pin} asks for. */
  private static void checkPlacement(CommandLineOptions command) throws RunnerException {
    // The default list places too.
    for (String pin : command.getParameter("pin").orElse(List.of(Placement.ONE.name()))) {
      try {
        Placement.valueOf(pin).check();
      } catch (IllegalArgumentException e) {
        throw new RunnerException("--pin is none, one or two, not " + pin, e);
      } catch (IOException e) {
        throw new RunnerException(e.getMessage() + "; --pin none does without", e);
      }
    }
  }

  private static void measure(CommandLineOptions command) throws IOException, RunnerException {
    String file = command.getOutput().orElse("");
    if (file.isEmpty()) {
      measure(command, System.out);
      return;
    }
    try (PrintStream out =
        new PrintStream(new FileOutputStream(file), true, StandardCharsets.UTF_8)) {
      measure(command, out);
    }
  }

  private static void measure(CommandLineOptions command, PrintStream out)
      throws IOException, RunnerException {
    int forks = command.getForkCount().orElse(DEFAULT_FORKS);
    Options options =
        new OptionsBuilder()
            .parent(command)
            .addProfiler(ForkCommand.class)
            .forks(Math.min(forks, 1))
            .shouldFailOnError(command.shouldFailOnError().orElse(true))
            .build();
    OutputFormat format =
        OutputFormatFactory.createFormatInstance(
            out, command.verbosity().orElse(VerboseMode.NORMAL));
    Map<BenchmarkParams, List<BenchmarkResult>> results = new TreeMap<>();
    try {
      for (int round = 0; round < Math.max(forks, 1); round++) {
        for (RunResult result : new Runner(options, format).run()) {
          results
              .computeIfAbsent(result.getParams(), params -> new ArrayList<>())
              .addAll(result.getBenchmarkResults());
        }
      }
    } finally {
      // What rounds before a failure have shown is worth having.
      report(command, merge(results), out);
    }
  }

  private static List<RunResult> merge(Map<BenchmarkParams, List<BenchmarkResult>> results) {
    List<RunResult> merged = new ArrayList<>();
    results.forEach((params, forks) -> merged.add(new RunResult(params, forks)));
    return merged;
  }

  private static void report(CommandLineOptions command, List<RunResult> results, PrintStream out) {
    if (results.isEmpty()) {
      return;
    }
    out.println();
    new Comparison(results).print(out);
    if (command.getResult().hasValue() || command.getResultFormat().hasValue()) {
      // Each round has written its own there; all of them together take their place.
      ResultFormatType type = command.getResultFormat().orElse(ResultFormatType.CSV);
      String name =
          command.getResult().orElse("jmh-result." + type.toString().toLowerCase(Locale.ROOT));
      ResultFormatFactory.getInstance(type, name).writeOut(results);
    }
  }
}
