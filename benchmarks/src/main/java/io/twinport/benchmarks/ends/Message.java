package io.twinport.benchmarks.ends;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a {@link Worker} is asked, and what it answers: a word and named values, on one line. */
public final class Message {
  /** The word of an answer. */
  static final String OK = "ok";

  /** The word of an answer that says what went wrong, as {@code why}. */
  static final String FAILED = "failed";

  private final String word;
  private final Map<String, String> values = new LinkedHashMap<>();

  /** A message without values. */
  public Message(String word) {
    this.word = word;
  }

  static boolean isAnswer(String line) {
    return line.equals(OK) || line.startsWith(OK + " ") || line.startsWith(FAILED + " ");
  }

  static Message parse(String line) {
    String[] words = line.split(" ");
    Message message = new Message(words[0]);
    for (String pair : Arrays.asList(words).subList(1, words.length)) {
      int equals = pair.indexOf('=');
      message.values.put(
          pair.substring(0, equals),
          URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return message;
  }

  /** Adds a value. */
  public Message with(String name, Object value) {
    values.put(name, String.valueOf(value));
    return this;
  }

  /** Adds several numbers as one value. */
  Message with(String name, double[] numbers) {
    return with(
        name,
        Arrays.stream(numbers)
            .mapToObj(number -> String.format(Locale.ROOT, "%.6g", number))
            .collect(Collectors.joining(",")));
  }

  String word() {
    return word;
  }

  /** The names of the values, in their order. */
  public Iterable<String> names() {
    return List.copyOf(values.keySet());
  }

  /**
   * A value.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + word + "' lacks " + name + ": " + this);
    }
    return value;
  }

  /** A value that is a whole number. */
  public long number(String name) {
    return Long.parseLong(text(name));
  }

  /** A value that is some numbers, at least one. */
  public double[] numbers(String name) {
    return Arrays.stream(text(name).split(",")).mapToDouble(Double::parseDouble).toArray();
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(word);
    values.forEach(
        (name, value) ->
            line.append(' ')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return line.toString();
  }
}
