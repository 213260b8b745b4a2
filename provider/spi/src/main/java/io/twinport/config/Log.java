package io.twinport.config;

import java.util.function.Supplier;

/**
 * One line for each thing worth telling, in the form {@code twinport: time level [thread] text}: to
 * standard error, to the file that {@code twinport.log-file} names, or to the application's own log
 * ({@code twinport.log=application}, see {@link ApplicationLog}).
 *
 * <p>Not {@code System.Logger} as a rule: asking for one initialises {@code java.util.logging} in
 * the application's start-up, before the application has had a chance to configure it.
 */
public final class Log {
  /** How much is told; each level includes those before it. */
  public enum Level {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  private static volatile Level threshold = Level.WARN;

  /** The file for lines, or null. */
  private static volatile String file;

  private static volatile boolean application;

  private Log() {}

  /**
   * Says what becomes of lines from now on.
   *
   * @param path the file that they are added to, in which {@code %p} stands for the process id;
   *     null for standard error
   * @param ofApplication whether they go to the application's own log, once that is up
   */
  public static void begin(Level level, String path, boolean ofApplication) {
    threshold = level;
    file = path;
    application = ofApplication;
  }

  /** Whether lines go to the application's own log, so that somebody has to see when that is up. */
  public static boolean isOfApplication() {
    return application;
  }

  /**
   * Says that the application's logging comes up now: a class of it is being loaded, perhaps by the
   * calling thread. Cheap; asks nothing of it.
   *
   * @param className that class
   */
  public static void applicationLogs(String className) {
    if (application) {
      ApplicationLog.comesUp(className);
    }
  }

  /** Sets how much is told from now on. */
  public static void threshold(Level level) {
    threshold = level;
  }

  /** Whether lines of {@code level} are printed. */
  public static boolean isLogged(Level level) {
    return level != Level.OFF && level.compareTo(threshold) <= 0;
  }

  public static void error(String text) {
    print(Level.ERROR, text);
  }

  public static void warn(String text) {
    print(Level.WARN, text);
  }

  public static void info(String text) {
    print(Level.INFO, text);
  }

  /** Prints the text if it is asked for; the text is not built otherwise. */
  public static void debug(Supplier<String> text) {
    if (isLogged(Level.DEBUG)) {
      print(Level.DEBUG, text.get());
    }
  }

  /** Prints the text if it is asked for; the text is not built otherwise. */
  public static void trace(Supplier<String> text) {
    if (isLogged(Level.TRACE)) {
      print(Level.TRACE, text.get());
    }
  }

  /** The throwable's class and message on one line, for use inside a log line. */
  public static String cause(Throwable t) {
    String message = t.getMessage();
    return message == null ? t.getClass().getName() : t.getClass().getSimpleName() + ": " + message;
  }

  private static void print(Level level, String text) {
    if (isLogged(level)) {
      try {
        if (application) {
          ApplicationLog.add(level, text);
        } else {
          new LogLine(level, text).print(file);
        }
      } catch (LinkageError e) {
        // The jar has been overwritten before the first line, which most likely is about that.
        System.err.println("twinport: " + text);
      }
    }
  }
}
