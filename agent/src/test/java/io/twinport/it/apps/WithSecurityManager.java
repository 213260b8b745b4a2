package io.twinport.it.apps;

import java.util.Arrays;

/**
 * Runs another program under a security manager, which it sets itself. Arguments: the program's
 * class and its arguments.
 */
public final class WithSecurityManager {
  private WithSecurityManager() {}

  /** Runs the program. */
  @SuppressWarnings("removal") // JDK 17 still has security managers.
  public static void main(String[] arguments) throws Exception {
    System.setSecurityManager(new SecurityManager());
    Class.forName(arguments[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
