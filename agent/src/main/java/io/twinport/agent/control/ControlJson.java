package io.twinport.agent.control;

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
    StringBuilder json = new StringBuilder(256);
    write(value, json);
    return json.toString();
  }

  private static void write(Object value, StringBuilder json) {
    if (value instanceof Map<?, ?> map) {
      char before = '{';
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.append(before);
        quote((String) entry.getKey(), json);
        json.append(':');
        write(entry.getValue(), json);
        before = ',';
      }
      json.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      char before = '[';
      for (Object element : list) {
        json.append(before);
        write(element, json);
        before = ',';
      }
      json.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof String string) {
      quote(string, json);
    } else if (value == null || value instanceof Boolean || value instanceof Long) {
      json.append(value);
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
  }

  private static void quote(String string, StringBuilder json) {
    json.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c == '\u007f' || Character.isSurrogate(c)) {
        // Escaped, half a pair of surrogates survives the way through UTF-8.
        json.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
      } else {
        json.append(c);
      }
    }
    json.append('"');
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
