package io.twinport.agent.commands;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes a setting of a process that runs. */
@Command(
    name = "set",
    description = {
      "Changes a setting of a process that runs: rules, or log.",
      "Rules are for connections and listeners from then on; 'rules=' takes them all away."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class SetCommand implements Callable<Integer> {
  /** What a process reads at the most. */
  private static final int LONGEST_SETTING = 8_000;

  @Spec private CommandSpec spec;
  @Mixin private Target target;

  @Parameters(
      index = "1",
      paramLabel = "<name=value>",
      description = "Such as log=debug, or 'rules=use tcp connect * 5432'.")
  private String setting;

  @Override
  public Integer call() throws IOException {
    int equals = setting.indexOf('=');
    if (equals < 1 || setting.substring(0, equals).isBlank()) {
      throw new ParameterException(spec.commandLine(), "'" + setting + "' is not name=value");
    }
    if (setting.codePoints().anyMatch(Character::isISOControl)) {
      throw new ParameterException(
          spec.commandLine(), "a setting is one line; rules may have ';' between them");
    }
    if (setting.length() > LONGEST_SETTING) {
      throw new ParameterException(
          spec.commandLine(),
          "a setting has " + LONGEST_SETTING + " letters at the most; rules may be in a file");
    }
    return target.ask("set " + setting, spec.commandLine(), who -> who + ": " + done(equals));
  }

  /** What has been done, for people; of what can be set, rules alone may be empty. */
  private String done(int equals) {
    boolean isEmpty = setting.substring(equals + 1).isBlank();
    return (isEmpty ? "no rules" : setting.strip()) + " from now on";
  }
}
