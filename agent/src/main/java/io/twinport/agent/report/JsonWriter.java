package io.twinport.agent.report;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON (RFC 8259) on one line, and hands it on piece by piece: neither the application's
 * heap nor its processor is to suffer from an answer of many megabytes. Names and texts that are
 * written as they are have to be plain ASCII without quotes, backslashes and control characters.
 */
public final class JsonWriter {
  /** Where the pieces go. */
  public interface Sink {
    /** Takes a piece. */
    void take(String piece) throws IOException;
  }

  private static final int PIECE = 32 << 10;

  private final Sink sink;
  private final StringBuilder text;
  private boolean comma;

  /** Hands pieces of some 32 KiB to {@code sink}; {@link #finish} has to follow. */
  public JsonWriter(Sink sink) {
    this.sink = sink;
    this.text = new StringBuilder(PIECE + (PIECE >> 3));
  }

  private JsonWriter(StringBuilder text) {
    this.sink = null;
    this.text = text;
  }

  /**
   * A value as text: maps, lists, strings, longs, booleans and null.
   *
   * @throws IllegalArgumentException if there is something in it that is none of these
   */
  public static String text(Object value) {
    StringBuilder json = new StringBuilder(256);
    new JsonWriter(json).value(value);
    return json.toString();
  }

  /** Begins an object. */
  public JsonWriter object() {
    separate();
    text.append('{');
    comma = false;
    return this;
  }

  /** Ends an object. */
  public JsonWriter endObject() {
    text.append('}');
    comma = true;
    return this;
  }

  /** Begins an array. */
  public JsonWriter array() {
    separate();
    text.append('[');
    comma = false;
    return this;
  }

  /** Ends an array. */
  public JsonWriter endArray() {
    text.append(']');
    comma = true;
    return this;
  }

  /** The name of what follows, plain. */
  public JsonWriter name(String plain) {
    separate();
    text.append('"').append(plain).append("\":");
    comma = false;
    return this;
  }

  /** A number under a plain name. */
  public JsonWriter number(String plain, long value) {
    name(plain);
    text.append(value);
    comma = true;
    return this;
  }

  /** A plain text under a plain name. */
  public JsonWriter plain(String plain, String value) {
    name(plain);
    text.append('"').append(value).append('"');
    comma = true;
    return this;
  }

  /** Any text under a plain name. */
  public JsonWriter string(String plain, String value) {
    name(plain);
    return value(value);
  }

  /** True or false under a plain name. */
  public JsonWriter flag(String plain, boolean value) {
    name(plain);
    text.append(value);
    comma = true;
    return this;
  }

  /** As {@link #text}. */
  public JsonWriter value(Object value) {
    if (value instanceof Map<?, ?> map) {
      object();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        separate();
        quote((String) entry.getKey());
        text.append(':');
        comma = false;
        value(entry.getValue());
      }
      return endObject();
    } else if (value instanceof List<?> list) {
      array();
      for (Object element : list) {
        value(element);
      }
      return endArray();
    }
    separate();
    if (value instanceof String string) {
      quote(string);
    } else if (value == null || value instanceof Boolean || value instanceof Long) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      text.append(',');
    }
  }

  private void quote(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || c == '\u007f' || Character.isSurrogate(c)) {
        // Escaped, half a pair of surrogates survives the way through UTF-8.
        text.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  /** Hands on what there is, if it is enough for a piece. To be called between two values. */
  public void mayHandOn() throws IOException {
    if (text.length() >= PIECE) {
      handOn();
    }
  }

  /** Ends the line, and hands on the rest. */
  public void finish() throws IOException {
    text.append('\n');
    handOn();
    comma = false;
  }

  private void handOn() throws IOException {
    String piece = text.toString();
    text.setLength(0);
    sink.take(piece);
  }
}
