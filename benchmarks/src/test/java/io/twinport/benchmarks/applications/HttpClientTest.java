package io.twinport.benchmarks.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class HttpClientTest {
  private ServerSocket listener;
  private Socket near;
  private Socket far;
  private HttpClient client;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    near = new Socket(listener.getInetAddress(), listener.getLocalPort());
    far = listener.accept();
    client = new HttpClient(near);
  }

  @AfterEach
  void close() throws IOException {
    near.close();
    far.close();
    listener.close();
  }

  /** What comes does not depend on the request: it is sent before. */
  private void answer(String text) throws IOException {
    far.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String ok(int length, String body) {
    return "HTTP/1.1 200 OK\r\nDate: now\r\nContent-length: " + length + "\r\n\r\n" + body;
  }

  @Test
  void asksForAnotherPathEachTime() throws IOException {
    for (String path : new String[] {"/0000000000000001", "/0000000000000002"}) {
      answer(ok(17, path));
      client.request();
      String request = new String(far.getInputStream().readNBytes(128), StandardCharsets.US_ASCII);
      assertTrue(request.startsWith("GET " + path + " HTTP/1.1\r\nHost: "), request);
      assertEquals(124, request.indexOf("\r\n\r\n"));
    }
    assertEquals(0, far.getInputStream().available());
  }

  @Test
  void takesAnAnswerInPieces() throws Exception {
    Thread server =
        new Thread(
            () -> {
              try {
                for (char c : ok(17, "/0000000000000001").toCharArray()) {
                  answer(String.valueOf(c));
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    server.start();
    client.request();
    server.join();
  }

  @Test
  void wrongAnswersAreFailures() throws IOException {
    answer(ok(17, "/0000000000000002"));
    IOException e = assertThrows(IOException.class, client::request);
    assertTrue(e.getMessage().startsWith("Request 1 was answered with HTTP/1.1 200"), e.toString());
    answer(ok(17, "/0000000000000002more"));
    assertThrows(IOException.class, client::request);
    answer("HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\n/0000000000000003");
    assertThrows(IOException.class, client::request);
    answer("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertThrows(IOException.class, client::request);
    far.shutdownOutput();
    assertThrows(EOFException.class, client::request);
  }

  @Test
  void findsTheLengthHoweverItIsWritten() throws IOException {
    for (String line : new String[] {"Content-Length: 17", "content-length:17"}) {
      byte[] head =
          ("HTTP/1.1 200 OK\r\nA: b\r\n" + line + "\r\nServer: c\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      assertEquals(17, HttpClient.contentLength(head, head.length));
    }
  }
}
