package io.twinport.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** How a call ended, as text: what it returned, or the type and message of what it threw. */
final class Outcome {
  /** How an action ended that threw nothing. */
  static final String NORMAL = "returns normally";

  private Outcome() {}

  /** A call that returns nothing. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  static String of(Callable<?> call) {
    try {
      return "returns " + call.call();
    } catch (Exception e) {
      return "throws " + e.getClass().getName() + ": " + e.getMessage();
    }
  }

  static String ofAction(Action action) {
    return of(
        () -> {
          action.run();
          return "normally";
        });
  }

  /**
   * Compares what the JDK's object answered with what ours did; the message names only what
   * differs.
   */
  static void assertSameAnswers(Map<String, String> jdk, Map<String, String> ours) {
    Map<String, String> differences = new TreeMap<>();
    for (Map.Entry<String, String> answer : jdk.entrySet()) {
      String own = ours.get(answer.getKey());
      if (!answer.getValue().equals(own)) {
        differences.put(answer.getKey(), "the JDK's " + answer.getValue() + ", ours " + own);
      }
    }
    assertEquals(Map.of(), differences);
    assertEquals(jdk.keySet(), ours.keySet());
  }
}
