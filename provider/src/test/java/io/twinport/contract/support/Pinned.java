package io.twinport.contract.support;

/**
 * Runs what {@link Threads#pinned} says while it is initialised, which is a call from the JVM: a
 * virtual thread does not leave its carrier inside. Each use is a new class of these bytes.
 */
final class Pinned {
  static {
    Threads.runPinned();
  }

  private Pinned() {}
}
