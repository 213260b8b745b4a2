package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.util.List;

/** An RMI registry, a remote call, and calls back to the client. */
class RmiIT extends ApplicationContract {
  @Override
  Jvm server() throws IOException {
    int[] ports = Setup.freePorts(2);
    return atLoopback(Jvm.of("RmiServer", "" + ports[0], "" + ports[1]));
  }

  @Override
  Jvm client() throws IOException {
    return atLoopback(Jvm.of("RmiClient", "" + Setup.freePorts(1)[0]));
  }

  private static Jvm atLoopback(Jvm jvm) {
    return jvm.option("-Djava.rmi.server.hostname=127.0.0.1");
  }

  @Override
  void use(Program client, Program server) throws IOException {
    Answer call = client.call("call 127.0.0.1 " + server.port() + " 100000");
    assertEquals("true", call.text("equal"));
    assertEquals(10, call.number("count"));
  }

  @Override
  List<Integer> ports(Program client, Program server) {
    return List.of(server.port(0), server.port(1), client.port());
  }
}
