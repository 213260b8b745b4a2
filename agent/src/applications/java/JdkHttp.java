import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

/** The JDK's own HTTP server and client. */
final class JdkHttp {
  private JdkHttp() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, JdkHttp::server, Http::requests);
  }

  static AutoCloseable server(Side side) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(side.port()), 0);
    server.createContext(
        "/echo",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return () -> server.stop(0);
  }
}
