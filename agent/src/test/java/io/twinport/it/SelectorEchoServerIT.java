package io.twinport.it;

/** A non-blocking server with one selector. */
class SelectorEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("SelectorEchoServer", bindings);
  }
}
