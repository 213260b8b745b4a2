package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.ends.WorkerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A plain TCP client of two servers, of which one has the agent. Both are asked by turns, in pairs;
 * new processes every few pairs, since two JVMs that are alike are not equally fast.
 */
final class TcpClients implements Benchmark {
  private static final int PROCESSES = 5;
  private static final int QUICK_PROCESSES = 3;
  private static final int PAIRS = 4;
  private static final int BYTES = 64;
  private static final int STREAM_BYTES = 64 << 10;

  @Override
  public String name() {
    return "tcp-clients";
  }

  @Override
  public String title() {
    return "A plain TCP client of a server with the agent and of one without, in pairs";
  }

  @Override
  public String parameter() {
    return "what";
  }

  @Override
  public List<Step> steps(Plan plan) {
    List<Step> steps = new ArrayList<>();
    int processes = plan.quick() ? QUICK_PROCESSES : PROCESSES;
    for (int i = 0; i < processes; i++) {
      int first = i * PAIRS;
      steps.add(
          new Step(
              name() + ", " + (i + 1) + " of " + processes,
              (lab, recorder) -> measure(lab, recorder, first)));
    }
    return steps;
  }

  private static void measure(Lab lab, Recorder recorder, int first)
      throws IOException, Unavailable {
    Setting setting = new Setting(Transport.TCP, Placement.ONE);
    WorkerProcess with = lab.start(setting, true, true);
    WorkerProcess without = lab.start(setting, true, false);
    WorkerProcess client = lab.start(setting, false, false);
    Lab.ready(client);
    Side[] sides = {
      new Side(lab.plan(), setting, without, client),
      new Side(lab.plan(), setting.with(Setting.SERVER_WITH_AGENT), with, client)
    };
    for (int i = 0; i < PAIRS; i++) {
      // By turns, also in who comes first.
      sides[i % 2].measure(recorder, first + i, i == 0);
      sides[1 - i % 2].measure(recorder, first + i, i == 0);
    }
  }

  /** One of the two servers. */
  private static final class Side {
    private final Lab.Pair pair;
    private final Setting setting;
    private final String echo;
    private final String drain;
    private final String file;

    Side(Plan plan, Setting setting, WorkerProcess server, WorkerProcess client)
        throws IOException {
      this.setting = setting;
      pair = new Lab.Pair(plan, setting, server, client);
      echo = pair.serve(Service.ECHO, Api.SELECTOR);
      drain = pair.serve(Service.DRAIN, Api.CHANNEL);
      file = pair.serve(Service.FILE, Api.CHANNEL);
    }

    void measure(Recorder recorder, int index, boolean cold) throws IOException {
      // Longer at first, and again a little each time: a pause makes everything slow.
      int warmup = cold ? pair.plan().warmupMillis() : pair.plan().warmupMillis() / 10;
      Message answer = ask("roundtrip", Api.SELECTOR, echo, warmup, BYTES);
      record(recorder, index, "round trip of 64 bytes", "p50", "us", answer.numbers("p50")[0]);
      answer = ask("stream", Api.CHANNEL, drain, warmup, STREAM_BYTES);
      record(recorder, index, "writes of 64 KiB", "rate", "MB/s", answer.numbers("rate")[0]);
      answer = ask("file", Api.CHANNEL, file, warmup, STREAM_BYTES);
      record(recorder, index, "sendfile", "rate", "MB/s", answer.numbers("rate")[0]);
    }

    private Message ask(String word, Api api, String address, int warmup, int size)
        throws IOException {
      return pair.client()
          .ask(
              pair.request(word, api, address)
                  .with("size", size)
                  .with("rate", 0)
                  .with("warmup", warmup)
                  .with("slices", 1));
    }

    private void record(
        Recorder recorder, int index, String what, String metric, String unit, double value) {
      recorder.add(setting, Api.CHANNEL, what, metric, unit, index, value);
    }
  }
}
