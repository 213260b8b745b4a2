package io.twinport.config;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * One line to standard error for each thing worth telling, in the form {@code twinport: text}.
 *
 * <p>Not {@code System.Logger}: asking for one initialises {@code java.util.logging} in the
 * application's start-up, before the application has had a chance to configure it.
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

  private Log() {}

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
      PrintStream err = System.err;
      String name =
          level == Level.WARN || level == Level.ERROR
              ? ""
              : level.name().toLowerCase(Locale.ROOT) + ": ";
      err.println("twinport: " + name + text);
    }
  }
}
