package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Servers and clients in guests of their own, as on two hosts, with a cable between them. Takes the
 * time of two guests, and so runs only where it is asked for: {@code -Dit.test=RdmaTwoGuests}.
 */
class RdmaTwoGuests extends RdmaContract {
  private static final Duration NOTICED = Duration.ofSeconds(15);

  private Path cable;

  @Override
  Guest boot() throws Exception {
    // Not in the build's folder: the names of UNIX-domain sockets are short.
    cable = Files.createTempDirectory("cable");
    closed(() -> Files.delete(cable));
    closed(this::cut);
    Guest servers = closed(Guest.wired("10.99.0.1", cable.resolve("1"), cable.resolve("2")));
    clients = closed(Guest.wired("10.99.0.2", cable.resolve("2"), cable.resolve("1")));
    return servers;
  }

  @Override
  String providers() {
    return "shm,ucx";
  }

  /** Comes last: the guests can't hear each other afterwards. */
  @Test
  @Order(10)
  void cutCableIsAnErrorAtBothEnds() throws Exception {
    Program idle = startOn(clients, Jvm.of("BlockingEchoClient"));
    idle.call("open 1 " + servers().address() + " " + selectorServer().port());
    assertEquals(0, idle.call("echo 8000").number("wrong"));
    startLoad(selectorServer(), 2);
    cut();
    assertLost(2, NOTICED);
    Eventually.within(
        NOTICED, () -> selectorServer().call("stats"), stats -> stats.number("resets") == 3);
    String lost = idle.fail("echo 8000");
    assertTrue(lost.contains("Connection reset"), lost);
  }

  private void cut() throws IOException {
    Files.deleteIfExists(cable.resolve("1"));
    Files.deleteIfExists(cable.resolve("2"));
  }
}
