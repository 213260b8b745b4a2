package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that is asked for is used, and one that nobody asks for is not. */
@Timeout(240)
class ProxiesIT {
  private static final String[] WAYS = {
    "none 0 0", "given 1 0", "direct 0 0", "property 1 0", "selector 1 1", "no-selector 0 0"
  };

  @ParameterizedTest
  @ValueSource(strings = {"", "proxy-lookups", "sockets"})
  void withTheAgent(String off) throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("GrowingServer").start();
        Program client = Jvm.of("ProxyClient").twinport("transforms-off", off).start()) {
      useAll(server, client);
    }
  }

  @Test
  void withoutIt() throws Exception {
    try (Program server = Jvm.of("GrowingServer").withoutAgent().start();
        Program client = Jvm.of("ProxyClient").withoutAgent().start()) {
      useAll(server, client);
    }
  }

  private static void useAll(Program server, Program client) throws IOException {
    for (String way : WAYS) {
      String[] expected = way.split(" ");
      Answer answer = client.call(expected[0] + " 127.0.0.1 " + server.port(0));
      assertEquals(42, answer.number("echoed"), way);
      assertEquals(Long.parseLong(expected[1]), answer.number("proxied"), way);
      assertEquals(Long.parseLong(expected[2]), answer.number("selected"), way);
    }
  }
}
