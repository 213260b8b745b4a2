package io.twinport.it;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line of a program's console: words, some of them {@code key=value}. */
record Answer(String line) {
  String text(String key) {
    String value = values().get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in: " + line);
    }
    return value;
  }

  long number(String key) {
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
