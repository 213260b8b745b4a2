package io.twinport.it.apps;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The JDK's own HTTP client, which keeps its connections open between requests. */
public final class HttpGetClient {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** The client addresses that the server named, by its port. */
  private final Map<Integer, Set<String>> seen = new HashMap<>();

  /** Runs the client. */
  public static void main(String[] arguments) throws Exception {
    HttpGetClient program = new HttpGetClient();
    // Nothing to close: the JDK's client has daemon threads only.
    new Console()
        .on("get", program::get)
        .on("post", program::post)
        .on("count", program::count)
        .serve("");
  }

  /**
   * {@code get COUNT URL}: so many requests, half of them at once, the rest one after the other.
   */
  private String get(String... words) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(words[2])).build();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    int count = Integer.parseInt(words[1]);
    for (int i = 0; i < count / 2; i++) {
      answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }
    int good = 0;
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      good += good(answer.get());
    }
    for (int i = count / 2; i < count; i++) {
      good += good(client.send(request, HttpResponse.BodyHandlers.ofString()));
    }
    return "good=" + good;
  }

  /** {@code post BYTES URL}: one request with a random body, which has to come back. */
  private String post(String... words) throws Exception {
    byte[] body = new byte[Integer.parseInt(words[1])];
    new Random(body.length).nextBytes(body);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(words[2]))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return "equal=" + Arrays.equals(body, answer.body());
  }

  /** {@code count PORT}: how many connections the GET requests to a port took so far. */
  private String count(String... words) {
    return "connections=" + seen.get(Integer.valueOf(words[1])).size();
  }

  private int good(HttpResponse<String> answer) {
    seen.computeIfAbsent(answer.uri().getPort(), port -> new HashSet<>()).add(answer.body());
    return answer.statusCode() == 200 && answer.body().startsWith("/") ? 1 : 0;
  }
}
