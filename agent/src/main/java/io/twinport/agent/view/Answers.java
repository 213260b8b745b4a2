package io.twinport.agent.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is in the answers of processes, which may be of another version, or say anything. */
public final class Answers {
  private static final String[] UNITS = {"K", "M", "G", "T", "P"};

  private Answers() {}

  /** The lines of a list, such as {@code connections}; those that are none are left out. */
  public static List<Map<?, ?>> lines(Map<?, ?> answer, String name) {
    List<Map<?, ?>> lines = new ArrayList<>();
    if (answer.get(name) instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Map<?, ?> line) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  public static Map<?, ?> map(Map<?, ?> answer, String name) {
    return answer.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  /** A field for people; empty if it is not there. */
  public static String text(Map<?, ?> line, String name) {
    Object value = line.get(name);
    return value == null ? "" : clean(value);
  }

  /** A number; {@code otherwise} if it is not there. */
  public static long number(Map<?, ?> line, String name, long otherwise) {
    return line.get(name) instanceof Long number ? number : otherwise;
  }

  /** A number; 0 if it is not there. */
  public static long number(Map<?, ?> line, String name) {
    return number(line, name, 0);
  }

  /** Whether it is on TCP. */
  public static boolean isTcp(Map<?, ?> line) {
    return "tcp".equals(line.get("path"));
  }

  /** Whether it is a connection that has no outcome yet. */
  public static boolean isConnecting(Map<?, ?> line) {
    return "connecting".equals(line.get("state"));
  }

  /** The port of an address such as {@code [::1]:8080}; -1 if there is none. */
  public static int port(Object address) {
    String text = String.valueOf(address);
    String digits = text.substring(text.lastIndexOf(':') + 1);
    return digits.matches("\\d{1,5}") ? Integer.parseInt(digits) : -1;
  }

  /** What a process says goes to a terminal, which must not take it for a command. */
  public static String clean(Object value) {
    return String.valueOf(value).replaceAll("\\p{Cc}", "?");
  }

  /** Such as {@code 1 link} and {@code 2 links}. */
  public static String count(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  /** Bytes in at most six characters: below 10,000 as they are, then such as {@code 12.3M}. */
  public static String size(long bytes) {
    if (bytes < 10_000) {
      return Long.toString(bytes);
    }
    double rest = bytes;
    int unit = -1;
    while (rest >= 999.95 && unit + 1 < UNITS.length) {
      rest /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f%s", rest, UNITS[unit]);
  }

  /** A time in at most seven characters, such as {@code 340ms}, {@code 12.3s}, {@code 3m12s}. */
  public static String time(long millis) {
    long seconds = millis / 1000;
    if (millis < 1000) {
      return millis + "ms";
    } else if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1fs", Math.floor(millis / 100.0) / 10);
    } else if (seconds < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    } else if (seconds < 86_400) {
      return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
    }
    return String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds / 3600 % 24);
  }
}
