package io.twinport.agent.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON (RFC 8259) on one line in UTF-8, and hands it on piece by piece: neither the heap of
 * the application nor its processors are to suffer from an answer of many megabytes, so it is put
 * together in one array. Names and texts that are written as they are have to be ASCII without
 * quotes, backslashes and control characters.
 */
public final class JsonWriter {
  /** Where the pieces go. */
  public interface Sink {
    /** Takes a piece, which is gone when this returns. */
    void take(ByteBuffer piece) throws IOException;
  }

  private static final int PIECE = 32 << 10;
  private static final int MOST_DIGITS = 20;

  private final Sink sink;
  private byte[] text;
  private int length;
  private boolean comma;

  /** Hands pieces of some 32 KiB to {@code sink}; {@link #finish} has to follow. */
  public JsonWriter(Sink sink) {
    this.sink = sink;
    this.text = new byte[PIECE + (PIECE >> 2)];
  }

  private JsonWriter() {
    this.sink = null;
    this.text = new byte[256];
  }

  /**
   * A value as text: maps, lists, strings, longs, booleans and null.
   *
   * @throws IllegalArgumentException if there is something in it that is none of these
   */
  public static String text(Object value) {
    JsonWriter json = new JsonWriter();
    json.value(value);
    return new String(json.text, 0, json.length, StandardCharsets.UTF_8);
  }

  /** Begins an object. */
  public JsonWriter object() {
    separate();
    put('{');
    comma = false;
    return this;
  }

  /** Ends an object. */
  public JsonWriter endObject() {
    put('}');
    comma = true;
    return this;
  }

  /** Begins an array. */
  public JsonWriter array() {
    separate();
    put('[');
    comma = false;
    return this;
  }

  /** Ends an array. */
  public JsonWriter endArray() {
    put(']');
    comma = true;
    return this;
  }

  /** The name of what follows, plain. */
  public JsonWriter name(String plain) {
    separate();
    putQuoted(plain);
    put(':');
    comma = false;
    return this;
  }

  /** A number under a plain name. */
  public JsonWriter number(String plain, long value) {
    name(plain);
    put(value);
    comma = true;
    return this;
  }

  /** A plain text under a plain name. */
  public JsonWriter plain(String plain, String value) {
    name(plain);
    putQuoted(value);
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
    return value(value);
  }

  // -- What is written very often is put together once

  /** A plain name, as the methods below take it. */
  static byte[] field(String plain) {
    return ("\"" + plain + "\":").getBytes(StandardCharsets.US_ASCII);
  }

  /** One for fields of an object, which {@link #written} returns. */
  static JsonWriter forFields() {
    return new JsonWriter();
  }

  byte[] written() {
    return Arrays.copyOf(text, length);
  }

  /** Fields that were written by {@link #forFields}. */
  JsonWriter fields(byte[] some) {
    separate();
    put(some);
    comma = true;
    return this;
  }

  /** The name of what follows. */
  JsonWriter name(byte[] field) {
    separate();
    put(field);
    comma = false;
    return this;
  }

  /**
   * Numbers under their names.
   *
   * @param values of each; those below 0 are left out
   */
  JsonWriter numbers(byte[][] fields, long[] values) {
    for (int i = 0; i < fields.length; i++) {
      if (values[i] >= 0) {
        name(fields[i]);
        put(values[i]);
        comma = true;
      }
    }
    return this;
  }

  /**
   * An address under a name.
   *
   * @param host the text before the port, plain
   */
  JsonWriter address(byte[] field, byte[] host, int port) {
    name(field);
    put('"');
    put(host);
    put(port);
    put('"');
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
        put(':');
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
      put(String.valueOf(value));
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      put(',');
    }
  }

  private void quote(String string) {
    put('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        put('\\');
        put(c);
      } else if (c < ' ' || c == '\u007f' || Character.isSurrogate(c)) {
        // Escaped, half a pair of surrogates survives the way through UTF-8.
        put("\\u" + Integer.toHexString(0x10000 | c).substring(1));
      } else if (c < 0x80) {
        put(c);
      } else {
        for (byte part : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
          put((char) (part & 0xff));
        }
      }
    }
    put('"');
  }

  private void putQuoted(String plain) {
    put('"');
    put(plain);
    put('"');
  }

  private void put(String plain) {
    int count = plain.length();
    reserve(count);
    for (int i = 0; i < count; i++) {
      text[length + i] = (byte) plain.charAt(i);
    }
    length += count;
  }

  private void put(byte[] some) {
    reserve(some.length);
    System.arraycopy(some, 0, text, length, some.length);
    length += some.length;
  }

  private void put(char plain) {
    reserve(1);
    text[length++] = (byte) plain;
  }

  private void put(long number) {
    if (number >= 0 && number < 10) {
      put((char) ('0' + number));
      return;
    }
    if (number == Long.MIN_VALUE) {
      put(Long.toString(number));
      return;
    }
    reserve(MOST_DIGITS);
    long rest = Math.abs(number);
    int digits = number < 0 ? 2 : 1;
    for (long more = rest / 10; more > 0; more /= 10) {
      digits++;
    }
    int at = length + digits;
    do {
      text[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    if (number < 0) {
      text[length] = '-';
    }
    length += digits;
  }

  private void reserve(int bytes) {
    if (text.length - length < bytes) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, length + bytes));
    }
  }

  /** Hands on what there is, if it is enough for a piece. To be called between two values. */
  public void mayHandOn() throws IOException {
    if (length >= PIECE) {
      handOn();
    }
  }

  /** Ends the line, and hands on the rest. */
  public void finish() throws IOException {
    put('\n');
    handOn();
    comma = false;
  }

  private void handOn() throws IOException {
    ByteBuffer piece = ByteBuffer.wrap(text, 0, length);
    length = 0;
    sink.take(piece);
  }
}
