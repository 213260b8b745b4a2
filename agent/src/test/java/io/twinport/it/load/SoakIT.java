package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Footprint;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import io.twinport.it.support.TwoHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that come, talk and go at random, for as long as is asked for. */
@Tag("by-hand")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class SoakIT {
  private static final int CONNECTIONS = 20;

  /** Until then caches fill and the compilers work. */
  private static final Duration WARM_UP = Duration.ofSeconds(Math.min(60, Setup.SOAK_SECONDS / 2));

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
  private static final long SLACK_KIB = 8192;

  @Test
  void nothingGrowsBetweenHosts() throws Exception {
    try (TwoHosts hosts = TwoHosts.near()) {
      soak(
          hosts.server()::run,
          hosts.client()::run,
          hosts.server().address(),
          client -> hosts.client().status(client));
    }
  }

  @Test
  void nothingGrowsOnOneHost() throws Exception {
    soak(jvm -> jvm, jvm -> jvm, "127.0.0.1", SwitchStatus::of);
  }

  /** What {@code status} says of a program. */
  private interface Status {
    SwitchStatus of(Program program) throws Exception;
  }

  private static void soak(
      UnaryOperator<Jvm> ofServers, UnaryOperator<Jvm> ofClients, String address, Status status)
      throws Exception {
    String seed = Long.toString(System.nanoTime());
    Jvm serving = ofServers.apply(Jvm.of("SelectorEchoServer", "0.0.0.0/0").optimized());
    try (Program server = small(serving).option("-Dbacklog=100").start()) {
      String port = Integer.toString(server.port());
      String count = Integer.toString(CONNECTIONS);
      Jvm talking = ofClients.apply(Jvm.of("SoakClient", count, address, port, seed).optimized());
      try (Program client = small(talking).start()) {
        soak(server, client, seed);
        if (Setup.SAN) {
          Map<String, Object> counters = status.of(client).counters();
          Set<String> all = Set.of("san.accepted", "san.connected", "san.refused");
          assertEquals(all, counters.keySet(), counters::toString); // Nothing went by TCP.
          assertEquals(0.0, counters.get("san.refused"));
        }
      }
    }
  }

  private static Jvm small(Jvm jvm) {
    return jvm.option("-Xmx128m").option("-Xms128m").option("-XX:+AlwaysPreTouch");
  }

  private static void soak(Program server, Program client, String seed) throws Exception {
    List<Footprint> ofServer = new ArrayList<>();
    List<Footprint> ofClient = new ArrayList<>();
    long start = System.nanoTime();
    for (long at = 0; at < Setup.SOAK_SECONDS; at = seconds(start)) {
      Thread.sleep(BETWEEN_LOOKS.toMillis());
      ofServer.add(Footprint.of(server));
      ofClient.add(Footprint.of(client));
      if (seconds(start) <= WARM_UP.toSeconds()) {
        ofServer.subList(0, ofServer.size() - 1).clear();
        ofClient.subList(0, ofClient.size() - 1).clear();
      }
      assertEquals(0, client.call("stats").number("failures"), () -> text(client));
    }
    assertTrue(client.call("stats").number("rounds") > Setup.SOAK_SECONDS, () -> text(client));
    System.out.println("soak, seed " + seed + ": " + text(client));
    assertSteady("server", ofServer);
    assertSteady("client", ofClient);
  }

  private static long seconds(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toSeconds();
  }

  private static String text(Program client) {
    try {
      return client.call("stats").line();
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }

  /** Connections come and go, so the least of the last looks is what counts. */
  private static void assertSteady(String who, List<Footprint> looks) {
    System.out.println("soak, " + who + ": " + looks.get(0) + " … " + looks.get(looks.size() - 1));
    Footprint first = looks.get(0);
    List<Footprint> last = looks.subList(Math.max(0, looks.size() - 5), looks.size());
    assertFalse(
        last.stream()
            .allMatch(
                look ->
                    new Footprint(
                            look.descriptors() - 2 * CONNECTIONS,
                            look.heapKib(),
                            look.residentKib())
                        .exceeds(first, SLACK_KIB)),
        () -> who + " has grown: " + looks);
  }
}
