package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;

/** Netty where it may put a key set of its own into the JDK's selector. */
class NettyKeySetIT extends WebServerContract {
  @Override
  Jvm server() throws Exception {
    return Jvm.of("NettyHttpServer", "127.0.0.1/0")
        .with(Setup.library("netty41"))
        .option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
        .option("--add-opens=java.base/java.nio=ALL-UNNAMED")
        .option("-Dio.netty.tryReflectionSetAccessible=true");
  }

  @Override
  boolean isApplicationsOwn(String line) {
    return Netty41HttpServerIT.isUnsafeWarning(line);
  }
}
