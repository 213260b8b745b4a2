package io.twinport.agent.doctor;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.view.Answers;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code doctor} finds, a line each, with what to do about it. */
public final class Diagnosis {
  private final PrintWriter out;
  private final boolean json;
  private final List<Object> findings = new ArrayList<>();
  private boolean healthy = true;

  /**
   * @param json whether all is printed at the end, as JSON
   */
  public Diagnosis(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** All is as it should be. */
  public void ok(String what) {
    line("ok", what, null);
  }

  /** Something that keeps part of the traffic on TCP, perhaps on purpose. */
  public void note(String what) {
    line("note", what, null);
  }

  /** Something that keeps Twinport from working. */
  public void problem(String what, String remedy) {
    healthy = false;
    line("problem", what, remedy);
  }

  private void line(String kind, String what, String remedy) {
    if (json) {
      Map<String, Object> finding = new LinkedHashMap<>();
      finding.put("kind", kind);
      finding.put("what", what);
      if (remedy != null) {
        finding.put("remedy", remedy);
      }
      findings.add(finding);
      return;
    }
    String line = remedy == null ? what : what + "; " + remedy;
    out.printf("%-8s %s%n", kind, Answers.clean(line));
    out.flush(); // The next one may take a while.
  }

  /** All is said. */
  public void end() {
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("healthy", healthy);
      all.put("findings", findings);
      out.println(ControlJson.write(all));
    }
  }

  /** Whether there was no problem. */
  public boolean isHealthy() {
    return healthy;
  }
}
