package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Setting;
import java.io.IOException;
import java.util.List;

/** Something to be measured, in steps that are independent of each other. */
interface Benchmark {
  /** One word, by which it is asked for. */
  String name();

  /** What it measures, on one line. */
  String title();

  /** What its parameter is, for the head of a column. */
  String parameter();

  List<Step> steps(Plan plan);

  /** A step for each setting, named after it. */
  default List<Step> steps(List<Setting> settings, SettingBody body) {
    return settings.stream()
        .map(
            setting ->
                new Step(
                    name() + ", " + setting.label(),
                    (lab, recorder) -> body.run(setting, lab, recorder)))
        .toList();
  }

  /**
   * What is measured in one go, usually one setting in processes of its own.
   *
   * @param label for people
   * @param body measures
   */
  record Step(String label, Body body) {}

  /** Measures. */
  interface Body {
    /**
     * Measures once.
     *
     * @throws Unavailable if this machine can't do it
     * @throws IOException if something failed that should not have
     */
    void run(Lab lab, Recorder recorder) throws IOException, Unavailable;
  }

  /** Measures in a setting. */
  interface SettingBody {
    /** Measures once, as {@link Body#run}. */
    void run(Setting setting, Lab lab, Recorder recorder) throws IOException, Unavailable;
  }
}
