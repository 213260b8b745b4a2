import java.util.Arrays;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp with the JDK's server. */
final class OkHttp5 {
  private OkHttp5() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, JdkHttp::server, OkHttp5::client);
  }

  private static String client(Side side) throws Exception {
    OkHttpClient client = new OkHttpClient();
    int good = 0;
    for (int size : new int[] {1, 1000, 100_000, 1_000_000, 10, 10}) {
      Request request =
          new Request.Builder()
              .url("http://127.0.0.1:" + side.port() + "/echo")
              .post(
                  RequestBody.create(Http.body(size), MediaType.parse("application/octet-stream")))
              .build();
      try (Response response = client.newCall(request).execute()) {
        Side.check(Arrays.equals(Http.body(size), response.body().bytes()), "a body of " + size);
        good++;
      }
    }
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
    return good + " requests";
  }
}
