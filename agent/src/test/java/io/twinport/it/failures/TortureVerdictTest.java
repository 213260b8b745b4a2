package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The torture's own judgement: what is wrong is found, and what TCP may do is not. */
class TortureVerdictTest {
  /** From the second start of a client to the server with number 1. */
  private static final String CONNECTION = "1:" + Long.toHexString((2L * 8 + 1) << 32 | 5);

  private static final String CLIENT = CONNECTION + ":client:s:free:100:";
  private static final String SERVER = CONNECTION + ":server:c:free:200:";

  private final TortureVerdict.Round round = new TortureVerdict.Round();

  @ParameterizedTest(name = "{0} and {1}: {2} violations")
  @CsvSource({
    // received, wrong, attempted, confirmed, stall, flags, error
    "100:0:200:200:0:-es:-, 200:0:100:100:0:-es:-, 0, in order",
    "99:0:200:200:0:-es:-, 200:0:100:100:0:-es:-, 2, a byte is missing",
    "100:1:200:200:0:-es:-, 200:0:100:100:0:-es:-, 1, a byte is wrong",
    "100:0:200:200:0:-esR:reset, 200:0:100:100:0:-es:-, 1, a reset without a cause",
    "100:0:200:200:0:-s:-, 200:0:100:100:0:-es:-, 1, neither end of stream nor error",
    "50:0:200:200:0:-es:-, 200:0:50:50:0:-p:-, 0, the server has closed early",
    "49:0:200:200:0:-es:-, 200:0:50:50:0:-p:-, 1, and less has come than it had written",
    "50:0:200:200:0:-es:-, 200:0:50:50:0:-pr:-, 1, and that was a reset",
    "40:0:200:200:0:-sR:reset, 200:0:50:50:0:-pr:-, 0, which may lose bytes",
    "51:0:200:200:0:-sR:reset, 200:0:50:50:0:-pr:-, 1, but not make any",
    "40:0:200:200:0:-sW:pipe, 200:0:50:50:0:-w:-, 0, the server had no descriptors",
  })
  void bothEnds(String client, String server, int violations, String what) {
    assertEquals(violations, count(CLIENT + client + ";" + SERVER + server), what);
  }

  @Test
  void aShortStreamIsForgivenIfThePeerWasKilled() {
    String end = CLIENT + "50:0:200:200:0:-es:-";
    assertEquals(1, count(end));
    round.deadServers.add(0);
    assertEquals(1, count(end), "another one was");
    round.deadServers.add(1);
    assertEquals(0, count(end));
  }

  @Test
  void wrongBytesAreNeverForgiven() {
    round.deadClients.add(2);
    assertEquals(0, count(SERVER + "50:0:50:50:0:-R:reset"));
    assertEquals(1, count(SERVER + "50:3:50:50:0:-R:reset"));
  }

  @Test
  void anOrderlyConnectionHasNoExcuse() {
    round.deadServers.add(1);
    String client = CLIENT.replace("free", "orderly") + "100:0:200:200:0:-es:-";
    String server = SERVER.replace("free", "orderly") + "200:0:100:100:0:-es:-";
    assertEquals(0, count(client + ";" + server));
    assertEquals(1, count(client));
    assertEquals(1, count(client + ";" + server.replace("-es:-", "-esR:reset")));
  }

  private int count(String reports) {
    return TortureVerdict.of(round, TortureReport.parse(reports)).violations().size();
  }

  @Test
  void whoIsAcceptedTwiceIsFound() {
    String server = SERVER + "200:0:100:100:0:-es:-";
    List<String> violations =
        TortureVerdict.of(
                round,
                TortureReport.parse(CLIENT + "100:0:200:200:0:-es:-;" + server + ";" + server))
            .violations();
    assertEquals(1, violations.size(), violations::toString);
  }
}
