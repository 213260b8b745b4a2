package io.twinport.benchmarks;

import io.twinport.benchmarks.suite.Progress;
import java.io.PrintStream;

/** A line for each step, where there is no terminal. */
final class LineProgress implements Progress {
  private final PrintStream out;
  private final int steps;
  private int begun;

  LineProgress(PrintStream out, int steps) {
    this.out = out;
    this.steps = steps;
  }

  @Override
  public void begin(String step) {
    out.println("[" + ++begun + "/" + steps + "] " + step);
  }

  @Override
  public void end() {}

  @Override
  public void warn(String line) {
    out.println(line);
  }

  @Override
  public void close() {}
}
