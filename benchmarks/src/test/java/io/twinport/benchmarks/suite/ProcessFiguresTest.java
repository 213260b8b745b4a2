package io.twinport.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
  @Test
  void countsAnonymousFilesOnly() {
    String smaps =
        """
        7f00-7f10 rw-s 00000000 00:01 1027 /memfd:twinport (deleted)
        Size:                 64 kB
        Rss:                  32 kB
        Pss:                  16 kB
        7f20-7f30 rw-p 00000000 00:00 0
        Pss:                 900 kB
        7f40-7f50 r--s 00000000 00:01 1028 /memfd:twinport (deleted)
        Pss:                   4 kB
        """;
    assertEquals(20, ProcessFigures.sharedKilobytes(smaps.lines().toList()));
  }

  @Test
  void seesItself() throws IOException {
    long self = ProcessHandle.current().pid();
    assertTrue(ProcessFigures.descriptors(self) > 2);
    assertTrue(ProcessFigures.sharedBytes(self) >= 0);
  }

  @Test
  void saysWhatALimitStandsInTheWayOf() {
    Unavailable e =
        assertThrows(
            Unavailable.class, () -> ProcessFigures.requireDescriptors(Integer.MAX_VALUE - 1000));
    assertTrue(e.getMessage().contains("ulimit -Hn"), e.getMessage());
  }
}
