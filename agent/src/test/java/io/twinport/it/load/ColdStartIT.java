package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How many classes a process loads more with the agent, of those that are not in the JDK's archive:
 * most of what a cold start costs. Each number is what there is, and some room; what needs more is
 * to be looked at.
 */
@Timeout(120)
class ColdStartIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void ofAProgramWithoutSockets() throws Exception {
    assertAtMost(65, "hello");
  }

  @Test
  void ofAListener() throws Exception {
    assertAtMost(550, "bind");
  }

  @Test
  void ofAConnection() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      assertAtMost(555, "connect", Integer.toString(server.port()));
    }
  }

  private static void assertAtMost(int most, String... what) throws Exception {
    int more =
        loaded(Jvm.of("ColdProgram", what)) - loaded(Jvm.of("ColdProgram", what).withoutAgent());
    assertTrue(more <= most, what[0] + ": " + more + " classes");
  }

  private static int loaded(Jvm jvm) throws Exception {
    Path log = Setup.scratch("classes").resolve("loaded");
    List<String> command = jvm.option("-Xlog:class+load:file=" + log + "::filecount=0").command();
    Finished finished = Machine.THIS.run(command);
    assertEquals(0, finished.status(), finished::toString);
    int loaded = 0;
    for (String line : Files.readAllLines(log)) {
      if (line.contains(" source: ") && !line.contains("shared objects file")) {
        loaded++;
      }
    }
    return loaded;
  }
}
