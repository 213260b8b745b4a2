package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the two ends may be. */
@Timeout(240)
class PlacesIT {
  @Test
  void inOneJvm() throws Exception {
    try (Program both = Jvm.of("BothEnds").start()) {
      assertEquals(20, both.call("open 20").number("open"));
      San.assertOffTcp(both, both.port(), 20);
      assertEquals(0, both.call("exchange 20000").number("wrong"));
      both.call("close");
    }
  }

  @Test
  void inContainersThatShareTheNetwork() throws Exception {
    Setup.needsRoot();
    try (Program server = contained("AcceptLoopServer", "0.0.0.0/0").start();
        Program client = contained("BlockingEchoClient").start()) {
      client.call("open 10 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), 10);
      client.call("close");
    }
  }

  /** Both JVMs are process 1 of a world of their own. */
  private static Jvm contained(String app, String... arguments) {
    return Jvm.of(app, arguments)
        .through("unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child")
        // They would fight over the same file of performance data in the /tmp that they share.
        .option("-XX:-UsePerfData");
  }
}
