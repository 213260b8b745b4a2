package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.report.Report;
import io.twinport.benchmarks.report.Samples;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All benchmarks, and a run of some of them. */
public final class Suite {
  private static final List<Benchmark> ALL =
      List.of(
          new RoundTrips(),
          new OneWayStreams(),
          new AcceptLatencies(),
          new ConnectRates(),
          new ManyConnections(),
          new IdleConnections(),
          new TcpClients(),
          new Applications(),
          new ProcessorCost(),
          new UnderQuota(),
          new StartUp(),
          new Allocation());

  private final List<Benchmark> benchmarks;
  private final Plan plan;
  private final Samples samples = new Samples();
  private final List<String> missing = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /** Guarded by this, as is the next one. */
  private Lab current;

  private boolean ended;

  /**
   * A run that has not begun.
   *
   * @param names of benchmarks; none for all
   * @throws IllegalArgumentException that says which name is wrong, and what there is
   */
  public Suite(Collection<String> names, Plan plan) {
    for (String name : names) {
      if (!headings().containsKey(name)) {
        throw new IllegalArgumentException(
            "there is no benchmark '" + name + "', only " + String.join(", ", headings().keySet()));
      }
    }
    benchmarks =
        ALL.stream()
            .filter(benchmark -> names.isEmpty() || names.contains(benchmark.name()))
            .toList();
    this.plan = plan;
  }

  /** The titles of all benchmarks, by name. */
  public static Map<String, Report.Heading> headings() {
    Map<String, Report.Heading> headings = new LinkedHashMap<>();
    for (Benchmark benchmark : ALL) {
      headings.put(benchmark.name(), new Report.Heading(benchmark.title(), benchmark.parameter()));
    }
    return headings;
  }

  /** How many steps the run has. */
  public int steps() {
    return plan.rounds()
        * benchmarks.stream().mapToInt(benchmark -> benchmark.steps(plan).size()).sum();
  }

  /**
   * Runs. A step that fails does not keep the others from being run.
   *
   * @return whether the run came to its end, and was not {@linkplain #end ended} before
   */
  public boolean run(Progress progress) {
    // Rounds are outside: a machine that changes its pace does so for all rows.
    for (int round = 0; round < plan.rounds(); round++) {
      for (Benchmark benchmark : benchmarks) {
        Recorder recorder = new Recorder(samples, benchmark.name(), round);
        for (Benchmark.Step step : benchmark.steps(plan)) {
          progress.begin(step.label());
          run(step, recorder, progress);
          progress.end();
          if (isEnded()) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private void run(Benchmark.Step step, Recorder recorder, Progress progress) {
    try (Lab lab = next()) {
      step.body().run(lab, recorder);
    } catch (Unavailable e) {
      note(missing, step.label() + ": " + e.getMessage(), progress);
    } catch (IOException | RuntimeException e) {
      if (!isEnded()) {
        note(failures, step.label() + " failed: " + e.getMessage(), progress);
      }
    }
  }

  /** The next step's lab; one that starts nothing if the run has been ended. */
  private synchronized Lab next() throws IOException {
    current = new Lab(plan);
    if (ended) {
      current.close();
    }
    return current;
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  /** Ends a run on another thread, and its processes: nothing is started afterwards. */
  public void end() throws IOException {
    Lab lab;
    synchronized (this) {
      ended = true;
      lab = current;
    }
    if (lab != null) {
      lab.close();
    }
  }

  private static void note(List<String> notes, String note, Progress progress) {
    if (!notes.contains(note)) {
      notes.add(note);
      progress.warn(note);
    }
  }

  /** What was measured so far. */
  public Samples samples() {
    return samples;
  }

  /** What this machine can't measure, and why. */
  public List<String> missing() {
    return missing;
  }

  /** What went wrong. */
  public List<String> failures() {
    return failures;
  }
}
