package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.List;

/** Connections that are opened, greeted and closed, per second. */
final class ConnectRates implements Benchmark {
  private static final int[] THREADS = {1, 4};
  private static final int QUICK_SETTINGS = 3;

  @Override
  public String name() {
    return "connects";
  }

  @Override
  public String title() {
    return "Connections opened, greeted and closed per second";
  }

  @Override
  public String parameter() {
    return "client threads";
  }

  @Override
  public List<Step> steps(Plan plan) {
    return steps(
        plan.settings(
            QUICK_SETTINGS,
            new Setting(Transport.TCP, Placement.NONE),
            new Setting(Transport.SAN, Placement.NONE),
            new Setting(Transport.TCP, Placement.ONE),
            new Setting(Transport.SAN, Placement.ONE),
            new Setting(Transport.UNIX, Placement.ONE)),
        (setting, lab, recorder) -> measure(lab.pair(setting), recorder));
  }

  private static void measure(Lab.Pair pair, Recorder recorder) throws IOException {
    Api api = Api.SELECTOR;
    boolean warm = false;
    for (int threads : THREADS) {
      String address = pair.serve(Service.GREET, api);
      Message request = pair.request("connects", api, address).with("threads", threads);
      if (!warm) {
        request.with("warmup", pair.plan().connectWarmupMillis());
        warm = true;
      }
      double[] rates = pair.client().ask(request).numbers("rate");
      recorder.add(pair.setting(), api, Integer.toString(threads), "rate", "1/s", rates);
    }
  }
}
