import io.helidon.webserver.WebServer;

/** Helidon's web server, each connection of which has a virtual thread. */
final class Helidon {
  private Helidon() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Helidon::server, Http::requests);
  }

  private static AutoCloseable server(Side side) {
    WebServer server =
        WebServer.builder()
            .port(side.port())
            .routing(
                routing ->
                    routing.post(
                        "/echo",
                        (request, response) -> {
                          byte[] body = request.content().inputStream().readAllBytes();
                          response.send(body);
                        }))
            .build()
            .start();
    return server::stop;
  }
}
