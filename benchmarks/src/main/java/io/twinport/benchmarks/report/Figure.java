package io.twinport.benchmarks.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A median and how far the values lie apart.
 *
 * @param median of the values
 * @param low the lowest of them, or the lower end of the confidence interval
 * @param high the highest of them, or the upper end of the confidence interval
 * @param count how many there were
 */
public record Figure(double median, double low, double high, int count) {
  private static final double CONFIDENCE = 0.95;

  /**
   * Of values.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Figure of(Collection<Double> values) {
    return new Figure(
        median(values), Collections.min(values), Collections.max(values), values.size());
  }

  /**
   * The median; of an even number of values the mean of the two in the middle.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static double median(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /**
   * The ratio of pairs that were taken one after the other, and its confidence interval of 95 %:
   * the geometric mean of their ratios, and Student's t for the mean of the logarithms.
   *
   * @throws IllegalArgumentException if there are fewer than two pairs, or not as many of both
   */
  public static Figure ofPairs(List<Double> values, List<Double> to) {
    int n = values.size();
    if (n < 2 || to.size() != n) {
      throw new IllegalArgumentException("pairs: " + n + " to " + to.size());
    }
    double[] logarithms = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      logarithms[i] = Math.log(values.get(i) / to.get(i));
      mean += logarithms[i] / n;
    }
    double squares = 0;
    for (double logarithm : logarithms) {
      squares += (logarithm - mean) * (logarithm - mean);
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    double quantile = new TDistribution(n - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    return new Figure(
        Math.exp(mean), Math.exp(mean - quantile * error), Math.exp(mean + quantile * error), n);
  }
}
