package io.twinport.agent.commands;

import io.twinport.agent.doctor.Diagnosis;
import io.twinport.agent.doctor.MachineCheck;
import io.twinport.agent.doctor.ProcessCheck;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Mixin private OptionalTarget target;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Diagnosis diagnosis = new Diagnosis(spec.commandLine().getOut(), json);
    if (MachineCheck.run(diagnosis) && target.name() != null) {
      ProcessCheck.run(target.name(), diagnosis);
    }
    diagnosis.end();
    return diagnosis.isHealthy() ? 0 : 1;
  }
}
