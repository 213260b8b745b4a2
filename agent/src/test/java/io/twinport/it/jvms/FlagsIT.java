package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.SwitchStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JVMs that are run in other ways than usual, at both ends. */
@Timeout(240)
class FlagsIT {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xmx16m",
        "-XX:+UseSerialGC",
        "-XX:+UseZGC",
        "-Xcomp -XX:TieredStopAtLevel=1",
        "-Djava.net.preferIPv4Stack=true",
        "-Djava.net.preferIPv6Addresses=true",
        "-Djdk.net.useFastTcpLoopback=true"
      })
  void overTheSan(String flags) throws Exception {
    Jvm serverJvm = Jvm.of("SocketEchoServer", "0.0.0.0/0").optimized();
    Jvm clientJvm = Jvm.of("BlockingEchoClient").optimized();
    for (String flag : flags.split(" ", -1)) {
      serverJvm.option(flag);
      clientJvm.option(flag);
    }
    try (Program server = serverJvm.start();
        Program client = clientJvm.start()) {
      client.call("open 10 localhost " + server.port());
      assertEquals(0, client.call("echo 100000").number("wrong"));
      assertEquals(0, client.call("transfer 8000000").number("wrong"));
      San.assertOffTcp(server, server.port(), 10);
    }
  }

  @Test
  void aProcessWithoutIPv6ConnectsToNoAddressOfIt() throws Exception {
    try (Program server = Jvm.of("SocketEchoServer", "::1/0").start();
        Program plain = withoutIPv6().withoutAgent().start();
        Program client = withoutIPv6().start()) {
      String attempt = "attempt ::1 " + server.port();
      String expected = plain.call(attempt).text("failed");
      assertTrue(expected.startsWith("java.net."), expected);
      assertEquals(expected, client.call(attempt).text("failed"));
    }
  }

  private static Jvm withoutIPv6() {
    return Jvm.of("ProxyClient").option("-Djava.net.preferIPv4Stack=true");
  }

  /** JDK 17 still has them; on others the flag means nothing. */
  @Test
  void aProcessWithTheSocketsOfOldCanBeAsked() throws Exception {
    try (Program server =
            Jvm.of("SocketEchoServer", "127.0.0.1/0")
                .option("-Djdk.net.usePlainSocketImpl")
                .start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 1000").number("wrong"));
      assertEquals(server.pid(), SwitchStatus.of(server).pid());
    }
  }
}
