package io.twinport.agent.start;

import java.lang.instrument.Instrumentation;

/**
 * Where the JVM enters the agent. Signatures here name types of the JDK only: the JVM links them by
 * reflection, and aborts if one can't be found.
 */
public final class Premain {
  private Premain() {}

  /** Called before the application's {@code main}, for {@code -javaagent}. Never throws. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** Called in a JVM that runs already. Never throws. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  private static void start(String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      Bootstrap.start(arguments, instrumentation, attached);
    } catch (Throwable t) {
      // Anything thrown from here would end the application before it began.
      System.err.println("twinport: not started, everything goes by TCP: " + t);
    }
  }
}
