package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Setting.Surroundings;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One message there and back, on an established connection. */
final class RoundTrips implements Benchmark {
  private static final Setting SAN = new Setting(Transport.SAN, Placement.NONE);
  private static final int SMALL = 64;
  private static final int LARGE = 16 << 10;
  private static final int[] SIZES = {1, SMALL, 1 << 10, 16 << 10, 64 << 10, 1 << 20};
  private static final int[] QUICK_SIZES = {1, SMALL, 16 << 10, 1 << 20};

  @Override
  public String name() {
    return "roundtrip";
  }

  @Override
  public String title() {
    return "One message there and back, blocking, with selectors and through java.net";
  }

  @Override
  public String parameter() {
    return "bytes";
  }

  @Override
  public List<Step> steps(Plan plan) {
    List<Step> steps = new ArrayList<>();
    steps.addAll(
        steps(
            List.of(
                new Setting(Transport.TCP, Placement.NONE),
                SAN,
                new Setting(Transport.TCP, Placement.ONE),
                new Setting(Transport.SAN, Placement.ONE)),
            RoundTrips::everything));
    steps.addAll(
        steps(
            List.of(
                new Setting(Transport.UNIX, Placement.ONE),
                new Setting(Transport.UNIX, Placement.NONE),
                new Setting(Transport.RING, Placement.TWO)),
            (setting, lab, recorder) ->
                measure(lab.pair(setting), Api.CHANNEL, sizes(lab.plan()), recorder)));
    steps.addAll(
        steps(
            List.of(
                new Setting(Transport.TCP, Placement.TWO),
                new Setting(Transport.SAN, Placement.TWO),
                new Setting(Transport.TCP, Surroundings.BUSY),
                new Setting(Transport.SAN, Surroundings.BUSY)),
            (setting, lab, recorder) -> {
              Lab.Pair pair = lab.pair(setting);
              measure(pair, Api.CHANNEL, new int[] {SMALL}, recorder);
              measure(pair, Api.SELECTOR, new int[] {SMALL}, recorder);
            }));
    return steps;
  }

  private static int[] sizes(Plan plan) {
    return plan.quick() ? QUICK_SIZES : SIZES;
  }

  private static void everything(Setting setting, Lab lab, Recorder recorder)
      throws IOException, Unavailable {
    Lab.Pair pair = lab.pair(setting);
    measure(pair, Api.CHANNEL, sizes(lab.plan()), recorder);
    measure(
        pair, Api.SELECTOR, lab.plan().quick() ? new int[] {SMALL} : sizes(lab.plan()), recorder);
    measure(pair, Api.SOCKET, new int[] {SMALL}, recorder);
    if (setting.equals(SAN)) {
      for (int size : new int[] {SMALL, LARGE}) {
        measureBesideRing(pair, size, recorder);
      }
    }
  }

  /**
   * In turns: whether two virtual processors share a cache depends on where the host runs them, and
   * may change whenever one has been idle.
   */
  private static void measureBesideRing(Lab.Pair pair, int size, Recorder recorder)
      throws IOException {
    Api api = Api.CHANNEL;
    Setting setting = pair.setting();
    String ring = pair.server().serve(Service.ECHO, Api.MEMORY, Transport.RING);
    Message answer =
        pair.client()
            .ask(
                pair.request("beside", api, pair.serve(Service.ECHO, api))
                    .with("size", size)
                    .with("ring", ring));
    String bytes = Integer.toString(size);
    recorder.add(
        setting, api, bytes, "median beside a bare ring", Recorder.MICROS, answer.numbers("own"));
    recorder.add(
        setting,
        api,
        bytes,
        "median of that ring, 64 bytes",
        Recorder.MICROS,
        answer.numbers("ring"));
  }

  private static void measure(Lab.Pair pair, Api api, int[] sizes, Recorder recorder)
      throws IOException {
    Setting setting = pair.setting();
    for (int size : sizes) {
      String address = pair.serve(Service.ECHO, api);
      recorder.addLatencies(
          setting,
          setting.api(api),
          Integer.toString(size),
          pair.roundTrips(setting.api(api), address, size),
          1);
    }
  }
}
