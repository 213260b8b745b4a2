package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;
import java.time.Duration;

/** Programs that install socket implementations of their own keep them. */
class OwnSocketImplIT extends ApplicationContract {
  private static final String PROGRAM = "io.twinport.it.apps.SocketEcho";

  @Override
  Jvm server() {
    return Jvm.of("WithOwnSocketImpl", PROGRAM + "Server", "127.0.0.1/0");
  }

  @Override
  Jvm client() {
    return Jvm.of("WithOwnSocketImpl", PROGRAM + "Client");
  }

  @Override
  void use(Program client, Program server) throws IOException {
    client.call("open 2 127.0.0.1 " + server.port());
    assertEquals("client", client.event(Duration.ofSeconds(5)).text("factory"));
    assertEquals(0, client.call("echo 4096").number("wrong"));
  }
}
