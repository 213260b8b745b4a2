package io.twinport.agent.doctor;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.control.ControlPeer;
import io.twinport.agent.control.ControlReport;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.processes.TargetJvm;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one process does with the SAN, and what keeps it from it. */
public final class ProcessCheck {
  /** Reasons that somebody has chosen. */
  private static final Set<String> CHOSEN =
      Set.of(Reason.RULE.code(), Reason.SWITCHED_OFF.code(), Reason.REUSE_PORT.code());

  private static final String USE_NIO = "start it with -Dtwinport.prefer-nio=true";

  private ProcessCheck() {}

  public static void run(String process, Diagnosis diagnosis) {
    try {
      TargetJvm target = TargetJvm.named(process);
      target.check();
      long pid = target.pid();
      if (!target.sharesNetwork()) {
        diagnosis.problem(
            "process " + pid + " is in another network namespace",
            "run doctor there: nsenter -t " + pid + " -n");
        return;
      }
      Optional<ControlName> name = target.controlName();
      if (name.isPresent()) {
        report(pid, ControlClient.ask(List.of(name.get()), "status").get(0), diagnosis);
      } else {
        withoutAgent(pid, target, diagnosis);
      }
    } catch (IOException e) {
      diagnosis.problem(e.getMessage(), "name a JVM of this user's");
    }
  }

  private static void withoutAgent(long pid, TargetJvm target, Diagnosis diagnosis)
      throws IOException {
    if (target.namesTheAgent()) {
      if (target.listeners().isEmpty()) {
        diagnosis.note(
            "process " + pid + " was started with Twinport, and has opened no socket so far");
      } else {
        diagnosis.problem(
            "process " + pid + " was started with Twinport, which is not at work there",
            "its standard error says why");
      }
    } else {
      diagnosis.problem(
          "process " + pid + " has no Twinport", "start it with -javaagent, or use attach " + pid);
    }
    for (String library : target.nativeTransports()) {
      diagnosis.problem("native transport: " + library + " passes Twinport by", USE_NIO);
    }
    for (InetSocketAddress listener : target.listeners()) {
      diagnosis.note(ControlReport.text(listener) + " is on TCP");
    }
  }

  private static void report(long pid, Map<String, Object> answer, Diagnosis diagnosis) {
    if (answer.get("error") instanceof String error) {
      diagnosis.problem(
          "process " + pid + " " + error,
          error.endsWith(ControlPeer.LACKS)
              ? "run it on one that has it"
              : "ask as its user, or as root");
      return;
    }
    String how = "attached".equals(answer.get("agent")) ? ", attached while it ran" : "";
    diagnosis.ok("process " + pid + " has Twinport " + answer.get("version") + how);
    String version = ProcessCheck.class.getPackage().getImplementationVersion();
    if (version != null && !version.equals(answer.get("version"))) {
      diagnosis.note(
          "this is version " + version + "; they work together if their wire version is one");
    }
    for (Object listener : list(answer, "listeners")) {
      listener((Map<?, ?>) listener, diagnosis);
    }
    for (Object transport : list(answer, "nativeTransports")) {
      Map<?, ?> seen = (Map<?, ?>) transport;
      diagnosis.problem(
          seen.get("transport") + " of " + seen.get("package") + " passes Twinport by",
          USE_NIO + " or -D" + seen.get("property") + "=true");
    }
  }

  private static void listener(Map<?, ?> line, Diagnosis diagnosis) {
    Object reason = line.get("reason");
    if (reason == null) {
      diagnosis.ok(line.get("local") + " has a twin");
      for (Object without : list(line, "without")) {
        Map<?, ?> missing = (Map<?, ?>) without;
        diagnosis.note(
            line.get("local")
                + " has none on "
                + missing.get("provider")
                + ": "
                + missing.get("why")
                + " ("
                + missing.get("reason")
                + ")");
      }
      return;
    }
    String what = line.get("local") + " has no twin: " + line.get("why") + " (" + reason + ")";
    if (CHOSEN.contains(reason)) {
      diagnosis.note(what);
    } else if (reason.equals(ControlReport.OUTSIDE)) {
      diagnosis.problem(what, "start the process with the agent, without native transports");
    } else {
      diagnosis.problem(what, "see this code in docs/troubleshooting.md");
    }
  }

  private static List<?> list(Map<?, ?> answer, String name) {
    return answer.get(name) instanceof List<?> list ? list : List.of();
  }
}
