package io.twinport.agent.commands;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.control.ControlReport;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.TargetJvm;
import io.twinport.agent.view.Answers;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings the agent into a process that runs already. */
@Command(
    name = "attach",
    description = {
      "Brings Twinport into a process that runs already.",
      "What it has open stays as it is; listeners and connections from then on have a twin."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class AttachCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = Target.LABEL, description = Target.HELP)
  private String process;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "<settings>",
      description = "As behind the agent's name on a command line, such as wait=block,log=info.")
  private String settings;

  @Override
  public Integer call() throws IOException {
    if (ModuleLayer.boot().findModule("jdk.attach").isEmpty()) {
      throw new IOException("this Java runtime lacks the module jdk.attach; use that of a JDK");
    }
    TargetJvm target = TargetJvm.named(process);
    target.check();
    long pid = target.pid();
    if (!target.sharesNetwork()) {
      // It would load, and then not be found where this command looks.
      throw new IOException(
          "process "
              + pid
              + " is in another network namespace; run attach there: nsenter -t "
              + pid
              + " -n");
    }
    if (target.controlName().isPresent()) {
      throw new IOException("process " + pid + " has Twinport already");
    }
    List<String> wrong = SettingsCheck.complaints(settings);
    if (!wrong.isEmpty()) {
      tell(wrong);
      throw new IOException("process " + pid + " was left as it is");
    }
    Attachment.load(target, Main.jar(), settings);
    Optional<ControlName> name = target.controlName();
    if (name.isEmpty()) {
      throw new IOException(
          "Twinport did not start in process " + pid + "; its standard error may say why");
    }
    Map<String, Object> inEffect = ask(name.get(), "settings");
    if (inEffect.get("arguments") instanceof String others
        && !others.equals(Objects.requireNonNullElse(settings, ""))) {
      throw new IOException(
          "process " + pid + " has got Twinport from another attach meanwhile, with its settings");
    }
    int code = report(pid, ask(name.get(), "status"), spec.commandLine().getOut());
    // What was set elsewhere, its files, and the names that mean nothing, are known there alone.
    if (inEffect.get("complaints") instanceof List<?> complaints && !complaints.isEmpty()) {
      tell(complaints);
      return 1;
    }
    return code;
  }

  private static Map<String, Object> ask(ControlName name, String request) {
    return ControlClient.ask(List.of(name), request).get(0);
  }

  private void tell(List<?> complaints) {
    for (Object line : complaints) {
      spec.commandLine().getErr().println("attach: " + Answers.clean(line));
    }
  }

  private static int report(long pid, Map<String, Object> answer, PrintWriter out)
      throws IOException {
    if (answer.get("error") instanceof String error) {
      throw new IOException("process " + pid + " " + error);
    }
    if (!"attached".equals(answer.get("agent"))) {
      throw new IOException("process " + pid + " has Twinport already, since it was started");
    }
    if (answer.get("configured") instanceof List<?> providers && providers.isEmpty()) {
      out.println("process " + pid + ": there is no provider, everything goes by TCP");
      return 0;
    }
    out.println("process " + pid + ": listeners and connections from now on have a twin");
    List<String> before = new ArrayList<>();
    if (answer.get("listeners") instanceof List<?> listeners) {
      for (Object listener : listeners) {
        if (listener instanceof Map<?, ?> line
            && ControlReport.OUTSIDE.equals(line.get("reason"))) {
          before.add(String.valueOf(line.get("local")));
        }
      }
    }
    if (!before.isEmpty()) {
      out.println("open already, and TCP only: " + String.join(", ", before));
    }
    return 0;
  }
}
