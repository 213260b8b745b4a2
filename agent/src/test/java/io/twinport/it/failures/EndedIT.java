package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that end with connections open: what they wrote arrives, and then the end of it. */
@Tag("on-one-jdk")
@Timeout(240)
class EndedIT {
  private static final Duration SEEN_WITHIN = Duration.ofSeconds(5);

  /** The server reads nothing before its client is gone. */
  @ParameterizedTest
  @CsvSource({"return, 0", "exit, 0", "halt, 0", "hook, 10000"})
  void whatWasWrittenArrives(String way, long atTheEnd) throws Exception {
    try (Program server = Jvm.of("SinkServer", "127.0.0.1/0").start()) {
      try (Program client = Jvm.of("EndingClient", "127.0.0.1/" + server.port(), way).start()) {
        San.assertOffTcp(server, server.port(), 1);
        client.call("write 100000");
      }
      server.call("go");
      Answer stats =
          Eventually.within(
              SEEN_WITHIN,
              () -> server.call("stats"),
              seen -> seen.number("accepted") == 1 && seen.number("open") == 0);
      assertEquals(100_000 + atTheEnd, stats.number("bytes"));
      assertEquals(0, stats.number("resets"));
    }
  }
}
