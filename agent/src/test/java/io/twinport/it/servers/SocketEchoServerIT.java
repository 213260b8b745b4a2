package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** A {@code java.net} server: an accept loop and a thread for each connection. */
class SocketEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("SocketEchoServer", bindings);
  }
}
