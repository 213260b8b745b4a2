package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that does not run while clients connect and lose patience. */
@Tag("on-one-jdk")
@Timeout(300)
class StoppedServerIT {
  private static final int STOPPED_MILLIS = 300;
  private static final int ROUNDS = 3;

  /** 0 is the default backlog. */
  @ParameterizedTest(name = "backlog {0}")
  @ValueSource(ints = {0, 4})
  void acceptsNoConnectionThatItsClientGaveUp(int backlog) throws Exception {
    if (backlog != 0) {
      // TCP itself leaves ghosts behind when a stopped server's queue is full.
      Setup.needsSan();
    }
    try (Program server =
            Jvm.of("SelectorEchoServer", "127.0.0.1/0").option("-Dbacklog=" + backlog).start();
        Program one = Jvm.of("BlockingEchoClient").start();
        Program other = Jvm.of("BlockingEchoClient").start()) {
      // One client has met the server before it is stopped, the other has not.
      one.call("open 1 127.0.0.1 " + server.port());
      one.call("echo 64");
      San.assertOffTcp(server, server.port(), 1);
      long connected = 1;
      long gaveUp = 0;
      for (int round = 0; round < ROUNDS; round++) {
        server.signal("STOP");
        for (Program client : List.of(one, other)) {
          client.send("burst 50 20 127.0.0.1 " + server.port());
        }
        // Not a wait for anything: this is how long the server is stopped.
        TimeUnit.MILLISECONDS.sleep(STOPPED_MILLIS);
        server.signal("CONT");
        for (Program client : List.of(one, other)) {
          Answer burst = client.answer("burst");
          connected += burst.number("connected");
          gaveUp += burst.number("gaveup");
        }
      }
      long wanted = connected;
      Eventually.within(
          Duration.ofSeconds(10),
          () -> server.call("stats"),
          stats -> stats.number("accepted") >= wanted);
      one.call("close");
      other.call("close");
      Answer end =
          Eventually.within(
              Duration.ofSeconds(10),
              () -> server.call("stats"),
              stats -> stats.number("open") == 0);
      assertEquals(connected, end.number("accepted"), end::toString);
      assertEquals(0, end.number("silent"), "connections that were given up and yet accepted");
      if (Setup.SAN) { // Of TCP the kernel accepts, whether or not the server runs.
        assertTrue(gaveUp >= ROUNDS, "nobody gave up: " + gaveUp);
      }
      // As there are more clients than the backlog, some may be refused; the first is worth a line.
      List<String> errors = server.takeErrors();
      assertTrue(errors.size() <= 1, errors::toString);
      assertTrue(errors.stream().allMatch(line -> line.contains("backlog")), errors::toString);
    }
  }
}
