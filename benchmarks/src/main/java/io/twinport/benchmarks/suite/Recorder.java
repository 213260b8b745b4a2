package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.report.Sample;
import io.twinport.benchmarks.report.Samples;

/** Takes down what one benchmark measures in one round. */
final class Recorder {
  static final String MICROS = "us";

  private final Samples samples;
  private final String benchmark;
  private final int round;

  Recorder(Samples samples, String benchmark, int round) {
    this.samples = samples;
    this.benchmark = benchmark;
    this.round = round;
  }

  /** One value for each slice. */
  void add(
      Setting setting, Api api, String parameter, String metric, String unit, double... values) {
    for (int slice = 0; slice < values.length; slice++) {
      add(setting, api, parameter, metric, unit, slice, values[slice]);
    }
  }

  /** The value of one slice. */
  void add(
      Setting setting,
      Api api,
      String parameter,
      String metric,
      String unit,
      int slice,
      double value) {
    Sample.Row row = new Sample.Row(benchmark, api, parameter, setting, metric, unit);
    samples.add(new Sample(row, round, slice, value));
  }

  /** The percentiles of an answer, all of them divided by {@code divisor}. */
  void addLatencies(Setting setting, Api api, String parameter, Message answer, double divisor) {
    for (String name : answer.names()) {
      if (name.startsWith("p")) {
        double[] values = answer.numbers(name);
        for (int i = 0; i < values.length; i++) {
          values[i] /= divisor;
        }
        add(setting, api, parameter, name, MICROS, values);
      }
    }
  }
}
