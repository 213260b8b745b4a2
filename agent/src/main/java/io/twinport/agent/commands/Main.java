package io.twinport.agent.commands;

import io.twinport.agent.start.Bootstrap;
import io.twinport.config.Log;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands: {@code java -jar twinport.jar <command>}. */
@Command(
    name = "twinport",
    description = "Gives the TCP listeners of a JVM a twin on the SAN.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      DemoCommand.class,
      StatusCommand.class,
      OffCommand.class,
      OnCommand.class,
      AttachCommand.class,
      DoctorCommand.class,
      VersionCommand.class
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

  private Main() {}

  /** Runs one command; the process ends with its exit code, 2 where the command line is wrong. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main()).setExecutionExceptionHandler(Main::failed).execute(arguments));
  }

  /** One line instead of a stack trace, where the system does not let a command do its work. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(e instanceof IOException)) {
      throw e;
    }
    // Its own class says nothing; that of a subclass may be half of the message.
    String cause = e.getClass() == IOException.class ? e.getMessage() : Log.cause(e);
    command.getErr().println(command.getCommandName() + ": " + cause);
    return 1;
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
    CommandLine.usage(this, System.out);
  }
}
