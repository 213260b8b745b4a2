package io.twinport.it.support;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line of a program's console: words, some of them {@code key=value}. */
public record Answer(String line) {
  public String text(String key) {
    String value = values().get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in: " + line);
    }
    return value;
  }

  public long number(String key) {
    return Long.parseLong(text(key));
  }

  private Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : line.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        values.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return values;
  }
}
