package io.twinport.benchmarks.ends;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long a measurement takes: some time that does not count, then slices that do. Each slice has
 * figures of its own, so that one sees how they spread.
 *
 * @param warmupNanos what does not count
 * @param slices how many count
 * @param sliceNanos how long each is
 */
record Pace(long warmupNanos, int slices, long sliceNanos) {
  /** The percentiles that are kept of every slice. */
  private static final double[] PERCENTILES = {
    0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100
  };

  /** The longest latency that is told from longer ones. */
  static final long LONGEST_NANOS = 60_000_000_000L;

  private static final int DIGITS = 3;

  /** Enough for both ends to find their pace again. */
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  /** What is measured, once. */
  interface Operation {
    void run() throws Exception;
  }

  static Pace of(Message request) {
    return new Pace(
        request.number("warmup") * 1_000_000,
        (int) request.number("slices"),
        request.number("millis") * 1_000_000);
  }

  /** Runs, as often as there is time, and returns how often that was in each slice, per second. */
  double[] rates(Operation operation) throws Exception {
    run(operation, warmupNanos);
    double[] rates = new double[slices];
    for (int i = 0; i < slices; i++) {
      long begin = System.nanoTime();
      long count = run(operation, sliceNanos);
      rates[i] = count * 1e9 / (System.nanoTime() - begin);
    }
    return rates;
  }

  private static long run(Operation operation, long nanos) throws Exception {
    long end = System.nanoTime() + nanos;
    long count = 0;
    do {
      operation.run();
      count++;
    } while (System.nanoTime() < end);
    return count;
  }

  /**
   * Times an operation as often as there is time.
   *
   * @param after runs after each, and is not timed
   * @param pauseNanos to sleep before each
   * @return of each slice the percentiles, in microseconds, and how many there were
   */
  Message latencies(Operation operation, Operation after, long pauseNanos) throws Exception {
    record(new Histogram(LONGEST_NANOS, DIGITS), warmupNanos, operation, after, pauseNanos);
    Histogram[] histograms = new Histogram[slices];
    for (int i = 0; i < slices; i++) {
      histograms[i] = new Histogram(LONGEST_NANOS, DIGITS);
      record(histograms[i], sliceNanos, operation, after, pauseNanos);
    }
    return summarize(histograms);
  }

  /**
   * Times operations in turns so short that all meet the same surroundings.
   *
   * @return of each the medians of the slices, in microseconds
   */
  double[][] mediansInTurns(Operation... operations) throws Exception {
    inTurns(warmupNanos, operations);
    double[][] medians = new double[operations.length][slices];
    for (int slice = 0; slice < slices; slice++) {
      Histogram[] histograms = inTurns(sliceNanos, operations);
      for (int i = 0; i < operations.length; i++) {
        medians[i][slice] = histograms[i].getValueAtPercentile(50) / 1e3;
      }
    }
    return medians;
  }

  private static Histogram[] inTurns(long nanos, Operation... operations) throws Exception {
    Histogram[] histograms = new Histogram[operations.length];
    Arrays.setAll(histograms, i -> new Histogram(LONGEST_NANOS, DIGITS));
    long end = System.nanoTime() + nanos;
    do {
      for (int i = 0; i < operations.length; i++) {
        record(histograms[i], TURN_NANOS, operations[i], () -> {}, 0);
      }
    } while (System.nanoTime() - end < 0);
    return histograms;
  }

  private static void record(
      Histogram histogram, long nanos, Operation operation, Operation after, long pauseNanos)
      throws Exception {
    long end = System.nanoTime() + nanos;
    long now;
    do {
      if (pauseNanos > 0) {
        LockSupport.parkNanos(pauseNanos);
      }
      long begin = System.nanoTime();
      operation.run();
      now = System.nanoTime();
      histogram.recordValue(Math.min(now - begin, LONGEST_NANOS));
      after.run();
    } while (now < end);
  }

  /**
   * Times an operation that begins so many times a second. One that begins late is timed from its
   * own begin, and the next ones follow at once until the schedule is met again.
   */
  Message paced(Operation operation, long perSecond) throws Exception {
    if (warmupNanos > 0) {
      record(new Histogram(LONGEST_NANOS, DIGITS), warmupNanos, operation, perSecond);
    }
    Histogram[] histograms = new Histogram[slices];
    for (int i = 0; i < slices; i++) {
      histograms[i] = new Histogram(LONGEST_NANOS, DIGITS);
      record(histograms[i], sliceNanos, operation, perSecond);
    }
    return summarize(histograms);
  }

  private static void record(Histogram histogram, long nanos, Operation operation, long perSecond)
      throws Exception {
    long start = System.nanoTime();
    long count = Math.max(1, nanos * perSecond / 1_000_000_000);
    for (long i = 0; i < count; i++) {
      long due = start + i * 1_000_000_000 / perSecond;
      long early;
      while ((early = due - System.nanoTime()) > 0) {
        LockSupport.parkNanos(early);
      }
      long begin = System.nanoTime();
      operation.run();
      histogram.recordValue(Math.min(System.nanoTime() - begin, LONGEST_NANOS));
    }
  }

  /** A histogram of latencies in nanoseconds that many threads may add to. */
  static AtomicHistogram histogram() {
    return new AtomicHistogram(LONGEST_NANOS, DIGITS);
  }

  /** The percentiles of each histogram, in microseconds, and how many values it has. */
  static Message summarize(Histogram... histograms) {
    Message message = new Message(Message.OK);
    for (double percentile : PERCENTILES) {
      double[] micros = new double[histograms.length];
      for (int i = 0; i < histograms.length; i++) {
        micros[i] = histograms[i].getValueAtPercentile(percentile) / 1e3;
      }
      message.with(name(percentile), micros);
    }
    double[] counts = new double[histograms.length];
    for (int i = 0; i < histograms.length; i++) {
      counts[i] = histograms[i].getTotalCount();
    }
    return message.with("count", counts);
  }

  private static String name(double percentile) {
    return percentile == (int) percentile ? "p" + (int) percentile : "p" + percentile;
  }
}
