package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A class whose initialization fails for want of memory can never be used again. So whatever
 * connections need is initialized before there is one.
 */
class FullHeapIT {
  /** A class that has something to initialize, as the JVM says it. */
  private static final Pattern INITIALIZED =
      Pattern.compile("Initializing '((?:io/twinport/(?!it/)|sun/nio/ch/San)[^']*)' \\(0x");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "SelectorEchoServer, BlockingEchoClient",
    "SocketEchoServer, SocketEchoClient",
    "AsyncEchoServer, AsyncEchoClient",
    "SelectorEchoServer, SelectorEchoClient"
  })
  void nothingIsInitializedOnceThereIsAConnection(String serverProgram, String clientProgram)
      throws Exception {
    Setup.needsSan();
    Path ofServer = folder.resolve("server");
    Path ofClient = folder.resolve("client");
    try (Program server = logging(ofServer, Jvm.of(serverProgram, "127.0.0.1/0")).start();
        Program client = logging(ofClient, Jvm.of(clientProgram)).start()) {
      client.call("open 2 127.0.0.1 " + server.port());
      Eventually.within(
          Duration.ofSeconds(20),
          () -> SwitchStatus.of(server).connections(server.port()),
          accepted -> accepted.size() == 2);
      SwitchStatus.of(client); // Its endpoint is there as well, and has what it needs.
      List<String> before = initialized(ofServer);
      List<String> beforeAtClient = initialized(ofClient);
      assertFalse(before.isEmpty());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      assertEquals(0, client.call("echo 4096").number("wrong"));
      client.call("close");
      assertEquals(before, initialized(ofServer), "at the server");
      assertEquals(beforeAtClient, initialized(ofClient), "at the client");
    }
  }

  private static Jvm logging(Path log, Jvm jvm) {
    return jvm.option("-Xlog:class+init=info:file=" + log + "::filecount=0");
  }

  private static List<String> initialized(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .map(INITIALIZED::matcher)
          .filter(Matcher::find)
          .map(found -> found.group(1))
          .toList();
    }
  }
}
