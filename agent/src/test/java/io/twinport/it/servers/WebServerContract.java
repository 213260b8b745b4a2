package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;

/** Servers of HTTP or HTTPS and one of the JDK's clients. */
abstract class WebServerContract extends ApplicationContract {
  private static final int REQUESTS = 4;

  String scheme() {
    return "http";
  }

  @Override
  Jvm client() throws Exception {
    return Jvm.of("HttpGetClient");
  }

  @Override
  final void use(Program client, Program server) throws IOException {
    String url = scheme() + "://127.0.0.1:" + server.port() + "/";
    assertTrue(client.call("post 300000 " + url).line().contains("equal=true"));
    assertEquals(REQUESTS, client.call("get " + REQUESTS + " " + url).number("good"));
  }
}
