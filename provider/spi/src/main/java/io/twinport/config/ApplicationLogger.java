package io.twinport.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The logger of the application that lines go to. An application that says where {@code
 * System.Logger} leads, by a {@code System.LoggerFinder}, has chosen. If it does not, and logs by
 * SLF4J or Log4j, that is asked; {@code System.Logger} would lead to {@code java.util.logging},
 * which such an application has not configured. But many applications have the API of such a
 * library on the class path only because something else needs it, and nothing behind it that writes
 * lines; then it is as if it were not there.
 */
abstract class ApplicationLogger {
  /** The logger's name. */
  static final String NAME = "io.twinport";

  /** A library that applications log by; both have the methods of a logger in common. */
  enum Library {
    SLF4J("org.slf4j.LoggerFactory", "org.slf4j.Logger"),
    LOG4J("org.apache.logging.log4j.LogManager", "org.apache.logging.log4j.Logger");

    private final String factory;
    private final String logger;

    Library(String factory, String logger) {
      this.factory = factory;
      this.logger = logger;
    }

    /** What an application loads that is about to log by one of them; or null. */
    static Library of(String className) {
      for (Library library : values()) {
        if (library.factory.equals(className)) {
          return library;
        }
      }
      return null;
    }
  }

  /** What SLF4J gives if it has no provider, or one that drops all. */
  private static final String SLF4J_DROPS = "org.slf4j.helpers.NOPLogger";

  /** What SLF4J gives while another thread initialises it; it may lead to one that drops all. */
  private static final String SLF4J_BEGINS = "org.slf4j.helpers.SubstituteLogger";

  /** What Log4j gives if it has no provider; it only takes errors, unless somebody sets that. */
  private static final String LOG4J_SIMPLE = "org.apache.logging.log4j.simple.SimpleLogger";

  abstract void log(LogLine line);

  /**
   * Finds it, which may well initialise the application's logging.
   *
   * @param loaded what the application has loaded, in that order
   * @return null if the application's logging is about to begin, so that it has to be looked for
   *     again later
   */
  static ApplicationLogger find(List<Library> loaded) {
    if (loaded.isEmpty() || hasFinder()) {
      return ofSystem();
    }
    for (Library library : loaded) {
      try {
        OfLibrary logger = new OfLibrary(library);
        if (logger.begins()) {
          return null;
        }
        if (logger.writes()) {
          return logger;
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(library.factory + " has no logger", e);
      }
    }
    return ofSystem();
  }

  private static ApplicationLogger ofSystem() {
    System.Logger logger = System.getLogger(NAME);
    return new ApplicationLogger() {
      @Override
      void log(LogLine line) {
        logger.log(line.levelOfSystem(), line.message());
      }
    };
  }

  private static boolean hasFinder() {
    return ServiceLoader.load(System.LoggerFinder.class, ClassLoader.getSystemClassLoader())
        .stream()
        .findAny()
        .isPresent();
  }

  private static final class OfLibrary extends ApplicationLogger {
    private final Class<?> type;
    private final Object logger;
    private final Map<Log.Level, Method> methods = new EnumMap<>(Log.Level.class);

    OfLibrary(Library library) throws ReflectiveOperationException {
      ClassLoader loader = ClassLoader.getSystemClassLoader();
      Class<?> factory = Class.forName(library.factory, true, loader);
      type = Class.forName(library.logger, false, loader);
      logger = factory.getMethod("getLogger", String.class).invoke(null, NAME);
      for (Log.Level level : Log.Level.values()) {
        if (level != Log.Level.OFF) {
          methods.put(level, type.getMethod(level.name().toLowerCase(Locale.ROOT), String.class));
        }
      }
    }

    boolean begins() {
      return is(SLF4J_BEGINS);
    }

    /** Whether there is something behind the library's API that writes lines. */
    boolean writes() throws ReflectiveOperationException {
      return !is(SLF4J_DROPS)
          && (!is(LOG4J_SIMPLE) || (boolean) type.getMethod("isWarnEnabled").invoke(logger));
    }

    private boolean is(String className) {
      return logger.getClass().getName().equals(className);
    }

    @Override
    void log(LogLine line) {
      try {
        methods.get(line.level()).invoke(logger, line.message());
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(Log.cause(e.getCause()), e);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
