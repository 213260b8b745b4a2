package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;
import java.io.IOException;

/** Netty 4.2 with its NIO transport. */
class Netty42HttpServerIT extends HttpServerContract {
  @Override
  Jvm server(String... bindings) throws IOException {
    return Jvm.of("NettyHttpServer", bindings).with(Setup.library("netty42"));
  }
}
