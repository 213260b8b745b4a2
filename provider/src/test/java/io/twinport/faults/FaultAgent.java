package io.twinport.faults;

import java.lang.instrument.Instrumentation;

/** Where the JVM hands over what classes are rewritten with. */
public final class FaultAgent {
  private static volatile Instrumentation instrumentation;

  private FaultAgent() {}

  /** Called by the JVM. */
  public static void agentmain(String arguments, Instrumentation given) {
    instrumentation = given;
  }

  static Instrumentation instrumentation() {
    return instrumentation;
  }
}
