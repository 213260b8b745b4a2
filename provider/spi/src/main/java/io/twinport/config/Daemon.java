package io.twinport.config;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Makes this product's threads. A thread is the child of whoever needs it first, which is a thread
 * of the application's, and would keep what it inherits for as long as it lives: a thread group, a
 * context class loader, thread-locals, a priority and, up to JDK 23, an access-control context,
 * which refers to the class loaders of all its creator's callers. These inherit nothing.
 */
public final class Daemon {
  private Daemon() {}

  /** Makes a daemon thread in the root thread group and with no context class loader. */
  // Up to JDK 23 a thread keeps the context that it is made in. Its priority is the usual one.
  @SuppressWarnings({"removal", "ThreadPriorityCheck"})
  public static Thread of(String name, Runnable task) {
    return AccessController.doPrivileged(
        new PrivilegedAction<>() { // A lambda's first use would cost milliseconds.
          @Override
          public Thread run() {
            Thread thread = new Thread(root(), task, name, 0, false);
            thread.setDaemon(true);
            thread.setPriority(Thread.NORM_PRIORITY);
            thread.setContextClassLoader(null);
            return thread;
          }
        });
  }

  private static ThreadGroup root() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
