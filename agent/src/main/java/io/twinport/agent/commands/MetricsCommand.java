package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.view.Answers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the numbers of a process for a collector. */
@Command(
    name = "metrics",
    description = "Prints the numbers of a process as OpenMetrics text.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class MetricsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private Target target;

  @Override
  public Integer call() throws IOException {
    ControlName process = target.find(spec.commandLine());
    if (process == null) {
      return 1;
    }
    Map<String, Object> answer = ControlClient.ask(List.of(process), "metrics").get(0);
    if (!(answer.get("metrics") instanceof String text)) {
      String error = Answers.clean(answer.getOrDefault("error", "gave no metrics"));
      spec.commandLine().getErr().println("process " + process.pid() + " " + error);
      return 1;
    }
    // Line by line, as a process's words are not to be taken for a terminal's commands.
    text.lines().forEach(line -> spec.commandLine().getOut().println(Answers.clean(line)));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
