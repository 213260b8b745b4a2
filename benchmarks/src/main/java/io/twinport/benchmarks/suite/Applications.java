package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.applications.Application;
import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs that others wrote, unmodified: requests back to back on some connections, one at a time
 * on each. The first seconds of fresh processes, with the connects, have figures of their own.
 */
final class Applications implements Benchmark {
  private static final int[] CONNECTIONS = {1, 16, 64};
  private static final int[] QUICK_CONNECTIONS = {1, 16};
  private static final int QUICK_SETTINGS = 2;

  /** What counts as cold. */
  private static final int COLD_MILLIS = 5_000;

  /** Between what is cold and what is warm. */
  private static final int WARMUP_MILLIS = 1_000;

  private static final int QUICK_WARMUP_MILLIS = 500;

  /** Enough for some thousand requests, of which one in a thousand is looked at. */
  private static final int SLICE_MILLIS = 1_500;

  private static final int QUICK_SLICE_MILLIS = 500;

  @Override
  public String name() {
    return "applications";
  }

  @Override
  public String title() {
    return "Requests to unmodified programs, one at a time on each connection";
  }

  @Override
  public String parameter() {
    return "program/connections";
  }

  @Override
  public List<Step> steps(Plan plan) {
    Setting san = new Setting(Transport.SAN, Placement.NONE);
    List<Setting> settings =
        plan.settings(
            QUICK_SETTINGS,
            new Setting(Transport.TCP, Placement.NONE),
            san,
            san.with("wait=spin"),
            san.with("wait=block"));
    List<Step> steps = new ArrayList<>();
    for (Application application : Application.values()) {
      for (int connections : plan.quick() ? QUICK_CONNECTIONS : CONNECTIONS) {
        String parameter = application.label() + "/" + connections;
        for (Setting setting : settings) {
          steps.add(
              new Step(
                  name() + ", " + parameter + ", " + setting.label(),
                  (lab, recorder) ->
                      measure(lab.pair(setting), application, connections, parameter, recorder)));
        }
      }
    }
    return steps;
  }

  private static void measure(
      Lab.Pair pair, Application application, int connections, String parameter, Recorder recorder)
      throws IOException {
    Setting setting = pair.setting();
    Api api = Api.of(application);
    boolean quick = pair.plan().quick();
    Message request =
        pair.request("load", api, pair.server().serve(application))
            .with("application", application)
            .with("connections", connections)
            .with("server", pair.server().pid());
    Message cold =
        pair.client().ask(request.with("warmup", 0).with("slices", 1).with("millis", COLD_MILLIS));
    if (setting.options().isEmpty()) {
      record(recorder, setting, api, parameter + ", cold", cold);
    }
    Message warm =
        pair.client()
            .ask(
                request
                    .with("warmup", quick ? QUICK_WARMUP_MILLIS : WARMUP_MILLIS)
                    .with("slices", pair.plan().slices())
                    .with("millis", quick ? QUICK_SLICE_MILLIS : SLICE_MILLIS));
    record(recorder, setting, api, parameter, warm);
    recorder.add(setting, api, parameter, "cpu", Recorder.MICROS, warm.numbers("cpu"));
  }

  private static void record(
      Recorder recorder, Setting setting, Api api, String parameter, Message answer) {
    recorder.addLatencies(setting, api, parameter, answer, 1);
    recorder.add(setting, api, parameter, "rate", "1/s", answer.numbers("rate"));
  }
}
