package io.twinport.it.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every byte arrives, once and in order. */
@Tag("on-one-jdk")
@Timeout(300)
class TransferIT {
  @ParameterizedTest(name = "{0} connections, {1} and {2}")
  @CsvSource({
    "1, AcceptLoopServer, BlockingEchoClient",
    "10, SelectorEchoServer, BlockingEchoClient",
    "100, SelectorEchoServer, SelectorEchoClient"
  })
  void hashesAreEqual(int connections, String serverName, String clientName) throws Exception {
    try (Program server = Jvm.of(serverName, "127.0.0.1/0").optimized().start();
        Program client = Jvm.of(clientName).optimized().start()) {
      client.call("open " + connections + " 127.0.0.1 " + server.port());
      San.assertOffTcp(server, server.port(), connections);
      client.send("transfer " + ((long) Setup.MIB << 20));
      Answer transfer = client.answer("transfer", Duration.ofMinutes(2));
      assertEquals(0, transfer.number("wrong"), transfer::toString);
      client.call("close");
    }
  }

  @Test
  void oneThreadWritesThreeMebibytesAndOnlyThenReadsThem() throws Exception {
    try (Program both = Jvm.of("BothEnds").optimized().start()) {
      both.call("open 2");
      San.assertOffTcp(both, both.port(), 2);
      assertEquals(0, both.call("exchange " + (3 << 20)).number("wrong"));
      both.call("close");
    }
  }

  @Test
  void threeMebibytesAreWrittenBeforeTheServerAccepts() throws Exception {
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "4").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      client.call("write " + (3 << 20));
      San.assertOffTcp(server, server.port(), 1);
      assertEquals(1, server.call("accept 1").number("accepted"));
      assertEquals(3 << 20, server.call("drain " + (3 << 20)).number("drained"));
    }
  }
}
