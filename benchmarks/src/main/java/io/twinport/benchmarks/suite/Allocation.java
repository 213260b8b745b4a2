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

/** What both ends allocate on the heap for a round trip on an established connection. */
final class Allocation implements Benchmark {
  private static final int BYTES = 64;
  private static final int COUNT = 20_000;

  @Override
  public String name() {
    return "allocation";
  }

  @Override
  public String title() {
    return "Bytes allocated on the heap for a round trip of 64 bytes";
  }

  @Override
  public String parameter() {
    return "of";
  }

  @Override
  public List<Step> steps(Plan plan) {
    List<Step> steps = new ArrayList<>();
    for (Api api : List.of(Api.CHANNEL, Api.SELECTOR, Api.SOCKET)) {
      for (Transport transport : List.of(Transport.TCP, Transport.SAN)) {
        Setting setting = new Setting(transport, Placement.ONE);
        steps.add(
            new Step(
                name() + ", " + api + ", " + setting.label(),
                (lab, recorder) -> measure(lab.pair(setting), api, recorder)));
      }
    }
    return steps;
  }

  private static void measure(Lab.Pair pair, Api api, Recorder recorder) throws IOException {
    String address = pair.serve(Service.ECHO, api);
    pair.client().ask(pair.request("open", api, address).with("size", BYTES).with("count", 1));
    burst(pair);
    for (int i = 0; i < pair.plan().slices(); i++) {
      long before = allocated(pair.server());
      double client = burst(pair);
      double server = allocated(pair.server()) - before;
      recorder.add(pair.setting(), api, "the client", "allocated", "B", i, client / COUNT);
      recorder.add(pair.setting(), api, "the server", "allocated", "B", i, server / COUNT);
    }
  }

  private static long burst(Lab.Pair pair) throws IOException {
    Message request = new Message("burst").with("active", 1).with("count", COUNT);
    return pair.client().ask(request).number("bytes");
  }

  private static long allocated(WorkerProcess worker) throws IOException {
    return worker.ask(new Message("allocated")).number("bytes");
  }
}
