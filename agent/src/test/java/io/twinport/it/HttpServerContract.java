package io.twinport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;

/** HTTP servers, with the JDK's own HTTP client, which keeps its connections open. */
abstract class HttpServerContract extends ServerContract {
  private static final int AT_ONCE = 4;

  private Program client;

  @Override
  final void startClients() throws IOException {
    client = Jvm.of("HttpGetClient").start();
  }

  @Override
  final void connect(String target, int port) throws IOException {
    String url = Curl.url(target, port);
    assertEquals(2 * AT_ONCE, client.call("get " + AT_ONCE + " " + url).number("good"));
  }

  @Override
  final int connections(int port) throws IOException {
    // As many as there were requests at once, or fewer, as the client likes.
    return (int) client.call("count " + port).number("connections");
  }

  @Override
  final void talk(String target, int port) throws IOException {
    String url = Curl.url(target, port);
    assertEquals(2 * AT_ONCE, client.call("get " + AT_ONCE + " " + url).number("good"));
    assertTrue(client.call("post 1000000 " + url).line().contains("equal=true"));
  }

  @Override
  final boolean disconnect() {
    // The client closes its connections when it ends.
    return false;
  }

  @Override
  final void stopClients() throws IOException {
    client.close();
  }
}
