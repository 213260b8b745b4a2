package io.twinport.agent;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the switch's classes once a process has opened its first channel, beside what the
 * application does: the jar may be overwritten while the process runs, and a class that is first
 * needed then is lost.
 */
final class SwitchClasses implements Runnable {
  private static final String[] ROOTS = {
    "io/twinport/config/", "io/twinport/spi/", "io/twinport/nio/"
  };
  private static final String CLASS = ".class";

  private final Path jar;

  private SwitchClasses(Path jar) {
    this.jar = jar;
  }

  /** Begins to. Quick; never throws. */
  static void loadAside(Path jar) {
    try {
      Daemon.of("twinport-classes", new SwitchClasses(jar)).start();
    } catch (RuntimeException | Error e) {
      Log.debug(() -> "no classes are loaded ahead: " + Log.cause(e));
    }
  }

  @Override
  public void run() {
    try (JarFile file = new JarFile(jar.toFile())) {
      Enumeration<JarEntry> entries = file.entries();
      while (entries.hasMoreElements()) {
        String name = entries.nextElement().getName();
        for (String root : ROOTS) {
          if (name.startsWith(root) && name.endsWith(CLASS)) {
            load(name.substring(0, name.length() - CLASS.length()).replace('/', '.'));
          }
        }
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      // It is as it would be without this: a class is loaded when it is needed, if it is there.
      Log.debug(() -> "not all classes are loaded ahead: " + Log.cause(e));
    }
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, SwitchClasses.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      Log.debug(() -> "not loaded ahead: " + Log.cause(e));
    }
  }
}
