package io.twinport.benchmarks.report;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Setting;

/**
 * One measured value.
 *
 * @param row what it is a value of
 * @param round the time the whole suite was run, from 0; each has processes of its own
 * @param slice the part of the measurement within the round, from 0
 * @param value in the row's unit
 */
public record Sample(Row row, int round, int slice, double value) {
  /**
   * What samples are compared as.
   *
   * @param benchmark the name of the benchmark
   * @param api what both ends use
   * @param parameter what else the benchmark varies, such as a message's length
   * @param setting of both ends
   * @param metric what was measured, such as {@code p50}
   * @param unit of the values
   */
  public record Row(
      String benchmark, Api api, String parameter, Setting setting, String metric, String unit) {}
}
