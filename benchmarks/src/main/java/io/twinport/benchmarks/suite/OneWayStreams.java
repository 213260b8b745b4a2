package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.List;

/** One end writes as fast as it may, the other reads. */
final class OneWayStreams implements Benchmark {
  private static final int[] SIZES = {
    64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20
  };
  private static final int[] QUICK_SIZES = {64, 1 << 10, 64 << 10, 1 << 20};

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public String title() {
    return "One-way throughput, by the length of a write";
  }

  @Override
  public String parameter() {
    return "bytes";
  }

  @Override
  public List<Step> steps(Plan plan) {
    return steps(
        List.of(
            new Setting(Transport.TCP, Placement.NONE),
            new Setting(Transport.SAN, Placement.NONE),
            new Setting(Transport.TCP, Placement.ONE),
            new Setting(Transport.SAN, Placement.ONE),
            new Setting(Transport.UNIX, Placement.NONE),
            new Setting(Transport.RING, Placement.TWO)),
        (setting, lab, recorder) -> measure(lab.pair(setting), recorder));
  }

  private static void measure(Lab.Pair pair, Recorder recorder) throws IOException {
    Setting setting = pair.setting();
    Api api = setting.api(Api.CHANNEL);
    for (int size : pair.plan().quick() ? QUICK_SIZES : SIZES) {
      String address = pair.serve(Service.DRAIN, api);
      double[] rates =
          pair.client()
              .ask(pair.request("stream", api, address).with("size", size))
              .numbers("rate");
      recorder.add(setting, api, Integer.toString(size), "rate", "MB/s", rates);
    }
  }
}
