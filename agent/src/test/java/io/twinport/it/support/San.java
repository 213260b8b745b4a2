package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;

/** What is seen from outside of connections that are on the SAN, or are not. */
public final class San {
  private San() {}

  /** So many connections to a port of a program are open, and TCP knows of none of them. */
  public static void assertOffTcp(Program server, int port, int connections) throws IOException {
    List<String> established = ProcFs.established(server, port);
    if (Setup.SAN) {
      assertEquals(List.of(), established, "TCP connections at port " + port);
    } else {
      assertOnTcp(server, port, connections);
    }
  }

  /** So many connections to a port of a program are open, and all of them are TCP's. */
  public static void assertOnTcp(Program server, int port, int connections) throws IOException {
    List<String> established = ProcFs.established(server, port);
    assertEquals(2 * connections, established.size(), () -> established.toString());
  }
}
