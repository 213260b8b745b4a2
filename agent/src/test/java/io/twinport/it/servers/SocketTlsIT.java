package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;

/** {@code SSLServerSocket} and {@code SSLSocket}. */
class SocketTlsIT extends ApplicationContract {
  @Override
  Jvm server() throws Exception {
    return Keys.tls(Jvm.of("SocketEchoServer", "127.0.0.1/0"));
  }

  @Override
  Jvm client() throws Exception {
    return Keys.tls(Jvm.of("SocketEchoClient"));
  }

  @Override
  void use(Program client, Program server) throws IOException {
    client.call("open 2 127.0.0.1 " + server.port());
    assertEquals(0, client.call("echo 100000").number("wrong"));
  }
}
