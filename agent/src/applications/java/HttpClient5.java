import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** Apache HttpClient, blocking and asynchronous, with the JDK's server. */
final class HttpClient5 {
  private HttpClient5() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, JdkHttp::server, HttpClient5::client);
  }

  private static String client(Side side) throws Exception {
    URI echo = URI.create("http://127.0.0.1:" + side.port() + "/echo");
    int good = 0;
    try (CloseableHttpClient client = HttpClients.createDefault()) {
      for (int size : new int[] {1, 1000, 100_000, 1_000_000}) {
        HttpPost post = new HttpPost(echo);
        post.setEntity(new ByteArrayEntity(Http.body(size), ContentType.APPLICATION_OCTET_STREAM));
        byte[] answer =
            client.execute(post, response -> EntityUtils.toByteArray(response.getEntity()));
        Side.check(Arrays.equals(Http.body(size), answer), "a body of " + size);
        good++;
      }
    }
    try (CloseableHttpAsyncClient client = HttpAsyncClients.createDefault()) {
      client.start();
      List<Future<SimpleHttpResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        SimpleHttpRequest post =
            SimpleRequestBuilder.post(echo)
                .setBody(Http.body(10_000 + i), ContentType.APPLICATION_OCTET_STREAM)
                .build();
        answers.add(client.execute(post, null));
      }
      for (int i = 0; i < 8; i++) {
        byte[] answer = answers.get(i).get().getBodyBytes();
        Side.check(Arrays.equals(Http.body(10_000 + i), answer), "asynchronous body " + i);
        good++;
      }
    }
    return good + " requests";
  }
}
