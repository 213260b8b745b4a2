package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(Resources.SYSTEM_ERR)
class LogTest {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void leaveItAsItWas() {
    System.setErr(before);
    Log.begin(Log.Level.WARN, null, false);
  }

  private List<String> errors() {
    return heard.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void aLineHasTimeLevelAndThread() {
    Log.warn("the text");
    assertEquals(1, errors().size());
    String thread = Thread.currentThread().getName();
    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    assertTrue(
        errors().get(0).matches("twinport: " + time + " warn \\[.*] the text"), errors()::toString);
    assertTrue(errors().get(0).contains("[" + thread + "]"), errors()::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00.000Z",
        "1999-12-31T23:59:59.999Z",
        "2000-02-29T12:00:00.001Z",
        "2023-02-28T23:59:59.999Z",
        "2024-02-29T00:00:00.000Z",
        "2024-03-01T00:00:00.000Z",
        "2026-11-30T15:04:05.678Z",
        "2100-02-28T06:07:08.009Z",
        "9999-12-31T23:59:59.999Z"
      })
  void theTimeIsUtc(String time) {
    assertEquals(time, LogLine.time(Instant.parse(time).toEpochMilli()));
  }

  @Test
  void whatIsQuotedMakesNoLinesOfItsOwn() {
    Log.warn("a\nb\u001b[2J" + "x".repeat(100_000));
    assertEquals(1, errors().size());
    assertTrue(errors().get(0).contains("a?b?[2Jxxx"), errors()::toString);
    assertTrue(errors().get(0).length() < 3_000);
  }

  @Test
  void linesAreAddedToAFile() throws Exception {
    Path file = folder.resolve("log-" + ProcessHandle.current().pid());
    Files.writeString(file, "before\n");
    Log.begin(Log.Level.INFO, folder + "/log-%p", false);
    Log.info("one");
    Log.debug(() -> "not asked for");
    Log.warn("two");
    List<String> lines = Files.readAllLines(file);
    assertEquals(3, lines.size(), lines::toString);
    assertEquals("before", lines.get(0));
    assertTrue(lines.get(1).contains(" info ["), lines::toString);
    assertTrue(lines.get(2).endsWith("] two"), lines::toString);
    assertEquals(List.of(), errors());
  }

  @ParameterizedTest
  @ValueSource(strings = {"no/such/folder", ".", "fifo", "a\0b"})
  void aFileThatCannotBeOpenedIsToldOnceAndLinesGoToStandardError(String name) throws Exception {
    String path = name.contains("\0") ? name : folder.resolve(name).toString();
    if (name.equals("fifo")) {
      assertEquals(0, new ProcessBuilder("mkfifo", path).start().waitFor());
    }
    Log.begin(Log.Level.WARN, path, false);
    Log.warn("one");
    Log.warn("two");
    assertEquals(3, errors().size(), errors()::toString);
    assertTrue(errors().get(0).contains("twinport.log-file="), errors()::toString);
    assertTrue(errors().get(1).endsWith("] one"), errors()::toString);
    assertTrue(errors().get(2).endsWith("] two"), errors()::toString);
    assertFalse(errors().toString().contains("\tat "));
  }
}
