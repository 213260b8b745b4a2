package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;
import java.io.IOException;

/** Jetty 12. */
class Jetty12HttpServerIT extends HttpServerContract {
  @Override
  Jvm server(String... bindings) throws IOException {
    return Jvm.of("JettyHttpServer", bindings).with(Setup.library("jetty12"));
  }
}
