package io.twinport.agent.commands;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Takes 'off' back. */
@Command(
    name = "on",
    description = "Takes 'off' back.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class OnCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OffTarget target;

  @Override
  public Integer call() throws IOException {
    return target.ask("on", false, spec.commandLine());
  }
}
