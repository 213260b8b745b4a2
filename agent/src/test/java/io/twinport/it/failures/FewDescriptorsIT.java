package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that may have 64 descriptors only, {@code ulimit -n 64}. */
@Tag("on-one-jdk")
@Timeout(240)
class FewDescriptorsIT {
  /** For two connections, a link between them, and those who wait. */
  private static final int ENOUGH = 20;

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
      server.ignoreErrors(line -> line.contains("] no descriptor for a bell"));
    }
  }

  @Test
  void aLinkThatFindsNoDescriptorsLeavesTheConnectionToTcp() throws Exception {
    try (Program warmUp = Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().start();
        Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("HoardingClient").through(LIMIT).start()) {
      assertEquals(42, client.call("echo 127.0.0.1 " + warmUp.port()).number("answer"));
      client.call("hoard");
      // From the one descriptor that TCP needs to as many as the SAN needs.
      for (int free = 1; free <= 20; free++) {
        client.call("release 1");
        String connect = "echo 127.0.0.1 " + server.port();
        assertEquals(42, client.call(connect).number("answer"), free + " descriptors are free");
      }
      client.ignoreErrors(line -> line.startsWith("twinport: "));
    }
  }

  /** Who finds no descriptor is told so; a connection that is up is accepted and transfers. */
  @Test
  void bothEndsWithoutDescriptors() throws Exception {
    for (int free = 4; free <= 24; free += 2) { // What a JVM needs without the agent, and more.
      try (Program both = Jvm.of("HoardingClient").through(LIMIT).start()) {
        int port = (int) both.call("listen").number("port");
        if (Setup.SAN) {
          SwitchStatus.of(both); // By now it has the descriptors that it is asked by.
        }
        both.call("hoard");
        both.call("release " + free);
        for (int i = 0; i < 3; i++) {
          Answer answer = both.call("self");
          String step = answer.text("step");
          if (free >= ENOUGH || !(step.equals("connect") || step.equals("accept"))) {
            assertEquals("done", step, free + " descriptors are free: " + answer);
          } else {
            assertTrue(answer.text("message").endsWith("Too_many_open_files"), answer.line());
          }
        }
        assertOnTheSanAgain(both, port);
        both.ignoreErrors(line -> line.startsWith("twinport: "));
      }
    }
  }

  /** A listener that held clients off takes them again once it finds descriptors. */
  private static void assertOnTheSanAgain(Program both, int port) throws Exception {
    both.call("release 64");
    both.call("self"); // With this accept it finds them.
    assertEquals("done", both.call("self").text("step"));
    if (Setup.SAN) {
      SwitchStatus.Line listener = SwitchStatus.of(both).listeners(port).get(0);
      assertEquals("tcp+shm", listener.path());
      assertNull(listener.reason());
    }
  }
}
