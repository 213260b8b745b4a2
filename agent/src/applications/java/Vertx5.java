import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Vert.x's HTTP server and client. */
final class Vertx5 {
  private Vertx5() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Vertx5::server, Vertx5::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Vertx vertx = Vertx.vertx();
    vertx
        .createHttpServer()
        .requestHandler(request -> request.body().onSuccess(body -> request.response().end(body)))
        .listen(side.port())
        .await(30, TimeUnit.SECONDS);
    return () -> vertx.close().await(30, TimeUnit.SECONDS);
  }

  private static String client(Side side) throws Exception {
    String standard = Http.requests(side);
    Vertx vertx = Vertx.vertx();
    HttpClient client = vertx.createHttpClient();
    for (int i = 1; i <= 20; i++) {
      byte[] body = Http.body(i * 1000);
      Buffer answer =
          client
              .request(HttpMethod.POST, side.port(), "127.0.0.1", "/echo")
              .compose(request -> request.send(Buffer.buffer(body)))
              .compose(response -> response.body())
              .await(30, TimeUnit.SECONDS);
      Side.check(Arrays.equals(body, answer.getBytes()), "body " + i);
    }
    vertx.close().await(30, TimeUnit.SECONDS);
    return standard + " and 20 of Vert.x's client";
  }
}
