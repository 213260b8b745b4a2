package io.twinport.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The logger of the application that lines go to. An application that says where {@code
 * System.Logger} leads, by a {@code System.LoggerFinder}, has chosen. If it does not, and logs by
 * SLF4J or Log4j, that is asked; {@code System.Logger} would lead to {@code java.util.logging},
 * which such an application has not configured.
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

  abstract void log(LogLine line);

  /**
   * Finds it, which may well initialise the application's logging.
   *
   * @param library what the application has loaded, or null
   */
  static ApplicationLogger find(Library library) {
    if (library == null || hasFinder()) {
      System.Logger logger = System.getLogger(NAME);
      return new ApplicationLogger() {
        @Override
        void log(LogLine line) {
          logger.log(line.levelOfSystem(), line.message());
        }
      };
    }
    try {
      return new OfLibrary(library);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(library.factory + " has no logger", e);
    }
  }

  private static boolean hasFinder() {
    return ServiceLoader.load(System.LoggerFinder.class, ClassLoader.getSystemClassLoader())
        .stream()
        .findAny()
        .isPresent();
  }

  private static final class OfLibrary extends ApplicationLogger {
    private final Object logger;
    private final Map<Log.Level, Method> methods = new EnumMap<>(Log.Level.class);

    OfLibrary(Library library) throws ReflectiveOperationException {
      ClassLoader loader = ClassLoader.getSystemClassLoader();
      Class<?> factory = Class.forName(library.factory, true, loader);
      Class<?> type = Class.forName(library.logger, false, loader);
      logger = factory.getMethod("getLogger", String.class).invoke(null, NAME);
      for (Log.Level level : Log.Level.values()) {
        if (level != Log.Level.OFF) {
          methods.put(level, type.getMethod(level.name().toLowerCase(Locale.ROOT), String.class));
        }
      }
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
