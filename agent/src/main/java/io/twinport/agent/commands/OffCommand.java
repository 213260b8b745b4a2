package io.twinport.agent.commands;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sends new connections of a process to TCP; those that are up stay as they are. */
@Command(
    name = "off",
    description = "Sends new connections of a process to TCP; those that are up stay as they are.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class OffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OffTarget target;

  @Option(
      names = "--keep",
      description =
          "Also for processes that start later with the same twinport.off-file; 'on' takes it"
              + " back.")
  private boolean keep;

  @Override
  public Integer call() throws IOException {
    return target.ask("off", keep, spec.commandLine());
  }
}
