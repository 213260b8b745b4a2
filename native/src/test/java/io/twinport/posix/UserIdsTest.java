package io.twinport.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserIdsTest {
  @Test
  void allAreMappedOnAHost() {
    assertTrue(UserIds.allMapped(List.of("         0          0 4294967295")));
    assertTrue(UserIds.allMapped(List.of("0 0 65536", "65536 65536 4294901759")));
  }

  @Test
  void fewAreMappedInAContainerOfItsOwn() {
    assertFalse(UserIds.allMapped(List.of("         0     100000      65536")));
    assertFalse(UserIds.allMapped(List.of("0 1000 1", "1 100000 65536")));
    assertFalse(UserIds.allMapped(List.of("0 0 4294967294")));
    assertFalse(UserIds.allMapped(List.of()));
    assertFalse(UserIds.allMapped(List.of("no map at all 4294967295")));
  }

  @Test
  void overflowIsWhatTheKernelSays() throws IOException {
    Process cat = new ProcessBuilder("cat", "/proc/sys/kernel/overflowuid").start();
    String said = new String(cat.getInputStream().readAllBytes(), UTF_8);
    assertEquals(Long.parseLong(said.strip()), UserIds.overflow());
  }

  @Test
  void overflowIsNobodyUnlessAllAreMapped() throws IOException {
    assertEquals(!UserIds.allMapped(), UserIds.isNobody(UserIds.overflow()));
    assertFalse(UserIds.isNobody(0));
    assertFalse(UserIds.isNobody(1000));
    assertTrue(UserIds.isNobody(0xffff_ffffL));
  }
}
