package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;

/** Undertow on XNIO, which looks into the JDK's selector. */
class UndertowHttpServerIT extends WebServerContract {
  @Override
  Jvm server() throws Exception {
    return Jvm.of("UndertowHttpServer", "127.0.0.1/0")
        .with(Setup.library("undertow"))
        .option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
  }

  @Override
  boolean isApplicationsOwn(String line) {
    // It logs that it starts and ends, with or without the agent.
    return !line.startsWith("twinport: ");
  }
}
