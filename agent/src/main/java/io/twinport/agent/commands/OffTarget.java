package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What {@code off} and {@code on} are about. */
final class OffTarget {
  @Parameters(
      index = "0",
      paramLabel = "<process>",
      description = "A process id as that process sees it, or the id that status shows.")
  private String target;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "<port>",
      description = "The port listened on or connected to; every port if none is given.")
  private Integer port;

  /**
   * Has the process turn the SAN off or on.
   *
   * @return the command's exit code
   */
  int ask(String request, CommandLine command) throws IOException {
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(command, "no such port: " + port);
    }
    List<ControlName> processes = ControlClient.find(target);
    if (processes.size() != 1) {
      command.getErr().println(whyNone(processes));
      return 1;
    }
    String line = port == null ? request : request + " " + port;
    Map<String, Object> answer = ControlClient.ask(processes, line).get(0);
    String who = "process " + processes.get(0).pid();
    if (answer.get("error") instanceof String error) {
      command.getErr().println(who + " " + StatusReport.clean(error));
      return 1;
    }
    String what = port == null ? "" : " at port " + port;
    String path = request.equals("off") ? "go by TCP" : "may use the SAN";
    command.getOut().println(who + ": new connections" + what + " " + path);
    return 0;
  }

  private String whyNone(List<ControlName> processes) {
    if (processes.isEmpty()) {
      return StatusCommand.nobody(target);
    }
    List<String> ids = processes.stream().map(ControlName::id).toList();
    return processes.size()
        + " processes have the id "
        + target
        + ", each where it runs; name one by the id that status shows: "
        + String.join(", ", ids);
  }
}
