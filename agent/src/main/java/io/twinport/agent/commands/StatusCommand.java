package io.twinport.agent.commands;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what path the connections of a process take, and why. */
@Command(
    name = "status",
    description = {
      "Shows what path listeners and connections take, and why.",
      "Without a process: every process of this network namespace."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "<process>",
      description = "A process id as that process sees it, or the id that status shows.")
  private String target;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<ControlName> processes = ControlClient.find(target);
    if (target != null && processes.isEmpty()) {
      spec.commandLine().getErr().println(nobody(target));
      return 1;
    }
    List<Map<String, Object>> answers = ControlClient.ask(processes, "status");
    boolean single = target != null && answers.size() == 1;
    if (json) {
      out.println(ControlJson.write(single ? answers.get(0) : answers));
    } else if (target == null) {
      StatusReport.printOverview(answers, out);
    } else {
      printEach(answers, out);
    }
    return single && answers.get(0).containsKey("error") ? 1 : 0;
  }

  private void printEach(List<Map<String, Object>> answers, PrintWriter out) {
    if (answers.size() > 1) {
      out.println(
          answers.size()
              + " processes have the id "
              + target
              + ", each where it runs; all of them:");
    }
    for (Map<String, Object> answer : answers) {
      StatusReport.print(answer, out);
    }
  }

  /** What a user has written, which may be of any length. */
  private static String shown(String target) {
    String clean = StatusReport.clean(target);
    return clean.isBlank() || clean.length() > 40 ? "of that name" : clean;
  }

  static String nobody(String target) {
    return "no process " + shown(target) + " with Twinport in this network namespace";
  }
}
