package io.twinport.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads values by their names without {@code twinport.}, each with its complaint and its default in
 * one place: a value that can't be understood is one log line naming the property, and the default
 * takes its place. Keeps what came of it, for whoever asks what is in effect.
 */
public abstract class Values {
  /** What all names begin with. */
  public static final String PREFIX = "twinport.";

  /** Where a value comes from that nobody has given. */
  private static final String DEFAULT = "default";

  /** More than anybody reads; what is given may be without end. */
  private static final int MOST_COMPLAINTS = 32;

  /** The most letters of a value that makes no sense. */
  private static final int MOST_SHOWN = 200;

  /** What is in effect by name, and empty where nothing is; the names are those asked for. */
  private final Map<String, Object> effective = new ConcurrentHashMap<>();

  /** Where values came from, by name; defaults are not listed. */
  private final Map<String, String> origins = new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final List<String> complaints = new ArrayList<>();

  /** What is given for {@code name}, or null; says {@link #cameFrom} where. */
  protected abstract String read(String name);

  /** Notes where the value of {@code name} came from. */
  protected final void cameFrom(String name, String source) {
    origins.put(name, source);
  }

  /**
   * Notes what is used.
   *
   * @param given whether it is what was given, or its default
   */
  public void inEffect(String name, Object value, boolean given) {
    effective.put(name, value);
    if (!given) {
      origins.remove(name);
    }
  }

  /** Notes a value that was changed while the process ran. */
  public final void changed(String name, Object value) {
    effective.put(name, value);
    origins.put(name, "set");
  }

  /** Tells of something that makes no sense, once, in one line, and keeps that. */
  public void complain(String line) {
    String told;
    synchronized (complaints) {
      if (complaints.contains(line)) {
        return;
      }
      if (complaints.size() > MOST_COMPLAINTS) {
        return;
      }
      told = complaints.size() < MOST_COMPLAINTS ? line : "more makes no sense, which is not told";
      complaints.add(told);
    }
    Log.warn(told);
  }

  /** What was {@linkplain #complain complained} of so far, as far as there is room for it. */
  public List<String> complaints() {
    synchronized (complaints) {
      return List.copyOf(complaints);
    }
  }

  /** The names that somebody has asked for. */
  public Set<String> known() {
    return Collections.unmodifiableSet(effective.keySet());
  }

  /**
   * What is in effect, as it would be given and by name without {@code twinport.}, in the names'
   * order; empty where nothing is.
   */
  public Map<String, String> effective() {
    Map<String, String> all = new TreeMap<>();
    for (Map.Entry<String, Object> each : effective.entrySet()) {
      all.put(each.getKey(), shown(each.getValue()));
    }
    return all;
  }

  /**
   * Where a value comes from that is in effect: {@code property}, {@code argument}, {@code
   * environment}, {@code file}, {@code set} while the process ran, or {@code default}.
   */
  public String source(String name) {
    return origins.getOrDefault(name, DEFAULT);
  }

  /** The value, without blanks around it, or null. */
  public String value(String name) {
    String value = read(name);
    String given = value == null || value.isBlank() ? null : value.trim();
    if (!effective.containsKey(name)) {
      effective.put(name, given == null ? "" : given);
    }
    return given;
  }

  public String text(String name, String otherwise) {
    String value = value(name);
    return use(name, value == null ? otherwise : value, value != null);
  }

  public boolean bool(String name, boolean otherwise) {
    String value = value(name);
    if (value == null) {
      return use(name, otherwise, false);
    }
    switch (value.toLowerCase(Locale.ROOT)) {
      case "true":
        return use(name, true, true);
      case "false":
        return use(name, false, true);
      default:
        return wrong(name, value, "true or false", otherwise);
    }
  }

  public <E extends Enum<E>> E oneOf(String name, Class<E> type, E otherwise) {
    String value = value(name);
    if (value == null) {
      return use(name, otherwise, false);
    }
    List<String> choices = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String text = constant.name().toLowerCase(Locale.ROOT);
      if (text.equals(value.toLowerCase(Locale.ROOT))) {
        return use(name, constant, true);
      }
      choices.add(text);
    }
    return wrong(name, value, "one of " + String.join(", ", choices), otherwise);
  }

  public long number(String name, long otherwise, long least, long most) {
    String value = value(name);
    if (value == null) {
      return use(name, otherwise, false);
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return use(name, number, true);
      }
    } catch (NumberFormatException e) {
      return wrong(name, value, "a number from " + least + " to " + most, otherwise);
    }
    return wrong(name, value, "a number from " + least + " to " + most, otherwise);
  }

  /** A number of bytes, with k, m or g behind it. */
  public long size(String name, long otherwise, long least, long most) {
    String value = value(name);
    if (value == null) {
      return use(name, otherwise, false);
    }
    String digits = value.toLowerCase(Locale.ROOT);
    int shift = 0;
    if (digits.endsWith("k") || digits.endsWith("m") || digits.endsWith("g")) {
      shift = digits.endsWith("k") ? 10 : digits.endsWith("m") ? 20 : 30;
      digits = digits.substring(0, digits.length() - 1);
    }
    try {
      long number = Math.multiplyExact(Long.parseLong(digits), 1L << shift);
      if (number >= least && number <= most) {
        return use(name, number, true);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      return wrong(name, value, "a size such as 65536, 64k, 16m or 1g", otherwise);
    }
    String range = most == Long.MAX_VALUE ? "at least " + least : least + " to " + most;
    return wrong(name, value, "a size of " + range + " bytes", otherwise);
  }

  /** A number of bytes that is a power of two: another is rounded up, with a line. */
  public long powerOfTwo(String name, long otherwise, long least, long most) {
    long number = size(name, otherwise, least, most);
    long highest = Long.highestOneBit(number);
    return number == highest ? number : wrong(name, value(name), "a power of two", highest << 1);
  }

  /** As {@link #words}, in lower case. */
  public Set<String> names(String name) {
    Set<String> names = new LinkedHashSet<>();
    for (String word : words(name)) {
      names.add(word.toLowerCase(Locale.ROOT));
    }
    return Collections.unmodifiableSet(names);
  }

  /** What stands between commas. */
  public Set<String> words(String name) {
    Set<String> words = new LinkedHashSet<>();
    for (String word : text(name, "").split(",", -1)) {
      if (!word.isBlank()) {
        words.add(word.trim());
      }
    }
    return words;
  }

  private <T> T use(String name, T value, boolean given) {
    inEffect(name, value, given);
    return value;
  }

  /** Tells of a value that is not what was expected; returns what takes its place. */
  public <T> T wrong(String name, String value, String expected, T otherwise) {
    complain(
        PREFIX
            + name
            + "="
            + brief(value)
            + " is not "
            + expected
            + "; using "
            + (otherwise instanceof List<?> list && list.isEmpty()
                ? "the default"
                : shown(otherwise)));
    return use(name, otherwise, false);
  }

  /** The beginning of what may be of any length. */
  static String brief(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
  }

  private static String shown(Object value) {
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    if (value instanceof Collection<?> list) {
      return String.join(",", list.stream().map(String::valueOf).toList());
    }
    return String.valueOf(value);
  }
}
