package io.twinport.agent.commands;

import io.twinport.agent.doctor.MachineCheck;
import io.twinport.agent.start.Bootstrap;
import io.twinport.agent.view.Answers;
import io.twinport.config.Log;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands: {@code java -jar twinport.jar <command>}. */
@Command(
    name = "twinport",
    description = "Gives the TCP listeners of a JVM a twin on the SAN.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      DemoCommand.class,
      StatusCommand.class,
      TopCommand.class,
      MetricsCommand.class,
      OffCommand.class,
      OnCommand.class,
      CaptureCommand.class,
      AttachCommand.class,
      SetCommand.class,
      DoctorCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  /** Prints the version and the JVM, as {@code --version} does. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "twinport " + (version == null ? "(not packaged)" : version),
        "java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"
      };
    }
  }

  /** What a user has written may be of any length. */
  private static final int MOST_LETTERS = 300;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs one command; the process ends with its exit code, 2 where the command line is wrong. */
  public static void main(String[] arguments) {
    System.exit(
        run(
            new StandardOutput(),
            new PrintWriter(System.err, true, StandardOutput.charset()),
            arguments));
  }

  /** Runs one command; returns its exit code, and throws nothing. */
  static int run(StandardOutput output, PrintWriter err, String... arguments) {
    int code;
    try {
      PrintWriter out = output.writer();
      code =
          new CommandLine(new Main())
              .setOut(out)
              .setErr(err)
              .setParameterExceptionHandler(Main::misused)
              .setExecutionExceptionHandler(Main::failed)
              .execute(arguments);
      out.flush();
    } catch (LinkageError e) {
      err.println("twinport: this Java runtime lacks what that needs: " + line(Log.cause(e)));
      return 1;
    } catch (RuntimeException | Error e) {
      err.println("twinport: failed: " + line(Log.cause(e)));
      return 1;
    }
    if (output.failure() != null) {
      if (!output.isBrokenPipe()) {
        String why = output.failure().getMessage();
        err.println("twinport: not all could be written to standard output: " + why);
      }
      return code == 0 ? 1 : code;
    }
    return code;
  }

  /** One line, and where there is more, where the command line is wrong. */
  private static int misused(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String meant = "";
    if (e instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      meant = "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    String help = command.getCommandSpec().qualifiedName() + " --help";
    command.getErr().println(name(command) + line(e.getMessage()) + meant + " (see " + help + ")");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** One line instead of a stack trace, where a command can't do its work. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    // Its own class says nothing; that of a subclass may be half of the message.
    boolean speaks = e.getClass() == IOException.class && e.getMessage() != null;
    String cause = speaks ? e.getMessage() : Log.cause(e);
    // Hardly any command can do its work without it, and each says something else.
    String why = MachineCheck.lacksProc() ? " (/proc is not mounted)" : "";
    command.getErr().println(name(command) + line(cause) + why);
    if (!(e instanceof IOException) && Log.isLogged(Log.Level.DEBUG)) {
      e.printStackTrace(command.getErr());
    }
    return 1;
  }

  private static String name(CommandLine command) {
    return command.getCommandName() + ": ";
  }

  /** On one line of bounded length, without what a terminal would take for a command. */
  private static String line(String text) {
    String clean = Answers.clean(text.replaceAll("\\R", " "));
    return clean.length() <= MOST_LETTERS ? clean : clean.substring(0, MOST_LETTERS) + "...";
  }

  /**
   * The jar that this command runs from.
   *
   * @throws IOException if it runs from something else, which a user does not
   */
  static Path jar() throws IOException {
    Path jar = Bootstrap.jar();
    if (jar == null) {
      throw new IOException("works from twinport.jar only");
    }
    return jar;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
