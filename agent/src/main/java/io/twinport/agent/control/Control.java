package io.twinport.agent.control;

import io.twinport.agent.management.Management;
import io.twinport.agent.metrics.Exporter;
import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.jdk.OwnClasses;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The way to this process's endpoint. It is loaded while the process starts, so it names what is
 * behind it only where that is needed.
 */
public final class Control implements Runnable {
  /** Where what is behind it stands in the jar. */
  public static final String FOLDER = "io/twinport/agent/control/";

  /** Where what tells other tools of the numbers stands in the jar. */
  static final String METRICS = "io/twinport/agent/metrics/";

  /** The most that the endpoint waits for the SAN providers: a third party's may hang. */
  private static final long LOADING_MILLIS = 500;

  /** Until there may be memory again. */
  private static final long MEMORY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The settings that the agent was attached with; null in a process that was started with it. */
  private static volatile String attachedWith;

  /** Whether the metrics are served or written, and so their classes are loaded. */
  private static volatile boolean exports;

  private final Settings settings;

  /** What a process begins in the background when it first uses a socket. */
  public Control(Settings settings) {
    this.settings = settings;
  }

  /**
   * Notes that the agent came when the application ran already.
   *
   * @param arguments what was said behind the jar's name, or null
   */
  public static void agentIsAttached(String arguments) {
    attachedWith = arguments == null ? "" : arguments;
  }

  /** Whether the agent came when the application ran already. */
  static boolean isAttached() {
    return attachedWith != null;
  }

  /** What it was attached with, or null. */
  static String attachedWith() {
    return attachedWith;
  }

  /**
   * Has the SAN providers loaded, and the endpoint started behind them, on a thread each. Never
   * throws.
   */
  @Override
  public void run() {
    try {
      Switch.ofThisProcess(); // Not on those threads, for which this one may have to wait.
      Thread loading = Daemon.of("twinport-load", new Loading());
      loading.start();
      Daemon.of("twinport-control", new Serving(loading)).start();
      if (!settings.metrics().isEmpty()) {
        Daemon.of("twinport-metrics", new Exporting(settings)).start();
      }
      if (settings.jmx() == Settings.Jmx.ON) {
        Management.registerNow();
      }
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

  /** The application waits for what is loaded, and nobody asks yet. */
  private record Serving(Thread loading) implements Runnable {
    @Override
    public void run() {
      try {
        loading.join(LOADING_MILLIS);
      } catch (InterruptedException e) {
        Log.debug(() -> "the SAN providers are still being loaded");
      }
      while (!serves()) {
        LockSupport.parkNanos(MEMORY_NANOS);
      }
    }

    /** Serves for as long as the process runs; returns false if there was no memory to begin. */
    private static boolean serves() {
      try {
        OwnClasses.load(FOLDER);
        ControlEndpoint.serve();
      } catch (OutOfMemoryError e) {
        return false;
      } catch (IOException | RuntimeException | Error e) {
        Log.debug(() -> "nobody can ask for the status: " + Log.cause(e));
      }
      return true;
    }
  }

  /** For as long as the process runs. */
  private record Exporting(Settings settings) implements Runnable {
    @Override
    public void run() {
      try {
        OwnClasses.load(METRICS);
        exports = true;
        Exporter.run(settings.metrics(), settings.metricsSeconds());
      } catch (IOException | RuntimeException | Error e) {
        Log.warn("no metrics: " + Log.cause(e));
      }
    }
  }

  /** Where this process serves its metrics: no listener of the application's. Or null. */
  static InetSocketAddress metricsAddress() {
    return exports ? Exporter.served() : null;
  }

  /** Starts the endpoint if it is not there; when this returns, the process can be asked. */
  public static void startNow() {
    try {
      ControlEndpoint.startNow();
    } catch (OutOfMemoryError e) {
      Log.debug(() -> "no control endpoint: " + Log.cause(e));
    }
  }
}
