package io.twinport.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;

/** Echo servers, with a blocking client and one with a selector. */
abstract class EchoServerContract extends ServerContract {
  private static final int EACH = 3;

  private Program blocking;
  private Program selecting;

  @Override
  final void startClients() throws IOException {
    blocking = Jvm.of("BlockingEchoClient").start();
    selecting = Jvm.of("SelectorEchoClient").start();
  }

  @Override
  final void connect(String target, int port) throws IOException {
    blocking.call("open " + EACH + " " + target + " " + port);
    selecting.call("open " + EACH + " " + target + " " + port);
  }

  @Override
  final int connections(int port) {
    return 2 * EACH;
  }

  @Override
  final void talk(String target, int port) throws IOException {
    blocking.send("echo 4096");
    selecting.send("echo 100000");
    assertEquals(0, blocking.answer("echo").number("wrong"));
    assertEquals(0, selecting.answer("echo").number("wrong"));
  }

  @Override
  final boolean disconnect() throws IOException {
    blocking.call("close");
    selecting.call("close");
    return true;
  }

  @Override
  final void stopClients() throws IOException {
    try (Program one = blocking;
        Program other = selecting) {
      assertEquals(0, one.call("close").number("open"));
      assertEquals(0, other.call("close").number("open"));
    }
  }
}
