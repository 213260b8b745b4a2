package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.view.Answers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** The one process that a command is about. */
final class Target {
  @Parameters(
      index = "0",
      paramLabel = "<process>",
      description =
          "A process id, as seen from here or as that process sees it, or the id that status"
              + " shows.")
  private String process;

  /**
   * Has the process do something, and tells what came of it.
   *
   * @param done makes of the process's name what is printed if it was done
   * @return the command's exit code
   */
  int ask(String request, CommandLine command, UnaryOperator<String> done) throws IOException {
    ControlName found = find(command);
    if (found == null) {
      return 1;
    }
    Map<String, Object> answer = ControlClient.ask(List.of(found), request).get(0);
    String who = "process " + found.pid();
    if (answer.get("error") instanceof String error) {
      command.getErr().println(who + " " + Answers.clean(error));
      return 1;
    }
    command.getOut().println(done.apply(who));
    return 0;
  }

  /** The process; null if there is none or more than one, which has been said then. */
  ControlName find(CommandLine command) throws IOException {
    List<ControlName> processes = ControlClient.find(process);
    if (processes.size() != 1) {
      command.getErr().println(whyNone(processes));
      return null;
    }
    return processes.get(0);
  }

  private String whyNone(List<ControlName> processes) {
    if (processes.isEmpty()) {
      return StatusCommand.nobody(process);
    }
    List<String> ids = processes.stream().map(ControlName::id).toList();
    return processes.size()
        + " processes have the id "
        + process
        + ", each where it runs; name one by the id that status shows: "
        + String.join(", ", ids);
  }
}
