package io.twinport.benchmarks.report;

import java.util.function.Function;

/**
 * What a figure should be.
 *
 * @param what it is about, for people
 * @param bound which side of the limit is good
 * @param limit in {@code unit}
 * @param unit of the figure; empty for ratios
 * @param interval whether the figure's ends are those of a confidence interval, which then has to
 *     be on the good side as a whole
 * @param figure finds the figure in samples, or null
 */
public record Target(
    String what,
    Bound bound,
    double limit,
    String unit,
    boolean interval,
    Function<Samples, Figure> figure) {
  /** Which side of a limit is good. */
  public enum Bound {
    /** The limit or less. */
    AT_MOST("\u2264"),
    /** The limit or more. */
    AT_LEAST("\u2265");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }

    boolean admits(double value, double limit) {
      return this == AT_MOST ? value <= limit : value >= limit;
    }
  }

  /** What it asks for, such as {@code ≤ 0.10}. */
  public String text() {
    return bound.sign + " " + Text.number(limit) + (unit.isEmpty() ? "" : " " + Text.unit(unit));
  }

  /** Looks at what was measured. */
  public Verdict judge(Samples samples) {
    Figure measured = figure.apply(samples);
    if (measured == null) {
      return new Verdict(this, null, Verdict.Outcome.NOT_MEASURED);
    }
    if (!interval) {
      boolean met = bound.admits(measured.median(), limit);
      return new Verdict(this, measured, met ? Verdict.Outcome.MET : Verdict.Outcome.MISSED);
    }
    boolean low = bound.admits(measured.low(), limit);
    boolean high = bound.admits(measured.high(), limit);
    Verdict.Outcome outcome =
        low && high
            ? Verdict.Outcome.MET
            : low || high ? Verdict.Outcome.UNDECIDED : Verdict.Outcome.MISSED;
    return new Verdict(this, measured, outcome);
  }
}
