package io.twinport.it.servers;

import io.twinport.it.support.Jvm;

/** The JDK's own HTTPS server with {@code HttpsURLConnection}. */
class HttpsUrlConnectionIT extends WebServerContract {
  @Override
  String scheme() {
    return "https";
  }

  @Override
  Jvm server() throws Exception {
    return Keys.tls(Jvm.of("JdkHttpServer", "127.0.0.1/0"));
  }

  @Override
  Jvm client() throws Exception {
    return Keys.tls(Jvm.of("HttpUrlClient"));
  }
}
