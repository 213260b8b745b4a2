package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> NAMES =
      List.of("wait", "rules", "log", "log-file", "providers", "shm.max-bytes", "ucx.");

  @Test
  void theNearestNameIsFound() {
    assertEquals("wait", Spelling.nearest("wiat", NAMES));
    assertEquals("providers", Spelling.nearest("provider", NAMES));
    assertEquals("shm.max-bytes", Spelling.nearest("shm.maxbytes", NAMES));
    assertEquals("log-file", Spelling.nearest("logfile", NAMES));
  }

  @Test
  void whatIsFarFromAllIsNone() {
    assertNull(Spelling.nearest("", NAMES));
    assertNull(Spelling.nearest("metrics", NAMES));
    assertNull(Spelling.nearest("ucx", NAMES), "the beginning of names is none");
    assertNull(Spelling.nearest("x".repeat(1_000_000), NAMES));
  }

  @Test
  void swappedLettersAreOneSlip() {
    assertEquals(1, Spelling.distance("wiat", "wait"));
    assertEquals(1, Spelling.distance("wait", "waits"));
    assertEquals(4, Spelling.distance("", "wait"));
  }
}
