import java.net.URI;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/** Jetty's server, with Jetty's client and the JDK's. */
final class Jetty {
  private Jetty() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Jetty::server, Jetty::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    Server server = new Server(side.port());
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            Content.copy(request, response, callback);
            return true;
          }
        });
    server.start();
    return () -> {
      server.stop();
      server.join();
    };
  }

  private static String client(Side side) throws Exception {
    String standard = Http.requests(side);
    HttpClient client = new HttpClient();
    client.setMaxConnectionsPerDestination(4);
    client.start();
    URI echo = URI.create("http://127.0.0.1:" + side.port() + "/echo");
    for (int i = 0; i < 20; i++) {
      ContentResponse answer =
          client
              .newRequest(echo)
              .method(HttpMethod.POST)
              .body(new BytesRequestContent(Http.body(i * 1000)))
              .send();
      Side.check(answer.getContent().length == i * 1000, "a body of " + answer.getContent().length);
    }
    client.stop();
    return standard + " and 20 of Jetty's client";
  }
}
