package io.twinport.agent.control;

import io.twinport.config.Log;

/**
 * The way to this process's endpoint. It is loaded while the process starts, so it names what is
 * behind it only where that is needed.
 */
public final class Control implements Runnable {
  private static volatile boolean attached;

  /** What starts the endpoint in the background, for the first channel to run. */
  public Control() {}

  /** Notes that the agent came when the application ran already. */
  public static void agentIsAttached() {
    attached = true;
  }

  /** Whether the agent came when the application ran already. */
  static boolean isAttached() {
    return attached;
  }

  /** Starts the endpoint if it is not there. Quick; never throws. */
  @Override
  public void run() {
    try {
      ControlEndpoint.start(); // Not loaded before.
    } catch (LinkageError e) {
      Log.debug(() -> "nobody can ask for the status: " + Log.cause(e));
    }
  }

  /** Starts the endpoint if it is not there; when this returns, the process can be asked. */
  public static void startNow() {
    ControlEndpoint.startNow();
  }
}
