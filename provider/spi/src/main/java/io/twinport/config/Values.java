package io.twinport.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Reads values by their names without {@code twinport.}, each with its complaint and its default in
 * one place: a value that can't be understood is one log line naming the property, and the default
 * takes its place.
 */
public final class Values {
  /** What all names begin with. */
  public static final String PREFIX = "twinport.";

  private final Function<String, String> source;
  private final Set<String> named;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  public Values(Function<String, String> source) {
    this(source, Set.of());
  }

  /**
   * @param named names that the source has for certain, for {@link #reportUnknown}
   */
  public Values(Function<String, String> source, Set<String> named) {
    this.source = source;
    this.named = named;
  }

  /** The value, without blanks around it, or null. */
  public String value(String name) {
    known.add(name);
    String value = source.apply(name);
    return value == null || value.isBlank() ? null : value.trim();
  }

  public String text(String name, String otherwise) {
    String value = value(name);
    return value == null ? otherwise : value;
  }

  public boolean bool(String name, boolean otherwise) {
    String value = value(name);
    if (value == null) {
      return otherwise;
    }
    switch (value.toLowerCase(Locale.ROOT)) {
      case "true":
        return true;
      case "false":
        return false;
      default:
        return wrong(name, value, "true or false", otherwise);
    }
  }

  public <E extends Enum<E>> E oneOf(String name, Class<E> type, E otherwise) {
    String value = value(name);
    if (value == null) {
      return otherwise;
    }
    List<String> choices = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String text = constant.name().toLowerCase(Locale.ROOT);
      if (text.equals(value.toLowerCase(Locale.ROOT))) {
        return constant;
      }
      choices.add(text);
    }
    return wrong(name, value, "one of " + String.join(", ", choices), otherwise);
  }

  public long number(String name, long otherwise, long least, long most) {
    String value = value(name);
    if (value == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
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
      return otherwise;
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
        return number;
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

  /** Tells of names that were given, and that nobody has asked for. */
  public void reportUnknown() {
    for (String name : named) {
      if (!known.contains(name)) {
        Log.warn("unknown setting " + PREFIX + name + "; ignored");
      }
    }
  }

  /** Tells of a value that is not what was expected; returns what takes its place. */
  public <T> T wrong(String name, String value, String expected, T otherwise) {
    Log.warn(PREFIX + name + "=" + value + " is not " + expected + "; using " + shown(otherwise));
    return otherwise;
  }

  private static String shown(Object otherwise) {
    if (otherwise instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    if (otherwise instanceof List<?> list) {
      return list.isEmpty()
          ? "the default"
          : String.join(",", list.stream().map(String::valueOf).toList());
    }
    return String.valueOf(otherwise);
  }
}
