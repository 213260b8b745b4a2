import java.util.Arrays;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufMono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** Reactor Netty's server and client. */
final class ReactorNetty {
  private ReactorNetty() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, ReactorNetty::server, ReactorNetty::client);
  }

  private static AutoCloseable server(Side side) {
    DisposableServer server =
        HttpServer.create()
            .port(side.port())
            .route(
                routes ->
                    routes.post(
                        "/echo",
                        (request, response) ->
                            response.sendByteArray(request.receive().aggregate().asByteArray())))
            .bindNow();
    return server::disposeNow;
  }

  private static String client(Side side) throws Exception {
    String standard = Http.requests(side);
    HttpClient client = HttpClient.create().host("127.0.0.1").port(side.port());
    for (int i = 1; i <= 20; i++) {
      byte[] body = Http.body(i * 1000);
      byte[] answer =
          client
              .post()
              .uri("/echo")
              .send(ByteBufMono.fromString(Mono.just(new String(body, "US-ASCII"))))
              .responseSingle((response, content) -> content.asByteArray())
              .block();
      Side.check(Arrays.equals(body, answer), "body " + i);
    }
    return standard + " and 20 of Reactor Netty's client";
  }
}
