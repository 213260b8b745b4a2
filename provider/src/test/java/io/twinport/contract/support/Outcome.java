package io.twinport.contract.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** How a call ended, as text: what it returned, or the type and message of what it threw. */
public final class Outcome {
  /** How an action ended that threw nothing. */
  public static final String NORMAL = "returns normally";

  private Outcome() {}

  /** A call that returns nothing. */
  @FunctionalInterface
  public interface Action {
    /** Makes the call. */
    void run() throws Exception;
  }

  /** How {@code call} ends. */
  public static String of(Callable<?> call) {
    try {
      return "returns " + call.call();
    } catch (Exception e) {
      return "throws " + e.getClass().getName() + ": " + e.getMessage();
    }
  }

  /** How {@code action} ends. */
  public static String ofAction(Action action) {
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
  public static void assertSameAnswers(Map<String, String> jdk, Map<String, String> ours) {
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
