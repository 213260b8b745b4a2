package io.twinport.benchmarks.applications;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A blocking client of HTTP/1.1 that keeps its connection. Its requests are of 128 bytes, each for
 * another path; the server has to answer with the path. It allocates nothing for a request, so that
 * its collector is no part of what is measured.
 */
final class HttpClient implements Client {
  private static final int REQUEST_BYTES = 128;
  private static final int RESPONSE_BYTES = 4096;
  private static final byte[] STATUS = ascii("HTTP/1.1 200");
  private static final byte[] LENGTH = ascii("content-length:");
  private static final byte[] HEX = ascii("0123456789abcdef");

  /** Where the path is in a request, with its slash. */
  private static final int PATH = "GET ".length();

  private static final int PATH_END = PATH + "/0123456789abcdef".length();

  private final InputStream in;
  private final OutputStream out;
  private final byte[] request = new byte[REQUEST_BYTES];
  private final byte[] response = new byte[RESPONSE_BYTES];
  private long sequence;

  /** Over a connection. */
  HttpClient(Socket socket) throws IOException {
    in = socket.getInputStream();
    out = socket.getOutputStream();
    byte[] begin = ascii("GET /0123456789abcdef HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ");
    byte[] end = ascii("\r\n\r\n");
    Arrays.fill(request, (byte) 'x');
    System.arraycopy(begin, 0, request, 0, begin.length);
    System.arraycopy(end, 0, request, REQUEST_BYTES - end.length, end.length);
  }

  static HttpClient connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return new HttpClient(socket);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void request() throws IOException {
    long rest = ++sequence;
    for (int i = PATH_END - 1; i > PATH; i--) {
      request[i] = HEX[(int) (rest & 0xF)];
      rest >>>= 4;
    }
    out.write(request);
    int filled = 0;
    int body;
    do {
      filled = read(filled);
      body = headEnd(filled);
    } while (body < 0);
    int end = body + contentLength(response, body);
    while (filled < end) {
      filled = read(filled);
    }
    if (filled > end
        || !Arrays.equals(response, 0, STATUS.length, STATUS, 0, STATUS.length)
        || !Arrays.equals(response, body, end, request, PATH, PATH_END)) {
      String text = new String(response, 0, filled, StandardCharsets.ISO_8859_1);
      throw new IOException("Request " + sequence + " was answered with " + text);
    }
  }

  /** Reads behind what is there, and returns where that ends then. */
  private int read(int filled) throws IOException {
    int n = in.read(response, filled, response.length - filled);
    if (n <= 0) {
      throw new EOFException("Request " + sequence + " got " + filled + " bytes for an answer");
    }
    return filled + n;
  }

  /** Where the body begins; -1 if that has not come yet. */
  private int headEnd(int filled) {
    for (int i = 3; i < filled; i++) {
      if (response[i] == '\n'
          && response[i - 1] == '\r'
          && response[i - 2] == '\n'
          && response[i - 3] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  /**
   * How long the body is, in bytes.
   *
   * @param head of the answer, with the empty line
   * @param end of the head
   * @throws IOException if it does not say
   */
  static int contentLength(byte[] head, int end) throws IOException {
    for (int line = 0; line < end; line = lineEnd(head, line) + 1) {
      if (isLength(head, line, end)) {
        int length = 0;
        for (int i = line + LENGTH.length; head[i] != '\r'; i++) {
          if (head[i] != ' ') {
            length = length * 10 + Character.digit(head[i], 10);
          }
        }
        return length;
      }
    }
    throw new IOException("An answer without its length");
  }

  private static int lineEnd(byte[] head, int from) {
    int i = from;
    while (head[i] != '\n') {
      i++;
    }
    return i;
  }

  private static boolean isLength(byte[] head, int line, int end) {
    if (end - line < LENGTH.length) {
      return false;
    }
    for (int i = 0; i < LENGTH.length; i++) {
      if (Character.toLowerCase(head[line + i]) != LENGTH[i]) {
        return false;
      }
    }
    return true;
  }
}
