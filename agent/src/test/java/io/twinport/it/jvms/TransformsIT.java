package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
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
  }

  @Test
  void aNameThatThereIsNotIsTold() throws Exception {
    try (Program server = Jvm.of("GrowingServer").twinport("transforms-off", "socks").start()) {
      String error = server.takeError();
      assertTrue(error.endsWith("socks"), error);
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
