package io.twinport.documents;

import static java.util.stream.Collectors.toList;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The documents of this repository. */
final class Documents {
  static final Path DOCS = docs();
  static final Path ROOT = DOCS.getParent();

  private Documents() {}

  /** Maven runs in the module's folder, an editor perhaps above it. */
  private static Path docs() {
    Path here = Path.of("docs");
    return (Files.isDirectory(here) ? here : Path.of("..", "docs")).toAbsolutePath().normalize();
  }

  /** All that is Markdown, but not what is built. */
  static List<Path> all() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path folder : List.of(ROOT, DOCS, ROOT.resolve(".github"))) {
      try (Stream<Path> files = Files.walk(folder, folder.equals(DOCS) ? 3 : 1)) {
        found.addAll(files.filter(file -> file.toString().endsWith(".md")).collect(toList()));
      }
    }
    return found;
  }

  /** Its lines without those of blocks of code. */
  static List<String> prose(Path file) {
    List<String> lines = new ArrayList<>();
    boolean code = false;
    for (String line : text(file).lines().collect(toList())) {
      if (line.stripLeading().startsWith("```")) {
        code = !code;
      } else if (!code) {
        lines.add(line);
      }
    }
    return lines;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
