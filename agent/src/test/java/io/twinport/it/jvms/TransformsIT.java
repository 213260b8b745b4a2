package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The changes to classes of the JDK, one by one. */
@Timeout(240)
class TransformsIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void allOfThemAreMade() throws Exception {
    assertEquals(List.of("tcp+shm", "tcp+shm", "tcp+shm"), pathsOfSocketChannelAndAsync(""));
  }

  @Test
  void eachCanBeLeftOut() throws Exception {
    assertEquals(List.of("tcp", "tcp+shm", "tcp+shm"), pathsOfSocketChannelAndAsync("sockets"));
    assertEquals(
        List.of("tcp", "tcp+shm", "tcp"), pathsOfSocketChannelAndAsync("sockets,async-channels"));
    assertEquals(List.of("tcp+shm", "tcp", "tcp+shm"), pathsOfSocketChannelAndAsync("channels"));
  }

  /** The first class that is changed is one that reading a file needs. */
  @Test
  void aFileOfRulesIsReadAndFilesGoOnToBe() throws Exception {
    Path rules = Setup.scratch("rules").resolve("rules");
    Files.writeString(rules, "use tcp listen * 1\n");
    Jvm jvm = Jvm.of("FileReadingServer", rules.toString());
    try (Program server = jvm.twinport("rules", rules.toString()).start()) {
      assertEquals("tcp+shm", SwitchStatus.of(server).listeners(server.port()).get(0).path());
      assertEquals(1, server.call("read").number("lines"));
    }
  }

  @Test
  void aNameThatThereIsNotIsTold() throws Exception {
    try (Program server = Jvm.of("GrowingServer").twinport("transforms-off", "socks").start()) {
      String error = server.takeError();
      assertTrue(error.contains(": socks; there are sockets, "), error);
    }
  }

  private static List<String> pathsOfSocketChannelAndAsync(String off) throws Exception {
    // The changed code is not checked by default, as the JDK's own is not.
    try (Program server =
        Jvm.of("GrowingServer")
            .option("-XX:+UnlockDiagnosticVMOptions")
            .option("-XX:+BytecodeVerificationLocal")
            .twinport("transforms-off", off)
            .start()) {
      SwitchStatus status = SwitchStatus.of(server);
      return List.of(0, 1, 2).stream()
          .map(i -> status.listeners(server.port(i)).get(0).path())
          .toList();
    }
  }
}
