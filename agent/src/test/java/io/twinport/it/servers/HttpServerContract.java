package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Curl;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** HTTP servers, with both HTTP clients of the JDK, which keep their connections open. */
abstract class HttpServerContract extends ServerContract {
  private static final int REQUESTS = 8;

  private final List<Program> clients = new ArrayList<>();

  @Override
  final void startClients() throws IOException {
    clients.add(start(Jvm.of("HttpGetClient")));
    clients.add(start(Jvm.of("HttpUrlClient")));
  }

  @Override
  final void connect(String target, int port) throws IOException {
    for (Program client : clients) {
      client.call("get " + REQUESTS + " " + Curl.url(target, port));
    }
  }

  @Override
  final int connections(int port) throws IOException {
    // At most as many as there were requests at once, as the clients like.
    int connections = 0;
    for (Program client : clients) {
      connections += (int) client.call("count " + port).number("connections");
    }
    return connections;
  }

  @Override
  final void talk(String target, int port) throws IOException {
    String url = Curl.url(target, port);
    for (Program client : clients) {
      assertEquals(REQUESTS, client.call("get " + REQUESTS + " " + url).number("good"));
      assertTrue(client.call("post 1000000 " + url).line().contains("equal=true"));
    }
  }

  @Override
  final boolean disconnect() {
    // The clients close their connections when they end.
    return false;
  }

  @Override
  final void stopClients() throws IOException {
    for (Program client : clients) {
      client.close();
    }
  }
}
