package io.twinport.it;

/** Asynchronous channels with completion handlers. */
class AsyncEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("AsyncEchoServer", bindings);
  }
}
