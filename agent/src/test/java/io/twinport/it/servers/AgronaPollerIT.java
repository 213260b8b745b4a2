package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.io.IOException;

/** Agrona's poller, which puts a key set of its own into the JDK's selector. */
class AgronaPollerIT extends ApplicationContract {
  @Override
  Jvm server() throws Exception {
    return Jvm.of("AgronaEchoServer", "127.0.0.1/0")
        .with(Setup.library("agrona"))
        .option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
  }

  @Override
  Jvm client() {
    return Jvm.of("BlockingEchoClient");
  }

  @Override
  void use(Program client, Program server) throws IOException {
    client.call("open 3 127.0.0.1 " + server.port());
    assertEquals(0, client.call("echo 4096").number("wrong"));
  }

  @Override
  boolean isApplicationsOwn(String line) {
    // Agrona draws warnings from JDK 24 and 26 on, with or without the agent.
    return line.startsWith("WARNING: ")
        && (line.contains("sun.misc.Unsafe")
            || line.contains("inal field")
            || line.contains("final-field")
            || line.contains("org.agrona."));
  }
}
