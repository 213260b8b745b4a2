package io.twinport.it.apps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * The JDK's old HTTP client, {@code HttpURLConnection}. The last answer of a {@code get} is left
 * half read, as the connection would be closed after five idle seconds.
 */
public final class HttpUrlClient {
  /** By host and port. */
  private final Map<String, InputStream> halfRead = new HashMap<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    HttpUrlClient program = new HttpUrlClient();
    new Console()
        .on("get", program::get)
        .on("post", program::post)
        .on("count", program::count)
        .serve("");
    for (InputStream answer : program.halfRead.values()) {
      answer.close();
    }
  }

  /** {@code get COUNT URL}: so many requests, one after the other. */
  private String get(String... words) throws IOException {
    URL url = new URL(words[2]);
    int count = Integer.parseInt(words[1]);
    int good = 0;
    for (int i = 0; i < count; i++) {
      finish(url);
      HttpURLConnection connection = open(url);
      InputStream answer = connection.getInputStream();
      good += connection.getResponseCode() == 200 && answer.read() == '/' ? 1 : 0;
      halfRead.put(url.getAuthority(), answer);
    }
    return "good=" + good;
  }

  /** {@code post BYTES URL}: one request with a random body, which has to come back. */
  private String post(String... words) throws IOException {
    URL url = new URL(words[2]);
    byte[] body = new byte[Integer.parseInt(words[1])];
    new Random(body.length).nextBytes(body);
    finish(url);
    HttpURLConnection connection = open(url);
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.length);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    byte[] answer;
    try (InputStream in = connection.getInputStream()) {
      answer = in.readAllBytes();
    }
    get("get", "1", words[2]);
    return "equal=" + Arrays.equals(body, answer);
  }

  /** {@code count PORT}: how many connections to a port are open. */
  private String count(String... words) {
    return "connections="
        + halfRead.keySet().stream().filter(server -> server.endsWith(":" + words[1])).count();
  }

  private static HttpURLConnection open(URL url) throws IOException {
    return (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
  }

  /** Reads what is left of the last answer, so that its connection can be used again. */
  private void finish(URL url) throws IOException {
    try (InputStream answer = halfRead.remove(url.getAuthority())) {
      if (answer != null) {
        answer.readAllBytes();
      }
    }
  }
}
