package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** When a channel is told that nobody waits for it any more. */
final class SanKeysTest {
  /** Else the selector that goes could undo the arming of one that has just come. */
  @Test
  void armingAndDisarmingExcludeEachOther() throws Exception {
    assertEquals(
        List.of("armed under the lock", "one key gone", "disarmed under the lock"),
        NotedChannel.heardWhileTwoSelectorsComeAndGo());
  }
}
