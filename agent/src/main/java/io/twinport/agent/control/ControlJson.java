package io.twinport.agent.control;

import io.twinport.agent.report.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON (RFC 8259) that processes answer with: maps, lists, strings, longs, booleans and null.
 */
public final class ControlJson {
  /** Nothing that is asked for here is deeper; a deeper answer is not one of ours. */
  private static final int DEEPEST = 16;

  private final String text;
  private int at;
  private int depth;

  private ControlJson(String text) {
    this.text = text;
  }

  /**
   * Writes a value on one line.
   *
   * @throws IllegalArgumentException if there is something in it that is none of the types above
   */
  public static String write(Object value) {
    return JsonWriter.text(value);
  }

  /**
   * Reads a value; whole numbers only.
   *
   * @throws IllegalArgumentException if {@code text} is not JSON of that kind
   */
  public static Object parse(String text) {
    ControlJson json = new ControlJson(text);
    Object value = json.value();
    if (json.peek() != 0) {
      throw json.wrong();
    }
    return value;
  }

  private Object value() {
    switch (peek()) {
      case '{':
        return nested(this::object);
      case '[':
        return nested(this::array);
      case '"':
        return string();
      default:
        return word();
    }
  }

  private Object nested(java.util.function.Supplier<Object> inner) {
    if (++depth > DEEPEST) {
      throw wrong();
    }
    at++;
    Object value = inner.get();
    depth--;
    return value;
  }

  private Object object() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (!taken('}')) {
      do {
        if (peek() != '"') {
          throw wrong();
        }
        String name = string();
        take(':');
        map.put(name, value());
      } while (taken(','));
      take('}');
    }
    return map;
  }

  private Object array() {
    List<Object> list = new ArrayList<>();
    if (!taken(']')) {
      do {
        list.add(value());
      } while (taken(','));
      take(']');
    }
    return list;
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    at++;
    for (char c = next(); c != '"'; c = next()) {
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() {
    char c = next();
    int simple = "\"\\/bfnrt".indexOf(c);
    if (simple >= 0) {
      return "\"\\/\b\f\n\r\t".charAt(simple);
    }
    if (c != 'u' || at + 4 > text.length()) {
      throw wrong();
    }
    at += 4;
    return (char) Integer.parseInt(text.substring(at - 4, at), 16);
  }

  private Object word() {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-')) {
      at++;
    }
    String word = text.substring(start, at);
    switch (word) {
      case "null":
        return null;
      case "true":
        return true;
      case "false":
        return false;
      default:
        return Long.valueOf(word);
    }
  }

  /** The next character that is no space, or 0 at the end. */
  private char peek() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private char next() {
    if (at == text.length()) {
      throw wrong();
    }
    return text.charAt(at++);
  }

  private boolean taken(char c) {
    boolean there = peek() == c;
    at += there ? 1 : 0;
    return there;
  }

  private void take(char c) {
    if (!taken(c)) {
      throw wrong();
    }
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("not the JSON of an answer, at character " + at);
  }
}
