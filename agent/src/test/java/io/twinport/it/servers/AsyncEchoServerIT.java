package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** Asynchronous channels with completion handlers. */
class AsyncEchoServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("AsyncEchoServer", bindings);
  }
}
