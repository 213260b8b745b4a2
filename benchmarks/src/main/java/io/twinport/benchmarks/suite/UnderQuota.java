package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Setting.Surroundings;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.List;

/** Both ends together have half a processor, by a control group's quota. */
final class UnderQuota implements Benchmark {
  private static final int BYTES = 64;
  private static final int RATE = 1_000;

  /** Less would be a few of the kernel's periods only. */
  private static final int SLICE_MILLIS = 500;

  private static final int WARMUP_MILLIS = 1_500;

  @Override
  public String name() {
    return "quota";
  }

  @Override
  public String title() {
    return "Round trips of 64 bytes where both ends together have half a processor";
  }

  @Override
  public String parameter() {
    return "pace";
  }

  @Override
  public List<Step> steps(Plan plan) {
    return steps(
        List.of(
            new Setting(Transport.TCP, Surroundings.QUOTA),
            new Setting(Transport.SAN, Surroundings.QUOTA)),
        (setting, lab, recorder) -> {
          Lab.Pair pair = lab.pair(setting);
          measure(lab, pair, "back to back", 0, recorder);
          measure(lab, pair, RATE + "/s", RATE, recorder);
        });
  }

  private static void measure(Lab lab, Lab.Pair pair, String pace, int perSecond, Recorder recorder)
      throws IOException, Unavailable {
    Api api = Api.CHANNEL;
    Setting setting = pair.setting();
    String address = pair.serve(Service.ECHO, api);
    pair.client().ask(request(pair, address, perSecond, WARMUP_MILLIS).with("slices", 1));
    Quota quota = lab.quota();
    for (int i = 0; i < pair.plan().slices(); i++) {
      long periods = quota.periods();
      long throttled = quota.throttled();
      long begin = System.nanoTime();
      Message answer =
          pair.client()
              .ask(
                  request(
                          pair,
                          address,
                          perSecond,
                          Math.max(pair.plan().sliceMillis(), SLICE_MILLIS))
                      .with("warmup", 0)
                      .with("slices", 1));
      double seconds = (System.nanoTime() - begin) / 1e9;
      for (String metric : List.of("p50", "p99")) {
        recorder.add(setting, api, pace, metric, Recorder.MICROS, i, answer.numbers(metric)[0]);
      }
      recorder.add(setting, api, pace, "rate", "1/s", i, answer.numbers("count")[0] / seconds);
      recorder.add(
          setting,
          api,
          pace,
          "throttled",
          "%",
          i,
          100.0 * (quota.throttled() - throttled) / Math.max(1, quota.periods() - periods));
    }
  }

  private static Message request(Lab.Pair pair, String address, int perSecond, int millis) {
    return pair.request("roundtrip", Api.CHANNEL, address)
        .with("size", BYTES)
        .with("rate", perSecond)
        .with("millis", millis);
  }
}
