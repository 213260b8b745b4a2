package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    assertAtMost(530, "bind");
  }

  @Test
  void ofAConnection() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      assertAtMost(540, "connect", Integer.toString(server.port()));
    }
  }

  /** The JVM's cache has the agent's classes, too, and they work out of it. */
  @Test
  void withTheCacheOfTheJvm() throws Exception {
    assumeTrue(Runtime.version().feature() >= 25, "the JVM's cache takes agents from JDK 25 on");
    Path folder = Setup.scratch("cache");
    String cache = folder.resolve("cold.aot").toString();
    Path jar = folder.resolve("cold.jar");
    pack(jar);
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      String port = Integer.toString(server.port());
      int without = loaded(outOf(jar, Jvm.of("ColdProgram", "connect", port).optimized()));
      Finished trained =
          Machine.THIS.run(
              outOf(
                  jar,
                  Jvm.of("ColdProgram", "connect", port)
                      .optimized()
                      .option("-XX:AOTCacheOutput=" + cache)));
      assertEquals(0, trained.status(), trained::toString);
      int with =
          loaded(
              outOf(
                  jar,
                  Jvm.of("ColdProgram", "connect", port)
                      .optimized()
                      .option("-XX:AOTCache=" + cache)));
      assertTrue(3 * with < 2 * without, with + " classes with the cache, without " + without);
      assertEquals(3.0, SwitchStatus.of(server).counters().get("san.accepted"));
    }
  }

  /** The cache takes no classes that are in folders. */
  private static void pack(Path jar) throws Exception {
    Finished packed =
        Machine.THIS.run(
            List.of(
                Setup.JDK.resolve("bin/jar").toString(),
                "cf",
                jar.toString(),
                "-C",
                Jvm.CLASSES.toString(),
                "io/twinport/it/apps/ColdProgram.class"));
    assertEquals(0, packed.status(), packed::toString);
  }

  private static List<String> outOf(Path jar, Jvm jvm) {
    List<String> command = jvm.command();
    command.set(command.indexOf("-cp") + 1, jar.toString());
    return command;
  }

  private static void assertAtMost(int most, String... what) throws Exception {
    int more =
        loaded(Jvm.of("ColdProgram", what).optimized().command())
            - loaded(Jvm.of("ColdProgram", what).optimized().withoutAgent().command());
    assertTrue(more <= most, what[0] + ": " + more + " classes");
  }

  private static int loaded(List<String> program) throws Exception {
    Path log = Setup.scratch("classes").resolve("loaded");
    List<String> command = new ArrayList<>(program);
    command.add(1, "-Xlog:class+load:file=" + log + "::filecount=0");
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
