import io.javalin.Javalin;

/** Javalin. */
final class JavalinHttp {
  private JavalinHttp() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, JavalinHttp::server, Http::requests);
  }

  private static AutoCloseable server(Side side) {
    Javalin server =
        Javalin.create(
            config -> {
              config.http.maxRequestSize = 2_000_000;
              config.routes.post("/echo", context -> context.result(context.bodyAsBytes()));
            });
    server.start("127.0.0.1", side.port());
    return server::stop;
  }
}
