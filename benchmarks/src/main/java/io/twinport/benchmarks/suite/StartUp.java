package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.ends.WorkerProcess;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long a program takes that does nothing, or opens one socket, and ends. */
final class StartUp implements Benchmark {
  private static final int STARTS = 7;
  private static final int QUICK_STARTS = 5;

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String title() {
    return "From the start of a process to its end, without and with the agent";
  }

  @Override
  public String parameter() {
    return "the program opens";
  }

  @Override
  public List<Step> steps(Plan plan) {
    List<Step> steps = new ArrayList<>();
    for (StartUpProgram.Opens opens : StartUpProgram.Opens.values()) {
      steps.add(
          new Step(name() + ", " + text(opens), (lab, recorder) -> measure(opens, lab, recorder)));
    }
    return steps;
  }

  private static String text(StartUpProgram.Opens opens) {
    return opens.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void measure(StartUpProgram.Opens opens, Lab lab, Recorder recorder)
      throws IOException {
    Setting without = new Setting(Transport.TCP, Placement.NONE);
    Setting with = new Setting(Transport.SAN, Placement.NONE);
    int starts = lab.plan().quick() ? QUICK_STARTS : STARTS;
    for (int i = 0; i < starts; i++) {
      for (Setting setting : List.of(without, with)) {
        List<String> options = setting.equals(with) ? lab.agentOptions(with) : List.of();
        recorder.add(
            setting, Api.CHANNEL, text(opens), "time", "ms", i, millis(opens, options, lab));
      }
    }
  }

  private static double millis(StartUpProgram.Opens opens, List<String> options, Lab lab)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                WorkerProcess.command(List.of(), options, StartUpProgram.class, opens.name()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.appendTo(lab.plan().log().toFile()));
    long begin = System.nanoTime();
    Process process = builder.start();
    try {
      int status = process.waitFor();
      double millis = (System.nanoTime() - begin) / 1e6;
      if (status != 0) {
        throw new IOException("a program that opens " + text(opens) + " ended with " + status);
      }
      return millis;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }
}
