package io.twinport.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> NAMES =
      List.of("wait", "rules", "log", "log-file", "providers", "shm.max-bytes", "ucx.");

  @Test
  void theNearestNameIsFound() {
    assertEquals("wait", UnknownSettings.nearest("wiat", NAMES));
    assertEquals("providers", UnknownSettings.nearest("provider", NAMES));
    assertEquals("shm.max-bytes", UnknownSettings.nearest("shm.maxbytes", NAMES));
    assertEquals("log-file", UnknownSettings.nearest("logfile", NAMES));
    assertEquals("wait", UnknownSettings.nearest("WAIT", NAMES));
  }

  @Test
  void whatIsFarFromAllIsNone() {
    assertNull(UnknownSettings.nearest("", NAMES));
    assertNull(UnknownSettings.nearest("metrics", NAMES));
    assertNull(UnknownSettings.nearest("ucx", NAMES), "the beginning of names is none");
    assertNull(UnknownSettings.nearest("x".repeat(1_000_000), NAMES));
  }

  @Test
  void swappedLettersAreOneSlip() {
    assertEquals(1, UnknownSettings.distance("wiat", "wait"));
    assertEquals(1, UnknownSettings.distance("wait", "waits"));
    assertEquals(4, UnknownSettings.distance("", "wait"));
  }
}
