package io.twinport.it;

/** A {@code java.net} server: an accept loop and a thread for each connection. */
class SocketEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("SocketEchoServer", bindings);
  }
}
