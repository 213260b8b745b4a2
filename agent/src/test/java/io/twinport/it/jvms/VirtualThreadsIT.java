package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Virtual threads that wait for the SAN leave their carriers, of which there are two. */
@Timeout(300)
class VirtualThreadsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(70);

  private static Program start(String kind, String wait) throws IOException {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads come with JDK 21");
    return Jvm.of("VirtualThreads", kind)
        .option("-Djdk.virtualThreadScheduler.parallelism=2")
        .option("-Djdk.virtualThreadScheduler.maxPoolSize=2")
        .twinport("wait", wait)
        .start();
  }

  @ParameterizedTest(name = "{1} with a {0} each, wait={2}")
  @CsvSource({
    "channel, 10000, adaptive",
    "socket, 10000, adaptive",
    "channel, 1000, spin",
    "socket, 1000, block"
  })
  void theyWaitAndMakeProgress(String kind, int crowd, String wait) throws Exception {
    try (Program server = start(kind, wait);
        Program client = start(kind, wait)) {
      client.send("open " + crowd + " " + server.port());
      Answer open = client.answer("open", PATIENCE);
      assertEquals(crowd, open.number("open"), open::line);
      assertEquals(0, open.number("failures"), open::line);
      San.assertOffTcp(server, server.port(), crowd);

      client.call("probe");
      server.call("probe");
      server.send("poke");
      assertEquals(crowd, server.answer("poke", PATIENCE).number("poked"));
      awaitAnswered(client, crowd);
      client.send("say");
      assertEquals(0, client.answer("say", PATIENCE).number("failures"));
      awaitAnswered(client, 2 * crowd);

      assertEquals(100, client.call("interrupt 100").number("interrupted"));
      Answer end = client.call("probe");
      assertEquals(0, end.number("failures"), end::line);
      assertEquals(0, server.call("stats").number("failures"));
      assertPinnedNowhere(client);
      assertPinnedNowhere(server);
    }
  }

  private static void awaitAnswered(Program client, int count) throws Exception {
    Eventually.within(
        PATIENCE, () -> client.call("answered").number("answered"), answered -> answered == count);
  }

  private static void assertPinnedNowhere(Program program) throws IOException {
    program.send("pinned");
    Answer pinned = program.answer("pinned", PATIENCE);
    program.send("loaded"); // Many that need a class at once are the likeliest cause.
    Answer loaded = program.answer("loaded", PATIENCE);
    assertEquals(0, pinned.number("pinned"), () -> pinned.line() + "; " + loaded.line());
  }
}
