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
 * From {@code connect} to the first byte back: warm and back to back; to a server that sleeps; as
 * the first connection to a process; as the first connection of a process.
 */
final class AcceptLatencies implements Benchmark {
  private static final List<Api> APIS = List.of(Api.SELECTOR, Api.SOCKET);

  /** Longer than anybody spins. */
  private static final int PAUSE_MICROS = 5_000;

  /** How much shorter all warm-ups behind the first are. */
  private static final int LATER_WARMUPS = 4;

  private static final int SERVERS = 7;
  private static final int QUICK_SERVERS = 4;
  private static final int QUICK_SETTINGS = 4;

  @Override
  public String name() {
    return "accept";
  }

  @Override
  public String title() {
    return "From connect to the first byte back: accept latency";
  }

  @Override
  public String parameter() {
    return "when";
  }

  @Override
  public List<Step> steps(Plan plan) {
    Setting san = new Setting(Transport.SAN, Placement.NONE);
    List<Setting> settings =
        plan.settings(
            QUICK_SETTINGS,
            new Setting(Transport.TCP, Placement.NONE),
            san,
            new Setting(Transport.TCP, Placement.ONE),
            san.with("wait=spin"),
            new Setting(Transport.SAN, Placement.ONE),
            new Setting(Transport.UNIX, Placement.ONE));
    List<Step> steps =
        new ArrayList<>(
            steps(settings, (setting, lab, recorder) -> warm(lab.pair(setting), recorder)));
    for (Setting setting : settings) {
      if (setting.options().isEmpty() && setting.transport() != Transport.UNIX) {
        steps.add(
            new Step(
                name() + ", cold, " + setting.label(),
                (lab, recorder) -> cold(setting, lab, recorder)));
      }
    }
    return steps;
  }

  private static void warm(Lab.Pair pair, Recorder recorder) throws IOException {
    Setting setting = pair.setting();
    int warmup = pair.plan().connectWarmupMillis();
    for (Api api : setting.transport() == Transport.UNIX ? APIS.subList(0, 1) : APIS) {
      Message request = pair.request("greet", api, pair.serve(Service.GREET, api));
      Message answer = pair.client().ask(request.with("pause", 0).with("warmup", warmup));
      recorder.addLatencies(setting, api, "warm", answer, 1);
      warmup = pair.plan().connectWarmupMillis() / LATER_WARMUPS; // Most of it is compiled by now.
      if (setting.options().isEmpty()) {
        answer = pair.client().ask(request.with("pause", PAUSE_MICROS).with("warmup", warmup));
        recorder.addLatencies(setting, api, "asleep", answer, 1);
      }
    }
  }

  /** Several servers that their client does not know yet; the first one warms the client up. */
  private static void cold(Setting setting, Lab lab, Recorder recorder)
      throws IOException, Unavailable {
    Lab.Pair pair = lab.pair(setting);
    Api api = Api.SELECTOR;
    double micros = first(pair, pair.serve(Service.GREET, api));
    recorder.add(setting, api, "first of client", "p50", Recorder.MICROS, micros);
    int count = lab.plan().quick() ? QUICK_SERVERS : SERVERS;
    boolean agent = setting.transport() == Transport.SAN;
    for (int i = 0; i < count; i++) {
      // Not before their time: their start would be in the way of the connect before.
      try (WorkerProcess server = lab.start(setting, true, agent)) {
        String address = server.serve(Service.GREET, api, setting.transport());
        recorder.add(setting, api, "cold link", "p50", Recorder.MICROS, i, first(pair, address));
      }
    }
  }

  private static double first(Lab.Pair pair, String address) throws IOException {
    Message request = pair.request("first", Api.SELECTOR, address);
    return pair.client().ask(request).numbers("micros")[0];
  }
}
