package io.twinport.agent.commands;

import io.twinport.agent.doctor.Diagnosis;
import io.twinport.agent.doctor.MachineCheck;
import io.twinport.agent.doctor.ProcessCheck;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks for what keeps Twinport from working, on this machine and in one process. */
@Command(
    name = "doctor",
    description = {
      "Looks for what keeps Twinport from working, on this machine and in one process.",
      "One line each, with what to do. The exit code is 1 if there is a problem."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "<process>",
      description =
          "A process id, as seen from here or as that process sees it, or the id that status"
              + " shows.")
  private String process;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Diagnosis diagnosis = new Diagnosis(spec.commandLine().getOut(), json);
    MachineCheck.run(diagnosis);
    if (process != null) {
      ProcessCheck.run(process, diagnosis);
    }
    diagnosis.end();
    return diagnosis.isHealthy() ? 0 : 1;
  }
}
