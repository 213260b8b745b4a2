package io.twinport.it.servers;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;
import java.io.IOException;

/** Netty 4.1 with its NIO transport. */
class Netty41HttpServerIT extends HttpServerContract {
  @Override
  Jvm server(String... bindings) throws IOException {
    return Jvm.of("NettyHttpServer", bindings).with(Setup.library("netty41"));
  }

  @Override
  boolean isServersOwn(String line) {
    return isUnsafeWarning(line);
  }

  /** Netty 4.1 draws a warning of four lines from JDK 24 and later, with or without the agent. */
  static boolean isUnsafeWarning(String line) {
    return line.startsWith("WARNING: ")
        && (line.contains("sun.misc.Unsafe") || line.contains("class io.netty."));
  }
}
