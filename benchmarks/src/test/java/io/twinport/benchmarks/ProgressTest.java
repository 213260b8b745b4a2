package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.benchmarks.suite.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void run(Progress progress) {
    try (progress) {
      progress.begin("one");
      progress.end();
      progress.begin("two");
      progress.warn("careful");
      progress.end();
    }
  }

  @Test
  void barFillsUpOnOneLine() {
    run(new TerminalProgress(out, 2));
    assertTrue(text().contains("50%"), text());
    assertTrue(text().contains("1/2"), text());
    assertTrue(text().contains("\ncareful\n"), text());
    assertTrue(text().contains("100%"), text());
  }

  @Test
  void withoutTerminalEachStepIsALine() {
    run(new LineProgress(out, 2));
    assertEquals("[1/2] one\n[2/2] two\ncareful\n", text());
  }
}
