package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** The JDK's own HTTP server. */
class JdkHttpServerIT extends HttpServerContract {
  @Override
  Jvm server(String... bindings) {
    return Jvm.of("JdkHttpServer", bindings);
  }
}
