package io.twinport.contract;

import java.util.concurrent.Callable;

/** How a call ended, as text: what it returned, or the type and message of what it threw. */
final class Outcome {
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
}
