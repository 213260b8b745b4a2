package io.twinport.agent.management;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.jdk.OwnClasses;
import java.io.IOException;

/**
 * Waits for somebody who makes the platform's MBean server. Making it sooner would initialise
 * {@code java.util.logging}, and choose the MBean server's builder, before the application has said
 * which it wants. That it is made shows in classes being loaded; a program may have loaded some of
 * them before, for an MBean server of its own, so there are several, and each has us look.
 */
public final class Management implements Runnable {
  /** A class without which there is no MBean server. */
  public static final String FIRST_SIGN = "com/sun/jmx/mbeanserver/JmxMBeanServer";

  private static final String[] SIGNS = {
    FIRST_SIGN,
    "com/sun/jmx/mbeanserver/MXBeanLookup",
    "sun/management/ClassLoadingImpl",
    "sun/management/CompilationImpl",
    "sun/management/ManagementFactoryHelper$PlatformLoggingImpl"
  };

  private static volatile boolean off;
  private static volatile boolean registered;

  private final boolean make;

  private Management(boolean make) {
    this.make = make;
  }

  /** Nothing is to be registered, whoever comes. */
  public static void turnOff() {
    off = true;
  }

  /**
   * Takes note of a class of the JDK's management that is being loaded, by this thread, or was. It
   * may hold any locks, so all else is for another one. Never throws.
   */
  public static void loaded(String name) {
    if (!off && !registered) {
      for (String sign : SIGNS) {
        if (sign.equals(name)) {
          begin(false);
        }
      }
    }
  }

  /** Has the platform's MBean server made if it is not there, and registers. Never throws. */
  public static void registerNow() {
    begin(true);
  }

  private static void begin(boolean make) {
    try {
      Daemon.of("twinport-jmx", new Management(make)).start();
    } catch (RuntimeException | Error e) {
      Log.debug(() -> "no MXBeans: " + Log.cause(e));
    }
  }

  @Override
  public void run() {
    try {
      OwnClasses.load("io/twinport/agent/metrics/", "io/twinport/agent/management/");
      if (Registration.register(make)) {
        registered = true;
      }
    } catch (IOException | RuntimeException | Error e) {
      if (make) {
        Log.warn("twinport.jmx=on: no MXBeans: " + Log.cause(e));
      } else {
        Log.debug(() -> "no MXBeans: " + Log.cause(e));
      }
    }
  }
}
