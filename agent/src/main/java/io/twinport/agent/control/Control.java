package io.twinport.agent.control;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.jdk.OwnClasses;
import java.io.IOException;

/**
 * The way to this process's endpoint. It is loaded while the process starts, so it names what is
 * behind it only where that is needed.
 */
public final class Control implements Runnable {
  /** Where what is behind it stands in the jar. */
  public static final String FOLDER = "io/twinport/agent/control/";

  private static volatile boolean attached;

  /** What a process begins in the background when it first uses a socket. */
  public Control() {}

  /** Notes that the agent came when the application ran already. */
  public static void agentIsAttached() {
    attached = true;
  }

  /** Whether the agent came when the application ran already. */
  static boolean isAttached() {
    return attached;
  }

  /** Has the SAN providers loaded, and the endpoint started, on a thread each. Never throws. */
  @Override
  public void run() {
    try {
      Switch.ofThisProcess(); // Not on those threads, for which this one may have to wait.
      Daemon.of("twinport-load", new Loading()).start();
      Daemon.of("twinport-control", new Serving()).start();
    } catch (RuntimeException | Error e) {
      // No thread to be had, or a security manager: not for the application's open() to fail.
      Log.debug(() -> "nothing begins in the background: " + Log.cause(e));
    }
  }

  /** A third party's provider may take its time, or hang. */
  private static final class Loading implements Runnable {
    @Override
    public void run() {
      try {
        Switch.prepare();
      } catch (RuntimeException | Error e) {
        Log.debug(() -> "the SAN providers were not loaded ahead: " + Log.cause(e));
      }
    }
  }

  private static final class Serving implements Runnable {
    @Override
    public void run() {
      try {
        OwnClasses.load(FOLDER);
        ControlEndpoint.serve();
      } catch (IOException | RuntimeException | Error e) {
        Log.debug(() -> "nobody can ask for the status: " + Log.cause(e));
      }
    }
  }

  /** Starts the endpoint if it is not there; when this returns, the process can be asked. */
  public static void startNow() {
    ControlEndpoint.startNow();
  }
}
