package io.twinport.agent.recorder;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.jdk.OwnClasses;
import java.io.IOException;

/**
 * Waits for somebody who uses the flight recorder, whose first class has been loaded then. Names
 * none of its classes, which cost tens of milliseconds where nobody records, and may be missing.
 */
public final class Recorder implements Runnable {
  private static final String FOLDER = "io/twinport/agent/recorder/";

  private Recorder() {}

  /**
   * The flight recorder's first class is being loaded, by this thread. It may hold any locks, so
   * all else is for another one. Never throws.
   */
  public static void comes() {
    try {
      Daemon.of("twinport-recorder", new Recorder()).start();
    } catch (RuntimeException | Error e) {
      Log.debug(() -> "no events for the flight recorder: " + Log.cause(e));
    }
  }

  /** It was loaded before: when this returns, a recording that is on has our events. */
  public static void isThere() {
    new Recorder().run();
  }

  @Override
  public void run() {
    try {
      OwnClasses.load(FOLDER);
      OwnClasses.loadRare();
      Recordings.await();
    } catch (IOException | RuntimeException | Error e) {
      Log.debug(() -> "no events for the flight recorder: " + Log.cause(e));
    }
  }
}
