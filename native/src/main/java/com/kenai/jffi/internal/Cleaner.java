package com.kenai.jffi.internal;

/**
 * Stands in the place of jffi's class of this name. That one calls the JDK's cleaner by reflection,
 * and so often that a cold process would have a class made for these calls.
 */
public final class Cleaner {
  private static final java.lang.ref.Cleaner CLEANER = java.lang.ref.Cleaner.create();

  private Cleaner() {}

  /**
   * Has {@code free} run once {@code object} is not reachable any more.
   *
   * @return {@code free}, which nobody asks for
   */
  public static Runnable register(Object object, Runnable free) {
    CLEANER.register(object, free);
    return free;
  }
}
