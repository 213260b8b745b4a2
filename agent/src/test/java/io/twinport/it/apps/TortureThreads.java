package io.twinport.it.apps;

import java.lang.reflect.Method;

/** The threads of blocking ends: platform threads, or with {@code -Dvirtual=true} virtual ones. */
final class TortureThreads {
  static final boolean VIRTUAL = Boolean.getBoolean("virtual");

  private TortureThreads() {}

  static Thread unstarted(Runnable task, String name) {
    if (!VIRTUAL) {
      return new Thread(task, name);
    }
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Method unstarted =
          Class.forName("java.lang.Thread$Builder").getMethod("unstarted", Runnable.class);
      return (Thread) unstarted.invoke(builder, task);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("virtual threads come with JDK 21", e);
    }
  }
}
