package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.ends.WorkerProcess;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What connections take that nobody uses, and what is left of many that were used at once.
 *
 * <p>The heap of a connection is all that is there because it is: ours, the JDK's, and what any
 * program keeps, a session and a key at the server and a wrapper of the channel at the client.
 * TCP's figure has these, too.
 */
final class IdleConnections implements Benchmark {
  private static final int COUNT = 10_000;
  private static final int QUICK_COUNT = 5_000;
  private static final int BURST = 5_000;
  private static final int BURST_BYTES = 4 << 10;
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final long INTERVAL_NANOS = 250_000_000L;

  /** How long shared memory has to stay as it is, for the connections to be idle. */
  private static final long STILL_NANOS = 2_000_000_000L;

  private static final double BACK = 1.1;

  /**
   * The part of the connections that is open before the others are counted: classes, tables and
   * what the compiler keeps come with the first ones, and are not the others'.
   */
  private static final double FIRST = 0.1;

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String title() {
    return "What an idle connection takes, and what a burst on 5,000 of them leaves behind";
  }

  @Override
  public String parameter() {
    return "of";
  }

  @Override
  public List<Step> steps(Plan plan) {
    return steps(
        List.of(
            new Setting(Transport.TCP, Placement.NONE), new Setting(Transport.SAN, Placement.NONE)),
        IdleConnections::measure);
  }

  private static void measure(Setting setting, Lab lab, Recorder recorder)
      throws IOException, Unavailable {
    int count = lab.plan().quick() ? QUICK_COUNT : COUNT;
    ProcessFigures.requireDescriptors(count);
    Lab.Pair pair = lab.pair(setting);
    String address = pair.serve(Service.ECHO, Api.SELECTOR);
    int first = (int) (count * FIRST);
    open(pair, address, first);
    Footprint before = Footprint.of(pair);
    open(pair, address, first + count);
    Footprint after = Footprint.of(pair);
    record(recorder, setting, "a connection", before, after, count);
    burst(pair, after.shared, recorder);
    record(recorder, setting, "a connection after a burst", before, Footprint.of(pair), count);
  }

  /** What has come to the footprint, for each of so many connections. */
  private static void record(
      Recorder recorder,
      Setting setting,
      String each,
      Footprint before,
      Footprint after,
      int count) {
    double client = (after.clientHeap - before.clientHeap) / count;
    record(recorder, setting, each, "heap, client", "B", client);
    double server = (after.serverHeap - before.serverHeap) / count;
    record(recorder, setting, each, "heap, server", "B", server);
    double shared = (after.shared - before.shared) / count;
    record(recorder, setting, each, "shared memory", "B", shared);
    double descriptors = (after.descriptors - before.descriptors) / count;
    record(recorder, setting, each, "descriptors", "", descriptors);
  }

  private static void record(
      Recorder recorder, Setting setting, String of, String metric, String unit, double value) {
    recorder.add(setting, Api.SELECTOR, of, metric, unit, value);
  }

  private static void open(Lab.Pair pair, String address, int count) throws IOException {
    pair.client()
        .ask(
            pair.request("open", Api.CHANNEL, address)
                .with("size", BURST_BYTES)
                .with("count", count));
  }

  private static void burst(Lab.Pair pair, double before, Recorder recorder) throws IOException {
    pair.client().ask(new Message("burst").with("active", BURST).with("count", 1));
    double highest = resident(pair);
    long begin = System.nanoTime();
    double now;
    long nanos;
    do {
      now = resident(pair);
      nanos = System.nanoTime() - begin;
      highest = Math.max(highest, now);
      if (now > before * BACK) {
        LockSupport.parkNanos(INTERVAL_NANOS);
      }
    } while (now > before * BACK && nanos < PATIENCE_NANOS);
    String of = "a burst";
    record(recorder, pair.setting(), of, "shared memory before", "MB", before / 1e6);
    record(recorder, pair.setting(), of, "shared memory at once", "MB", highest / 1e6);
    record(recorder, pair.setting(), of, "shared memory then", "MB", now / 1e6);
    record(recorder, pair.setting(), of, "time", "s", nanos / 1e9);
  }

  private static double resident(Lab.Pair pair) throws IOException {
    return ProcessFigures.sharedBytes(pair.server().pid(), pair.client().pid());
  }

  /** In bytes, but for the descriptors; those are both ends' together. */
  private record Footprint(
      double clientHeap, double serverHeap, double shared, double descriptors) {
    /** Each connection has carried a message when it was opened: waits until that is over. */
    static Footprint of(Lab.Pair pair) throws IOException {
      double shared = still(pair);
      return new Footprint(
          heap(pair.client()),
          heap(pair.server()),
          shared,
          ProcessFigures.descriptors(pair.server().pid())
              + ProcessFigures.descriptors(pair.client().pid()));
    }

    /** The shared memory that is resident when it has not changed for a while. */
    private static double still(Lab.Pair pair) throws IOException {
      double last = resident(pair);
      long begin = System.nanoTime();
      long since = begin;
      while (last > 0
          && System.nanoTime() - since < STILL_NANOS
          && System.nanoTime() - begin < PATIENCE_NANOS) {
        LockSupport.parkNanos(INTERVAL_NANOS);
        double now = resident(pair);
        if (now != last) {
          last = now;
          since = System.nanoTime();
        }
      }
      return last;
    }

    private static double heap(WorkerProcess worker) throws IOException {
      return worker.ask(new Message("heap")).number("bytes");
    }
  }
}
