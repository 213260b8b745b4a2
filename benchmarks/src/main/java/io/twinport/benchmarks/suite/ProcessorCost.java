package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The processor time that both ends need, at a pace at which they are mostly idle. What the client
 * needs to keep that pace and what the compilers need is left out; what the JVMs do besides is
 * measured without round trips, and taken off.
 */
final class ProcessorCost implements Benchmark {
  private static final int BYTES = 64;

  /** The fast one first: it warms up what the slow one would not. */
  private static final int[] RATES = {10_000, 100};

  /** At the slow pace, enough for some dozens of round trips. */
  private static final int QUICK_SLICE_MILLIS = 700;

  private static final int QUICK_SETTINGS = 3;

  /** At the slow pace, enough for hundreds. */
  private static final int SLICE_MILLIS = 2_000;

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String title() {
    return "Processor time of both ends for 1,000 round trips of 64 bytes, at a pace";
  }

  @Override
  public String parameter() {
    return "round trips per second";
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
        (setting, lab, recorder) -> measure(lab.pair(setting), recorder));
  }

  private static void measure(Lab.Pair pair, Recorder recorder) throws IOException {
    Api api = Api.CHANNEL;
    String address = pair.serve(Service.ECHO, api);
    for (int rate : RATES) {
      Message answer =
          pair.client()
              .ask(
                  pair.request("cost", api, address)
                      .with("size", BYTES)
                      .with("rate", rate)
                      .with("server", pair.server().pid())
                      .with("millis", pair.plan().quick() ? QUICK_SLICE_MILLIS : SLICE_MILLIS));
      String parameter = Integer.toString(rate);
      recorder.add(pair.setting(), api, parameter, "time", "ms", millis(answer.numbers("cpu")));
      recorder.add(
          pair.setting(), api, parameter, "background", "ms", millis(answer.numbers("background")));
      recorder.add(pair.setting(), api, parameter, "rate", "1/s", answer.numbers("rate"));
    }
  }

  /** Of a round trip each in nanoseconds, for a thousand of them. */
  private static double[] millis(double[] nanos) {
    return Arrays.stream(nanos).map(value -> value / 1e3).toArray();
  }
}
