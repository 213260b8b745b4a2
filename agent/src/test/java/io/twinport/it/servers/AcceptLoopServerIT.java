package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** A blocking accept loop that hands its connections to worker threads. */
class AcceptLoopServerIT extends EchoServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("AcceptLoopServer", bindings);
  }
}
