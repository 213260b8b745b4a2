package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that carry nothing cost nothing. */
@Tag("on-one-jdk")
@Timeout(300)
class IdleIT {
  private static final int CONNECTIONS = 100;
  private static final int WATCHED_SECONDS = 10;

  /** 0.5 % of a core. */
  private static final long ALLOWED_NANOS = TimeUnit.SECONDS.toNanos(WATCHED_SECONDS) / 200;

  @Test
  void hundredIdleConnectionsUseNoProcessor() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("SelectorEchoClient").start()) {
      client.call("open " + CONNECTIONS + " 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), CONNECTIONS);

      // What has been still has compilers and collectors at work, and processes are prepared to be
      // asked for their status a second after they have begun; that ends of itself.
      Eventually.within(
          Duration.ofSeconds(20),
          () -> usedWhile(server, client, 1500),
          nanos -> nanos <= TimeUnit.MILLISECONDS.toNanos(10));
      long used = usedWhile(server, client, WATCHED_SECONDS * 1000);
      assertTrue(used < ALLOWED_NANOS, used + " ns of processor time");

      assertEquals(0, client.call("echo 4096").number("wrong"));
      client.call("close");
    }
  }

  /** Without what compilers and collectors use, who have work of their own at any time. */
  private static long usedWhile(Program one, Program other, int millis)
      throws IOException, InterruptedException {
    long before = ProcFs.ownCpuNanos(one) + ProcFs.ownCpuNanos(other);
    TimeUnit.MILLISECONDS.sleep(millis);
    return ProcFs.ownCpuNanos(one) + ProcFs.ownCpuNanos(other) - before;
  }
}
