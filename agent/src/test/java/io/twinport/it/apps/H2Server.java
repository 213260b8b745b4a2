package io.twinport.it.apps;

import org.h2.tools.Server;

/** H2's TCP server, with databases in memory. */
public final class H2Server {
  private H2Server() {}

  /** Runs the server. */
  public static void main(String[] arguments) throws Exception {
    Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    new Console().serve("ports=" + server.getPort());
    server.stop();
  }
}
