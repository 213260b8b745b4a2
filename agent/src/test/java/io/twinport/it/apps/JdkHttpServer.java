package io.twinport.it.apps;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The JDK's own HTTP server, answering a GET with the client's address and a POST with its own
 * body. Arguments: {@code host/port …}; property {@code tls}.
 */
public final class JdkHttpServer {
  private JdkHttpServer() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    ExecutorService workers = Executors.newCachedThreadPool();
    List<HttpServer> servers = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (InetSocketAddress address : Bindings.parse(arguments)) {
      HttpServer server = create(address);
      server.setExecutor(workers);
      server.createContext("/", JdkHttpServer::answer);
      server.start();
      servers.add(server);
      ports.add(server.getAddress().getPort());
    }
    // It does not tell of connections.
    new Console().on("stats", words -> new Tally().report()).serve(Bindings.report(ports));
    for (HttpServer server : servers) {
      server.stop(0);
    }
    workers.shutdown();
  }

  private static HttpServer create(InetSocketAddress address) throws Exception {
    if (!Boolean.getBoolean("tls")) {
      return HttpServer.create(address, 0);
    }
    HttpsServer server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(SSLContext.getDefault()));
    return server;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (exchange.getRequestMethod().equals("GET")) {
        InetSocketAddress remote = exchange.getRemoteAddress();
        // TLS may have looked the name up, which would be in its text.
        String address = "/" + remote.getAddress().getHostAddress() + ":" + remote.getPort();
        body = (address + "\n").getBytes(StandardCharsets.UTF_8);
      }
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
