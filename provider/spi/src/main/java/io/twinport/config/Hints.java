package io.twinport.config;

/**
 * Hints of a thread that spins, on which nothing depends. BlockHound changes the JDK's methods for
 * them: in threads that must not block they throw its own error. Over TCP the application's call
 * would give no hint, so the error is not to reach it: from the first one on none are given.
 */
public final class Hints {
  /** No more than a hint itself: a thread that has not seen it yet gets the error, too. */
  private static boolean unwanted;

  private Hints() {}

  /** As {@link Thread#onSpinWait}. */
  public static void onSpinWait() {
    if (!unwanted) {
      try {
        Thread.onSpinWait();
      } catch (Error e) {
        failed(e);
      }
    }
  }

  /** As {@link Thread#yield}. */
  @SuppressWarnings("ThreadPriorityCheck") // Not for correctness.
  public static void yieldCore() {
    if (!unwanted) {
      try {
        Thread.yield();
      } catch (Error e) {
        failed(e);
      }
    }
  }

  /** Throws what a hint has thrown, if that is not BlockHound's. */
  static void failed(Error error) {
    if (!error.getClass().getName().equals("reactor.blockhound.BlockingOperationError")) {
      throw error;
    }
    unwanted = true;
  }
}
