package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;

/** Tomcat with its NIO connector. */
class TomcatNioHttpServerIT extends WebServerContract {
  @Override
  Jvm server() throws Exception {
    String protocol = "org.apache.coyote.http11.Http11NioProtocol";
    return Jvm.of("TomcatHttpServer", protocol, "127.0.0.1/0").with(Setup.library("tomcat"));
  }
}
