package io.twinport.agent.commands;

import java.io.PrintWriter;

/** What {@code doctor} finds, a line each, with what to do about it. */
final class Diagnosis {
  private final PrintWriter out;
  private boolean healthy = true;

  Diagnosis(PrintWriter out) {
    this.out = out;
  }

  /** All is as it should be. */
  void ok(String what) {
    line("ok", what);
  }

  /** Something that keeps part of the traffic on TCP, perhaps on purpose. */
  void note(String what) {
    line("note", what);
  }

  /** Something that keeps Twinport from working. */
  void problem(String what, String remedy) {
    healthy = false;
    line("problem", what + "; " + remedy);
  }

  private void line(String kind, String what) {
    out.printf("%-8s %s%n", kind, what.replaceAll("\\p{Cc}", "?"));
    out.flush(); // The next one may take a while.
  }

  /** Whether there was no problem. */
  boolean isHealthy() {
    return healthy;
  }
}
