package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code kill -9} under load: the other side notices, and nothing is left behind. */
@Tag("on-one-jdk")
@Timeout(300)
class KilledIT {
  private static final int CONNECTIONS = 20;
  private static final int ROUNDS = 4;
  private static final Duration NOTICED_WITHIN = Duration.ofSeconds(1);
  private static final Duration CLEANED_WITHIN = Duration.ofSeconds(5);

  /** What a process holds that it could leak. */
  private record Holdings(int descriptors, int sharedMappings, Set<String> names) {
    static Holdings of(Program program) throws IOException {
      return new Holdings(
          ProcFs.descriptors(program.pid()),
          ProcFs.mappings(program.pid(), "memfd:").size(),
          ProcFs.abstractNames(program.pid()));
    }
  }

  private NetworkNamespace network;
  private Path temporary;
  private Set<String> sharedFiles;

  @BeforeEach
  void open() throws IOException {
    network = NetworkNamespace.open();
    temporary = Setup.scratch("killed");
    sharedFiles = sharedFiles();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    try (NetworkNamespace ending = network) {
      assertEquals(Set.of(), ProcFs.abstractNames(ending.pid()), "names of UNIX-domain sockets");
      try (Stream<Path> files = Files.list(temporary)) {
        assertEquals(List.of(), files.toList(), "temporary files");
      }
      assertEquals(sharedFiles, sharedFiles(), "files in /dev/shm");
    }
  }

  @Test
  void serverNoticesTheDeathOfItsClient() throws Exception {
    try (Program server = jvm("SelectorEchoServer", "127.0.0.1/0").start()) {
      Holdings before = null;
      for (int round = 0; round < ROUNDS; round++) {
        Program client = jvm("BlockingEchoClient").start();
        load(server, client);
        client.kill();
        client.awaitDeath();
        Eventually.within(
            NOTICED_WITHIN, () -> server.call("stats"), stats -> stats.number("open") == 0);
        client.close();
        if (before == null) {
          // The first client leaves what is made once and kept.
          before = settled(server);
        } else {
          awaitHoldings(server, before);
        }
      }
    }
  }

  @Test
  void clientNoticesTheDeathOfItsServerAndReachesTheNextOne() throws Exception {
    // Who spins may not need its bell before a later round.
    Jvm sleeps = jvm("BlockingEchoClient").twinport("wait", "block");
    try (Program client = sleeps.start()) {
      Program server = jvm("SelectorEchoServer", "127.0.0.1/0").start();
      int port = server.port();
      Holdings before = null;
      for (int round = 0; round < ROUNDS; round++) {
        load(server, client);
        server.kill();
        server.awaitDeath();
        long dead = System.nanoTime();
        for (int i = 0; i < CONNECTIONS; i++) {
          String lost = client.event(NOTICED_WITHIN).line();
          assertTrue(lost.startsWith("event lost"), lost);
        }
        Duration noticed = Duration.ofNanos(System.nanoTime() - dead);
        assertTrue(noticed.compareTo(NOTICED_WITHIN) <= 0, () -> "noticed after " + noticed);
        client.call("close");
        server.close();
        if (before == null) {
          before = settled(client);
        } else {
          awaitHoldings(client, before);
        }
        server = jvm("SelectorEchoServer", "127.0.0.1/" + port).start();
      }
      load(server, client);
      client.call("close");
      // The threads of the load see the close.
      for (int i = 0; i < CONNECTIONS; i++) {
        client.event(NOTICED_WITHIN);
      }
      server.close();
    }
  }

  private Jvm jvm(String app, String... arguments) {
    return Jvm.of(app, arguments).through(network.enter()).option("-Djava.io.tmpdir=" + temporary);
  }

  /** Opens connections, on the SAN at once, and waits until every one of them carries data. */
  private static void load(Program server, Program client) throws IOException {
    client.call("open " + CONNECTIONS + " 127.0.0.1 " + server.port());
    San.assertOffTcp(server, server.port(), CONNECTIONS);
    client.call("load");
    for (int i = 0; i < CONNECTIONS; i++) {
      assertEquals("event flowing", client.event(CLEANED_WITHIN).line());
    }
  }

  /** What a process holds once that no longer changes: what is given back is given back by then. */
  private static Holdings settled(Program program) throws Exception {
    Holdings[] last = {Holdings.of(program)};
    long[] since = {System.nanoTime()};
    return Eventually.within(
        CLEANED_WITHIN,
        () -> {
          Holdings now = Holdings.of(program);
          if (!now.equals(last[0])) {
            last[0] = now;
            since[0] = System.nanoTime();
          }
          return now;
        },
        now -> System.nanoTime() - since[0] > NOTICED_WITHIN.toNanos());
  }

  private static void awaitHoldings(Program program, Holdings wanted) throws Exception {
    try {
      Eventually.within(CLEANED_WITHIN, () -> Holdings.of(program), wanted::equals);
    } catch (AssertionError e) {
      throw new AssertionError(
          "before: " + wanted + ", now open: " + ProcFs.descriptorTargets(program.pid()), e);
    }
  }

  private static Set<String> sharedFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      return files.map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
