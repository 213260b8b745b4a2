package io.twinport.config;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A line, how it looks, and where it is written. */
final class LogLine {
  /** What somebody else has chosen may be of any length; a line is for people. */
  private static final int MOST_LETTERS = 2_000;

  private static final long DAY_MILLIS = 86_400_000L;

  private static String opened; // Guarded by the class.
  private static FileOutputStream file; // As above; null after a failure.

  private final long millis;
  private final Log.Level level;
  private final String thread;
  private final String text;

  /** A line of the calling thread, now. */
  LogLine(Log.Level level, String text) {
    this.millis = System.currentTimeMillis();
    this.level = level;
    this.thread = Thread.currentThread().getName();
    this.text = text;
  }

  /**
   * Writes it.
   *
   * @param path the file that it is added to, or null for standard error
   */
  void print(String path) {
    String line = toString();
    if (path == null || !append(path, line)) {
      System.err.println(line);
    }
  }

  /** {@code twinport: 2026-11-30T15:04:05.678Z warn [main] text}. */
  @Override
  public String toString() {
    String name = level.name().toLowerCase(Locale.ROOT);
    return "twinport: " + time(millis) + " " + name + " [" + clean(thread) + "] " + clean(text);
  }

  /** For a log that says its own time and thread, which are those of the one that hands it on. */
  String message() {
    return time(millis) + " [" + clean(thread) + "] " + clean(text);
  }

  Log.Level level() {
    return level;
  }

  /** The level, as {@code System.Logger} calls it. */
  System.Logger.Level levelOfSystem() {
    return System.Logger.Level.valueOf(level == Log.Level.WARN ? "WARNING" : level.name());
  }

  /**
   * UTC. The JDK's own means would fix the process's time zone before the application has had a
   * chance to set it.
   */
  static String time(long millis) {
    long ofDay = Math.floorMod(millis, DAY_MILLIS);
    // Howard Hinnant's civil_from_days: years begin in March, eras have 400 years.
    long days = Math.floorDiv(millis, DAY_MILLIS) + 719_468;
    long era = Math.floorDiv(days, 146_097L);
    long ofEra = days - era * 146_097;
    long year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    long ofYear = ofEra - (365 * year + year / 4 - year / 100);
    long fromMarch = (5 * ofYear + 2) / 153;
    long month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
    StringBuilder text = new StringBuilder(24);
    digits(text, year + era * 400 + (month <= 2 ? 1 : 0), 4).append('-');
    digits(text, month, 2).append('-');
    digits(text, ofYear - (153 * fromMarch + 2) / 5 + 1, 2).append('T');
    digits(text, ofDay / 3_600_000, 2).append(':');
    digits(text, ofDay / 60_000 % 60, 2).append(':');
    digits(text, ofDay / 1_000 % 60, 2).append('.');
    return digits(text, ofDay % 1_000, 3).append('Z').toString();
  }

  private static StringBuilder digits(StringBuilder text, long number, int count) {
    String digits = Long.toString(number);
    for (int i = digits.length(); i < count; i++) {
      text.append('0');
    }
    return text.append(digits);
  }

  /** On one line, whatever it quotes. */
  static String clean(String text) {
    boolean isLong = text.length() > MOST_LETTERS;
    StringBuilder clean = null;
    int length = isLong ? MOST_LETTERS : text.length();
    for (int i = 0; i < length; i++) {
      if (Character.isISOControl(text.charAt(i))) {
        if (clean == null) {
          clean = new StringBuilder(text.substring(0, length));
        }
        clean.setCharAt(i, '?');
      }
    }
    String shown = clean != null ? clean.toString() : text.substring(0, length);
    return isLong ? shown + "..." : shown;
  }

  /**
   * Adds a line to the file; if that fails, it is told once, and false is returned from then on.
   */
  private static synchronized boolean append(String path, String line) {
    try {
      if (!path.equals(opened)) {
        opened = path;
        file = open(path);
      }
      if (file == null) {
        return false;
      }
      file.write((line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8)); // All at once.
      return true;
    } catch (IOException | RuntimeException e) { // The latter: a security manager.
      file = null;
      String why = "twinport.log-file=" + path + " is not used: " + Log.cause(e);
      new LogLine(Log.Level.ERROR, why + "; lines go to standard error").print(null);
      return false;
    }
  }

  private static FileOutputStream open(String path) throws IOException {
    File named = new File(path.replace("%p", Long.toString(KernelFile.pid())));
    if (named.exists() && !named.isFile()) {
      throw new IOException("it is no ordinary file"); // To open a pipe may take for ever.
    }
    return new FileOutputStream(named, true);
  }
}
