package io.twinport.benchmarks;

import java.io.IOException;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The jar's commands: the suite's own, and JMH's command line for everything else. */
@Command(
    name = "twinport-benchmarks",
    subcommands = {RunCommand.class, ListCommand.class},
    description = "Measures what Twinport does, beside TCP.",
    footer = {
      "",
      "Anything else goes to JMH, for profilers and for single figures:",
      "  RoundTrip -prof gc      RoundTrip, AcceptLatency and OneWay are there",
      "  RoundTrip -h            lists the options"
    })
public final class Main {
  private static final Set<String> OWN = Set.of("run", "list", "-h", "--help");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  @SuppressWarnings("UnusedVariable") // picocli heeds it
  private boolean help;

  private Main() {}

  /**
   * Runs a command.
   *
   * @param args its name and its arguments
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (Quiet.isNeeded()) {
      System.exit(Quiet.run(args));
    }
    System.exit(
        args.length == 0 || OWN.contains(args[0]) ? commandLine().execute(args) : Jmh.run(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setParameterExceptionHandler(Main::explain)
        .setExecutionExceptionHandler(Main::failed);
  }

  /** One line where the system does not let a command do its work. */
  private static int failed(Exception e, CommandLine command, ParseResult parsed) throws Exception {
    if (!(e instanceof IOException)) {
      throw e;
    }
    command.getErr().println(command.getCommandName() + ": " + e);
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** One line, where picocli would show all of its help. */
  private static int explain(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println(e.getMessage() + " (--help shows what there is)");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
