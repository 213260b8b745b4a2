package io.twinport.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands lines to the application's own log, see {@link ApplicationLogger}. That initialises the
 * application's logging, so it is left alone until the application has begun to load it, and for a
 * second more, in which it may configure it. Lines are kept until then; if the process ends before,
 * they go to standard error.
 *
 * <p>A thread of its own hands them on, which ends when there are none left: whoever logs may hold
 * locks of ours, and what the application's handlers do with a line may need them.
 */
final class ApplicationLog implements Runnable {
  /** How many lines wait at the most; more are counted. */
  private static final int MOST_LINES = 256;

  private static final long TO_CONFIGURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  // -- Guarded by the class
  private static final Deque<LogLine> waiting = new ArrayDeque<>();
  private static long lost;
  private static boolean isUp;

  /** What the application has loaded, in that order. */
  private static final List<ApplicationLogger.Library> libraries = new ArrayList<>();

  private static boolean handsOn;
  private static boolean endIsWatched;
  private static boolean ended;

  /** Null until the first line is handed on. Of the thread that hands lines on. */
  private static ApplicationLogger logger;

  /** How many libraries the application had loaded when that was found. */
  private static int loggersLibraries;

  /** The thread that hands lines on: what its handlers have us log is not for them. */
  private static Thread handingOn;

  private ApplicationLog() {}

  static void add(Log.Level level, String text) {
    Thread caller = Thread.currentThread();
    synchronized (ApplicationLog.class) {
      if (!ended && caller != handingOn) {
        if (waiting.size() >= MOST_LINES) {
          lost++;
        } else {
          waiting.add(new LogLine(level, text));
        }
        watchEnd();
        handOnIfUp();
        return;
      }
    }
    new LogLine(level, text).print(null);
  }

  /**
   * The application loads what it logs with, or the JDK for it.
   *
   * @param className what is loaded; the libraries' of the application's class loader
   */
  static synchronized void comesUp(String className) {
    isUp = true;
    ApplicationLogger.Library library = ApplicationLogger.Library.of(className);
    if (library != null && !libraries.contains(library)) {
      libraries.add(library);
    }
    handOnIfUp();
  }

  private static synchronized List<ApplicationLogger.Library> libraries() {
    return List.copyOf(libraries);
  }

  /** With the monitor held. */
  private static void handOnIfUp() {
    if (isUp && !handsOn && !ended && !waiting.isEmpty()) {
      handsOn = true;
      boolean begun = false;
      try {
        Daemon.of("twinport-log", new ApplicationLog()).start();
        begun = true;
      } catch (RuntimeException | Error e) {
        begun = false; // Who logs is not to fail by it: the next line tries again.
      } finally {
        handsOn = begun;
      }
    }
  }

  @Override
  public void run() {
    synchronized (ApplicationLog.class) {
      handingOn = Thread.currentThread();
    }
    LogLine line = null;
    try {
      findLogger(); // Before a line is taken: if the process ends meanwhile, that tells it.
      for (line = next(); line != null; line = next()) {
        logger.log(line);
        findLogger();
      }
    } catch (RuntimeException | Error e) { // The application's own logging has failed.
      if (line != null) {
        line.print(null);
      }
      end("the application's log does not take lines: " + Log.cause(e));
    }
  }

  /** Anew when the application turns out to log by a library: the JDK may have been first. */
  private static void findLogger() {
    while (logger == null || loggersLibraries != libraries().size()) {
      giveTimeToConfigure();
      List<ApplicationLogger.Library> loaded = libraries();
      ApplicationLogger found = ApplicationLogger.find(loaded);
      if (found != null) {
        logger = found;
        loggersLibraries = loaded.size();
      }
    }
  }

  private static void giveTimeToConfigure() {
    long end = System.nanoTime() + TO_CONFIGURE_NANOS;
    for (long left = TO_CONFIGURE_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** The next line to hand on; null if there is none, and then this thread ends. */
  private static synchronized LogLine next() {
    LogLine line = waiting.poll();
    if (line == null && lost > 0) {
      String text = lost + " lines were lost: there were too many at once";
      line = new LogLine(Log.Level.WARN, text);
      lost = 0;
    }
    if (line == null) {
      handsOn = false;
      handingOn = null;
    }
    return line;
  }

  /** With the monitor held. */
  private static void watchEnd() {
    if (!endIsWatched) {
      try {
        Runtime.getRuntime()
            .addShutdownHook(Daemon.of(ApplicationLogger.NAME, ApplicationLog::processEnds));
        endIsWatched = true;
      } catch (RuntimeException e) {
        end(null); // The process ends already, or nobody would say when it does.
      } catch (Error e) {
        endIsWatched = false; // Who logs is not to fail by it: the next line tries again.
      }
    }
  }

  private static void processEnds() {
    end(null);
  }

  /** From now on lines go to standard error, and so do those that wait. */
  private static void end(String why) {
    Deque<LogLine> rest;
    synchronized (ApplicationLog.class) {
      ended = true;
      handingOn = null;
      rest = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    if (why != null) {
      new LogLine(Log.Level.ERROR, why).print(null);
    }
    for (LogLine line : rest) {
      line.print(null);
    }
  }
}
