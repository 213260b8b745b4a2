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
  static final String LABEL = "<process>";
  static final String HELP =
      "A process id, as seen from here or as that process sees it, or the id that status shows.";

  /** What a user has written may be of any length. */
  private static final int MOST_LETTERS = 40;

  @Parameters(index = "0", paramLabel = LABEL, description = HELP)
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
      command.getErr().println(whyNotOne(process, processes));
      return null;
    }
    return processes.get(0);
  }

  /**
   * Why it is not one process.
   *
   * @param found what was found by that name: none, or several
   */
  static String whyNotOne(String name, List<ControlName> found) {
    if (found.isEmpty()) {
      return none(name);
    }
    if (name == null) {
      List<String> pids = found.stream().map(each -> Long.toString(each.pid())).toList();
      return found.size() + " processes: name one of " + String.join(", ", pids);
    }
    return found.size()
        + " processes have the id "
        + name
        + ", each where it runs; name one by the id that status shows: "
        + String.join(", ", found.stream().map(ControlName::id).toList());
  }

  static String none(String name) {
    return "no process "
        + (name == null ? "" : shown(name) + " ")
        + "with Twinport in this network namespace";
  }

  private static String shown(String name) {
    String clean = Answers.clean(name);
    return clean.isBlank() || clean.length() > MOST_LETTERS ? "of that name" : clean;
  }
}
