package io.twinport.benchmarks.report;

/**
 * How a target fared.
 *
 * @param target which one
 * @param measured the figure it is about; null if it was not measured
 * @param outcome whether it is met
 */
public record Verdict(Target target, Figure measured, Outcome outcome) {
  /** On one line. */
  public String text() {
    return String.format(
        "%-13s %s: %s, target %s",
        outcome, target.what(), measured == null ? "\u2013" : Text.figure(measured), target.text());
  }

  /** Whether a target is met. */
  public enum Outcome {
    /** It is. */
    MET("met"),
    /** It is not. */
    MISSED("missed"),
    /** The confidence interval has values of both kinds. */
    UNDECIDED("undecided"),
    /** What it is about was not part of the run, or could not be measured here. */
    NOT_MEASURED("not measured");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
