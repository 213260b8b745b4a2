package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;

/** Programs whose sockets are of a class of their own. */
class OwnSocketsIT extends ApplicationContract {
  @Override
  Jvm server() {
    return Jvm.of("SocketEchoServer", "127.0.0.1/0").option("-Down=true");
  }

  @Override
  Jvm client() {
    return Jvm.of("SocketEchoClient").option("-Down=true");
  }

  @Override
  void use(Program client, Program server) throws IOException {
    client.call("open 2 127.0.0.1 " + server.port());
    assertEquals(0, client.call("echo 4096").number("wrong"));
  }
}
