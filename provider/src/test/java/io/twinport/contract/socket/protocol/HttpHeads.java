package io.twinport.contract.socket.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tests have to know of HTTP. */
final class HttpHeads {
  private static final Pattern LENGTH =
      Pattern.compile("content-length: *([0-9]+)", Pattern.CASE_INSENSITIVE);

  private HttpHeads() {}

  /** Reads the head of a request or a response, with its empty line; nothing beyond it. */
  static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("in a head: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** The length of the body that follows {@code head}, as it says. */
  static int contentLength(String head) {
    Matcher length = LENGTH.matcher(head);
    return length.find() ? Integer.parseInt(length.group(1)) : 0;
  }

  /** The value of a header. */
  static String value(String head, String name) {
    Matcher value =
        Pattern.compile("^" + name + ": *(.*)$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE)
            .matcher(head);
    if (!value.find()) {
      throw new AssertionError("no " + name + " in " + head);
    }
    return value.group(1);
  }
}
