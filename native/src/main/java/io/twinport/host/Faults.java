package io.twinport.host;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** What providers do with what fails: nothing of it may end the service for others. */
public final class Faults {
  /**
   * A constant, so that the class has nothing to initialize: it may be needed first where there is
   * no memory.
   */
  private static final long SHORTEST_PAUSE_NANOS = 1_000_000;

  private static final int MOST_DOUBLINGS = 10;

  private Faults() {}

  /** Says what happened, and where. */
  public static void log(String provider, Throwable fault) {
    Log.error(
        provider
            + ": "
            + Log.cause(fault)
            + Arrays.stream(fault.getStackTrace()).findFirst().map(at -> " at " + at).orElse(""));
  }

  /** What the switch is told when a connect has failed: what it knows, or that the provider did. */
  public static IOException forSwitch(IOException why) {
    return why instanceof SanUnavailableException || why instanceof ConnectException
        ? why
        : new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(why), why);
  }

  /**
   * What fails again and again (a descriptor that somebody else has closed) must not keep a
   * processor busy: the pauses grow from a millisecond to a second.
   *
   * @param before how many faults in a row there were before this one
   */
  public static void pause(int before) {
    LockSupport.parkNanos(SHORTEST_PAUSE_NANOS << Math.min(before, MOST_DOUBLINGS));
  }
}
