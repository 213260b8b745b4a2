package io.twinport.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.documents.LatencyPlot.Theme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pictures that are checked in are those of the table that is checked in. */
class LatencyPlotTest {
  /** Draws them instead. */
  private static final boolean DRAW = Boolean.getBoolean("twinport.test.draw");

  private static final Path TABLE = Documents.DOCS.resolve("performance.md");

  @ParameterizedTest
  @EnumSource
  void isThatOfTheTable(Theme theme) throws IOException {
    String plot = LatencyPlot.draw(Documents.prose(TABLE), theme);
    Path file = Documents.DOCS.resolve("images").resolve(theme.file());
    if (DRAW) {
      Files.writeString(file, plot);
    }
    assertEquals(plot, Documents.text(file), "draw it again, see CONTRIBUTING.md");
  }

  @ParameterizedTest
  @EnumSource
  void saysWhichRowIsMissing(Theme theme) {
    List<String> lines = Documents.prose(TABLE);
    lines.removeIf(line -> line.startsWith("| with selectors |"));
    var e = assertThrows(IllegalArgumentException.class, () -> LatencyPlot.draw(lines, theme));
    assertEquals("0 rows 'with selectors', where one is to be", e.getMessage());
  }
}
