package io.twinport.benchmarks;

import io.twinport.benchmarks.report.Report;
import io.twinport.benchmarks.report.Verdict;
import io.twinport.benchmarks.suite.Plan;
import io.twinport.benchmarks.suite.Progress;
import io.twinport.benchmarks.suite.Suite;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures, and writes a report. */
@Command(
    name = "run",
    description = {
      "Measures TCP and the SAN side by side, server and client in processes of their own,",
      "and writes a report: report.html, samples.csv and table.md."
    },
    exitCodeListHeading = "%nEnds with%n",
    exitCodeList = {
      "0:all was measured, whether targets are met or not",
      "1:something failed; the report has what did not",
      "2:the command was not understood"
    })
final class RunCommand implements Callable<Integer> {
  private static final int ROUNDS = 5;
  private static final int LOOK_MILLIS = 1_000;
  private static final String LOG = "processes.log";
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  @SuppressWarnings("UnusedVariable") // picocli heeds it
  private boolean help;

  @Parameters(
      paramLabel = "NAME",
      description = "The benchmarks, of those that 'list' shows. Default: all.")
  private List<String> names = List.of();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      required = true,
      description = "The folder for the report. It is made if it is not there.")
  private Path folder;

  @Option(
      names = "--quick",
      description = "One round of fewer rows and shorter measurements: minutes instead of hours.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "How often everything is measured, each time in new processes. Default: 5, with --quick 1.")
  private Integer rounds;

  @Option(
      names = "--agent",
      paramLabel = "JAR",
      description = "The agent. Default: the one built beside this jar.")
  private Path agent;

  @Option(
      names = "--jvm",
      paramLabel = "OPTION",
      description =
          "An option for the JVMs that have the agent, such as --jvm=-Dtwinport.wait=block; may be repeated.")
  private List<String> options = List.of();

  @Override
  public Integer call() throws IOException {
    Plan plan = plan();
    Suite suite = suite(plan);
    makeFolder();
    Files.writeString(plan.log(), "");
    List<String> warnings = new ArrayList<>(lookAround());
    long begin = System.nanoTime();
    OtherLoad.Moment first = OtherLoad.Moment.now();
    PrintStream terminal = System.err;
    // For Ctrl-C: the processes would end without us, but a control group would not.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(suite), "end of the run"));
    try (Progress progress =
        isTerminal()
            ? new TerminalProgress(terminal, suite.steps())
            : new LineProgress(terminal, suite.steps())) {
      warnings.forEach(progress::warn);
      if (!suite.run(progress)) {
        return 1;
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    warnings.addAll(OtherLoad.warnings(first, OtherLoad.Moment.now(), "during the run"));
    List<String> notes = new ArrayList<>(suite.missing());
    notes.addAll(suite.failures());
    // Plots are drawn into memory, whatever DISPLAY says.
    System.setProperty("java.awt.headless", "true");
    Report report =
        new Report(suite.samples(), Suite.headings(), warnings, notes, facts(plan, took));
    report.write(folder);
    print(report, suite);
    warnings.forEach(spec.commandLine().getErr()::println);
    return suite.failures().isEmpty() ? 0 : 1;
  }

  /** Warns before an hour is spent on a machine that others use. */
  private static List<String> lookAround() throws IOException {
    OtherLoad.Moment now = OtherLoad.Moment.now();
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted before the run");
    }
    return OtherLoad.warnings(now, OtherLoad.Moment.now(), "before the run");
  }

  /** Whether standard error is one; from JDK 22 on a console says nothing about that. */
  private static boolean isTerminal() throws IOException {
    String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
    return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
  }

  private static void end(Suite suite) {
    try {
      suite.end();
    } catch (IOException e) {
      System.err.println("run: " + e.getMessage());
    }
  }

  private Plan plan() {
    int count = rounds != null ? rounds : quick ? 1 : ROUNDS;
    if (count < 1) {
      throw new ParameterException(spec.commandLine(), "--rounds is 1 or more, not " + count);
    }
    Path jar;
    try {
      jar = AgentJar.find(agent);
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage() + " with --agent");
    }
    Path log = folder.resolve(LOG);
    return quick ? Plan.quick(count, jar, options, log) : Plan.full(count, jar, options, log);
  }

  private Suite suite(Plan plan) {
    try {
      return new Suite(names, plan);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private void makeFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "--report " + folder + " can't be made: " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new ParameterException(
          spec.commandLine(), "--report " + folder + " can't be written to");
    }
  }

  private List<String> facts(Plan plan, Duration took) throws IOException {
    return List.of(
        Machine.describe(),
        "run "
            + String.join(" ", names)
            + (quick ? " --quick" : "")
            + ": "
            + plan.rounds()
            + (plan.rounds() == 1 ? " round" : " rounds")
            + " of "
            + plan.slices()
            + " slices of "
            + plan.sliceMillis()
            + " ms, "
            + ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES)
            + ", took "
            + took.toSeconds()
            + " s");
  }

  private void print(Report report, Suite suite) {
    PrintWriter out = spec.commandLine().getOut();
    for (Verdict verdict : report.verdicts()) {
      if (verdict.measured() != null) {
        out.println(verdict.text());
      }
    }
    if (!suite.failures().isEmpty()) {
      out.println("What failed says why in " + folder.resolve(LOG));
    }
    out.println("The report is " + folder.resolve(Report.HTML));
    out.flush();
  }
}
