package io.twinport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that may have 64 descriptors only, {@code ulimit -n 64}. */
@Timeout(60)
class FewDescriptorsIT {
  private static final String[] LIMIT = {"sh", "-c", "ulimit -n 64 && exec \"$@\"", "sh"};

  @ParameterizedTest
  @ValueSource(strings = {"SelectorEchoServer", "SocketEchoServer"})
  void moreConnectionsThanDescriptors(String serverProgram) throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of(serverProgram, "127.0.0.1/0").through(LIMIT).start();
        Program client = Jvm.of("BlockingEchoClient").through(LIMIT).start()) {
      for (int part = 0; part < 4; part++) { // All at once is more than a backlog of 50.
        client.call("open 25 127.0.0.1 " + server.port());
        assertEquals(0, client.call("echo 4096").number("wrong"));
      }
      San.assertOffTcp(server, server.port(), 100);
      // A hundred blocked threads want bells of their own to sleep on.
      server.ignoreErrors(line -> line.startsWith("twinport: no pipe for a bell"));
    }
  }

  @Test
  void aLinkThatFindsNoDescriptorsLeavesTheConnectionToTcp() throws Exception {
    Setup.needsSan();
    try (Program known = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("HoardingClient").through(LIMIT).start()) {
      // With this server the client has a link already: what is missing later is the other's.
      assertEquals(42, client.call("echo 127.0.0.1 " + known.port()).number("answer"));
      assertEquals(Map.of("san.connected", 1.0), SwitchStatus.of(client).counters());
      String echo = "echo 127.0.0.1 " + server.port();
      client.call("hoard");
      // From the one descriptor that TCP needs to as many as the SAN needs.
      for (int free = 1; free <= 20; free++) {
        client.call("release 1");
        assertEquals(42, client.call(echo).number("answer"), free + " descriptors are free");
      }
      Map<String, Object> before = SwitchStatus.of(client).counters();
      double onSan = (Double) before.remove("san.connected");
      double onTcp = before.values().stream().mapToDouble(count -> (Double) count).sum();
      assertTrue(onTcp >= 1, "no connection lacked descriptors");
      assertEquals(21, onSan + onTcp, before::toString);
      assertEquals(42, client.call(echo).number("answer"));
      assertEquals(onSan + 1, SwitchStatus.of(client).counters().get("san.connected"));
      client.ignoreErrors(line -> line.startsWith("twinport: "));
    }
  }

  @Test
  void aListenerThatFindsNoDescriptorsToWaitWithIsTcpsAlone() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("HoardingClient").through(LIMIT).start();
        Program client = Jvm.of("HoardingClient").start()) {
      int port = (int) server.call("listen").number("port");
      assertEquals("tcp+shm", listener(server, port).path());
      server.call("hoard");
      server.call("accept");
      server.call("release 10"); // What answers to status needs one, too.
      assertEquals("tcp", listener(server, port).path());
      assertEquals("descriptors", listener(server, port).reason());
      assertEquals(42, client.call("echo 127.0.0.1 " + port).number("answer"));
      assertEquals(Map.of("tcp.client-used-tcp", 1.0), SwitchStatus.of(server).counters());
      List<String> warning = server.takeErrors();
      assertEquals(1, warning.size(), warning::toString);
      assertTrue(warning.get(0).contains("no twin any more"), warning::toString);
    }
  }

  private static SwitchStatus.Line listener(Program server, int port) throws Exception {
    List<SwitchStatus.Line> lines = SwitchStatus.of(server).listeners(port);
    assertEquals(1, lines.size(), lines::toString);
    return lines.get(0);
  }
}
