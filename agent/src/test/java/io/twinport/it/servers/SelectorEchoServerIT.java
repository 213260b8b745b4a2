package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** A non-blocking server with one selector. */
class SelectorEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("SelectorEchoServer", bindings);
  }
}
