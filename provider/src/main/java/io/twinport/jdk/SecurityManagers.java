package io.twinport.jdk;

import io.twinport.config.Log;
import java.security.AllPermission;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether the program has a security manager that is in the way, as JDK 17 still lets it. What the
 * switch does for a socket, it does on the application's threads, and it needs files, classes and
 * names that an application may have no permission for. Its sockets are the JDK's own then.
 */
public final class SecurityManagers {
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private SecurityManagers() {}

  /** Whether one denies the switch what it needs; the first time that it does, this is told. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  public static boolean deny() {
    SecurityManager manager = System.getSecurityManager();
    if (manager == null) {
      return false;
    }
    try {
      manager.checkPermission(new AllPermission());
      return false;
    } catch (SecurityException e) {
      tell();
      return true;
    }
  }

  /** Whether there is one, be it in the way or not. */
  @SuppressWarnings("removal")
  public static boolean present() {
    return System.getSecurityManager() != null;
  }

  /** Says, once, that one is in the way. */
  public static void tell() {
    if (TOLD.compareAndSet(false, true)) {
      Log.warn("a security manager is in the way: sockets are the JDK's own, TCP only");
    }
  }
}
