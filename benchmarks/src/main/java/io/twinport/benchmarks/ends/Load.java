package io.twinport.benchmarks.ends;

import io.twinport.benchmarks.applications.Application;
import io.twinport.benchmarks.applications.Client;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.AtomicHistogram;

/**
 * Clients of an application, each with a connection and a thread of its own. Each sends its next
 * request as soon as the last one is answered, from the first measurement until the process ends.
 */
final class Load {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Application application;
  private final int port;

  /** How many requests of each connection have been answered; 0 until it is open. */
  private final AtomicLongArray answered;

  /** What ended a client. */
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  /** Takes the latencies between slices. */
  private final AtomicHistogram between = Pace.histogram();

  /** Takes the latencies of all clients now. */
  private volatile AtomicHistogram current = between;

  private boolean begun;

  /** That begins with the first measurement. */
  Load(Application application, int port, int connections) {
    this.application = application;
    this.port = port;
    answered = new AtomicLongArray(connections);
  }

  /**
   * Measures. The first slice of the first measurement begins before the first connect; for later
   * measurements all connections are open. A slice goes on until there is an answer in it.
   *
   * @param server the number of the server's process
   * @return of each slice the percentiles in microseconds; {@code rate}, in requests per second;
   *     {@code cpu}, the processor time of both processes for a request, in microseconds, without
   *     the compilers'
   */
  Message measure(Pace pace, long server) throws Exception {
    AtomicHistogram[] histograms = new AtomicHistogram[pace.slices()];
    double[] rates = new double[histograms.length];
    double[] costs = new double[histograms.length];
    if (begun) {
      await(() -> answered.get(answered.length() - 1) > 0, "Not all connections could be opened");
    }
    long[] before = counts();
    TimeUnit.NANOSECONDS.sleep(pace.warmupNanos());
    for (int i = 0; i < histograms.length; i++) {
      histograms[i] = Pace.histogram();
      // Outside the slice: to read the times of some hundred threads takes milliseconds.
      long processor = Worker.othersNanos(server);
      current = histograms[i];
      long begin = System.nanoTime();
      if (!begun) {
        begun = true;
        start(0);
      }
      TimeUnit.NANOSECONDS.sleep(pace.sliceNanos());
      AtomicHistogram histogram = histograms[i];
      await(() -> histogram.getTotalCount() > 0, "No request was answered in a slice");
      current = between;
      double count = histogram.getTotalCount();
      rates[i] = count * 1e9 / (System.nanoTime() - begin);
      costs[i] = (Worker.othersNanos(server) - processor) / count / 1e3;
    }
    // It would be seen in no percentile.
    await(() -> moved(before), "A connection stands still");
    return Pace.summarize(histograms).with("rate", rates).with("cpu", costs);
  }

  /** Waits, as nothing may go on at once where others are busy. */
  private void await(BooleanSupplier condition, String otherwise) throws Exception {
    long begin = System.nanoTime();
    while (failure.get() == null && !condition.getAsBoolean()) {
      if (System.nanoTime() - begin > PATIENCE_NANOS) {
        throw new IOException(otherwise);
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private long[] counts() {
    long[] counts = new long[answered.length()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = answered.get(i);
    }
    return counts;
  }

  /** Whether each connection that is open has had an answer since. */
  private boolean moved(long... since) {
    for (int i = 0; i < since.length; i++) {
      long now = answered.get(i);
      if (now > 0 && now == since[i]) {
        return false;
      }
    }
    return true;
  }

  private void start(int index) {
    Thread thread =
        new Thread(
            () -> {
              try {
                run(index);
              } catch (Exception e) {
                failure.compareAndSet(null, e);
              }
            },
            "client " + index);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * A client's life. The next one begins when this one has had its first answer: so no backlog is
   * too short for them.
   */
  private void run(int index) throws Exception {
    Client client = application.connect(port);
    request(client, index);
    if (index + 1 < answered.length()) {
      start(index + 1);
    }
    while (true) {
      request(client, index);
    }
  }

  private void request(Client client, int index) throws Exception {
    long begin = System.nanoTime();
    client.request();
    long nanos = System.nanoTime() - begin;
    current.recordValue(Math.min(nanos, Pace.LONGEST_NANOS));
    answered.lazySet(index, answered.get(index) + 1);
  }
}
