package io.twinport.benchmarks;

import io.twinport.benchmarks.suite.Progress;
import java.io.PrintStream;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on one line of a terminal. */
final class TerminalProgress implements Progress {
  private static final int COLUMNS = 100;

  private final PrintStream out;
  private final ProgressBar bar;

  TerminalProgress(PrintStream out, int steps) {
    this.out = out;
    bar =
        new ProgressBarBuilder()
            .setTaskName("measuring")
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            // One for each step: a thread that draws is work for the processors measured.
            .setUpdateIntervalMillis(Integer.MAX_VALUE)
            .setConsumer(new DelegatingProgressBarConsumer(this::draw, COLUMNS))
            .build();
  }

  /** The bar's own thread draws, too, once at its begin. */
  private void draw(String line) {
    synchronized (out) {
      out.print("\r" + line);
      out.flush();
    }
  }

  @Override
  public void begin(String step) {
    bar.setExtraMessage(step);
    bar.refresh();
  }

  @Override
  public void end() {
    bar.step();
  }

  @Override
  public void warn(String line) {
    synchronized (out) {
      out.println();
      out.println(line);
    }
  }

  @Override
  public void close() {
    bar.close();
    out.println();
  }
}
