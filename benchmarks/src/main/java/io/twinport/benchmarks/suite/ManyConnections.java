package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.List;

/** What a round trip costs beside connections that are open and silent. */
final class ManyConnections implements Benchmark {
  private static final int BYTES = 64;

  /** How many are open, and how many of them are active. */
  private static final int[][] CROWDS = {
    {1, 1}, {100, 1}, {100, 10}, {10_000, 1}, {10_000, 100}, {10_000, 1_000}
  };

  private static final int QUICK_SETTINGS = 2;

  @Override
  public String name() {
    return "connections";
  }

  @Override
  public String title() {
    return "A round trip beside connections that are silent; all active ones at once";
  }

  @Override
  public String parameter() {
    return "open/active";
  }

  @Override
  public List<Step> steps(Plan plan) {
    return steps(
        plan.settings(
            QUICK_SETTINGS,
            new Setting(Transport.TCP, Placement.NONE),
            new Setting(Transport.SAN, Placement.NONE),
            new Setting(Transport.TCP, Placement.ONE),
            new Setting(Transport.SAN, Placement.ONE)),
        ManyConnections::measure);
  }

  private static void measure(Setting setting, Lab lab, Recorder recorder)
      throws IOException, Unavailable {
    ProcessFigures.requireDescriptors(CROWDS[CROWDS.length - 1][0]);
    Lab.Pair pair = lab.pair(setting);
    String address = pair.serve(Service.ECHO, Api.SELECTOR);
    for (int[] crowd : CROWDS) {
      pair.client()
          .ask(
              pair.request("open", Api.CHANNEL, address)
                  .with("size", BYTES)
                  .with("count", crowd[0]));
      recorder.addLatencies(
          setting,
          Api.SELECTOR,
          crowd[0] + "/" + crowd[1],
          pair.client().ask(pair.request("crowd", Api.CHANNEL, address).with("active", crowd[1])),
          crowd[1]);
    }
  }
}
