package io.twinport.agent;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands: {@code java -jar twinport.jar <command>}. */
@Command(
    name = "twinport",
    description = "Gives the TCP listeners of a JVM a twin on the SAN.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {VersionCommand.class})
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
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
