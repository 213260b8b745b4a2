package io.twinport.capture;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * What a capture is asked for by, behind {@link CaptureFormat#VERSION}: the words of a filter, and
 * perhaps {@code to=}, percent-encoded.
 *
 * @param destination what is written; {@code status} shows it, and nothing else is done with it
 */
public record CaptureRequest(CaptureFilter filter, String destination) {
  /** A request is one line of bounded length. */
  private static final int MOST_LETTERS = 256;

  private static final String TO = " to=";

  /** Of a destination that is very long, the end is kept, which tells more. */
  public CaptureRequest {
    int more = destination.length() - MOST_LETTERS;
    destination = more <= 0 ? destination : "..." + destination.substring(more);
  }

  /**
   * Reads the words.
   *
   * @throws IllegalArgumentException if there is something in them that can't be understood
   */
  public static CaptureRequest parse(String words) {
    int to = words.indexOf(TO);
    if (to < 0) {
      return new CaptureRequest(CaptureFilter.parse(words), "");
    }
    String destination =
        URLDecoder.decode(words.substring(to + TO.length()).strip(), StandardCharsets.UTF_8);
    return new CaptureRequest(CaptureFilter.parse(words.substring(0, to)), destination);
  }

  /** The words that {@link #parse} reads. */
  public String words() {
    return destination.isEmpty()
        ? filter.words()
        : filter.words() + TO + URLEncoder.encode(destination, StandardCharsets.UTF_8);
  }
}
