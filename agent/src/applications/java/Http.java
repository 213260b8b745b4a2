import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What is asked of an HTTP server, by the JDK's client: {@code /echo} gives back what is sent to
 * it, in bodies of up to a megabyte, one after the other and at the same time.
 */
final class Http {
  private static final int[] SIZES = {1, 100, 10_000, 100_000, 1_000_000};
  private static final int AT_ONCE = 8;

  private Http() {}

  static String requests(Side side) throws Exception {
    return requests(URI.create("http://127.0.0.1:" + side.port() + "/echo"));
  }

  static String requests(URI echo) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    int good = 0;
    for (int round = 0; round < 5; round++) {
      for (int size : SIZES) {
        check(client.send(request(echo, size), HttpResponse.BodyHandlers.ofByteArray()), size);
        good++;
      }
    }
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      answers.add(
          client.sendAsync(request(echo, 10_000 + i), HttpResponse.BodyHandlers.ofByteArray()));
    }
    for (int i = 0; i < AT_ONCE; i++) {
      check(answers.get(i).get(), 10_000 + i);
      good++;
    }
    return good + " requests";
  }

  static byte[] body(int size) {
    byte[] body = new byte[size];
    for (int i = 0; i < size; i++) {
      body[i] = (byte) ('a' + i % 23);
    }
    return body;
  }

  private static HttpRequest request(URI echo, int size) {
    return HttpRequest.newBuilder(echo)
        .header("Content-Type", "application/octet-stream")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body(size)))
        .build();
  }

  private static void check(HttpResponse<byte[]> answer, int size) {
    Side.check(answer.statusCode() == 200, "status " + answer.statusCode());
    Side.check(
        Arrays.equals(body(size), answer.body()),
        "a body of " + size + " bytes came back as " + answer.body().length);
  }
}
