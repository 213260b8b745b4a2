package io.twinport.agent.commands;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
      paramLabel = "<pid>",
      description = "A process id, as seen from here.")
  private Long pid;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Diagnosis diagnosis = new Diagnosis(spec.commandLine().getOut());
    MachineCheck.run(diagnosis);
    if (pid != null) {
      ProcessCheck.run(pid, diagnosis);
    }
    return diagnosis.isHealthy() ? 0 : 1;
  }
}
