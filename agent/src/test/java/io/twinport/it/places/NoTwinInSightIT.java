package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client with the agent where nobody else has it. */
@Timeout(240)
class NoTwinInSightIT {
  @Test
  void loadsNoNativeCode() throws Exception {
    // In a namespace of its own, as any twin in sight is reason enough to load it.
    try (NetworkNamespace network = NetworkNamespace.open();
        Program server =
            Jvm.of("SelectorEchoServer", "127.0.0.1/0")
                .withoutAgent()
                .through(network.enter())
                .start();
        Program client = Jvm.of("BlockingEchoClient").through(network.enter()).start()) {
      client.call("open 3 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, server.port(), 3);
      assertEquals(List.of(), ProcFs.mappings(client.pid(), "jffi"));
      assertEquals(List.of(), ProcFs.mappings(client.pid(), "memfd:"));
    }
  }

  @Test
  void loadsItForATwin() throws Exception {
    Setup.needsSan();
    try (NetworkNamespace network = NetworkNamespace.open();
        Program server =
            Jvm.of("SelectorEchoServer", "127.0.0.1/0").through(network.enter()).start();
        Program client = Jvm.of("BlockingEchoClient").through(network.enter()).start()) {
      client.call("open 3 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), 3);
      // What the other test does not find can be found.
      assertNotEquals(List.of(), ProcFs.mappings(client.pid(), "jffi"));
      assertNotEquals(List.of(), ProcFs.mappings(client.pid(), "memfd:"));
    }
  }
}
