package io.twinport.documents;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.settings.Settings;
import io.twinport.spi.Reason;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point at is there, and what they have to name is named. */
class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("(?<!`)\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern IMAGE = Pattern.compile("(?:src|srcset)=\"([^\"]+)\"");
  private static final Pattern HEADING = Pattern.compile("#{1,6} (.*)");
  private static final Pattern NAME_OF_TEST =
      Pattern.compile("`(?:\\w+\\.)*([A-Z][a-z]\\w*(?:Test|IT))`");

  @Test
  void linksLeadSomewhere() throws IOException {
    Map<Path, Set<String>> anchors = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    int links = 0;
    for (Path file : Documents.all()) {
      for (String target : targets(file)) {
        links++;
        String[] parts = target.split("#", 2);
        Path there =
            parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).toAbsolutePath().normalize();
        if (!Files.exists(there)) {
          wrong.add(file + ": " + target + ": no such file");
        } else if (parts.length == 2
            && !anchors.computeIfAbsent(there, DocumentsTest::anchors).contains(parts[1])) {
          wrong.add(file + ": " + target + ": no such heading");
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(links > 50, "only " + links + " links were found");
  }

  /** Those within the repository. */
  private static List<String> targets(Path file) {
    List<String> targets = new ArrayList<>();
    for (String line : Documents.prose(file)) {
      for (Pattern pattern : List.of(LINK, IMAGE)) {
        pattern.matcher(line).results().map(match -> match.group(1)).forEach(targets::add);
      }
    }
    targets.removeIf(target -> target.matches("[a-z]+:.*"));
    return targets;
  }

  /** The headings of a file as those who show it make anchors of them. */
  private static Set<String> anchors(Path file) {
    Set<String> anchors = new HashSet<>();
    for (String line : Documents.prose(file)) {
      var heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor =
            heading
                .group(1)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
        assertTrue(anchors.add(anchor), () -> file + " has two headings " + heading.group(1));
      }
    }
    return anchors;
  }

  @Test
  void testsThatAreNamedAreThere() throws IOException {
    Set<String> classes = new HashSet<>();
    for (String module : List.of("provider", "native", "agent", "benchmarks")) {
      Path sources = Documents.ROOT.resolve(module);
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".java"))
            .forEach(name -> classes.add(name.substring(0, name.length() - ".java".length())));
      }
    }
    List<String> missing = new ArrayList<>();
    for (Path file : Documents.all()) {
      for (String line : Documents.prose(file)) {
        NAME_OF_TEST
            .matcher(line)
            .results()
            .map(match -> match.group(1))
            .filter(name -> !classes.contains(name))
            .forEach(name -> missing.add(file + ": " + name));
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void eachPropertyHasItsRow() {
    Set<String> known = new TreeSet<>(Settings.load().effective().keySet());
    for (SanProvider provider : ServiceLoader.load(SanProvider.class)) {
      known.addAll(provider.settings());
    }
    Set<String> named =
        firstCells("configuration.md").stream()
            .filter(cell -> cell.startsWith("twinport."))
            .map(cell -> cell.substring("twinport.".length()))
            .collect(toCollection(TreeSet::new));
    assertEquals(known, named);
  }

  @Test
  void eachReasonForTcpHasItsRow() {
    List<String> named = firstCells("troubleshooting.md");
    List<String> missing =
        Stream.of(Reason.values())
            .map(Reason::code)
            .filter(code -> !named.contains(code))
            .collect(toList());
    assertEquals(List.of(), missing);
  }

  /** What begins a row of a table, where that is code. */
  private static List<String> firstCells(String document) {
    Pattern cell = Pattern.compile("^\\| `([^`=]+)` \\|");
    return Documents.prose(Documents.DOCS.resolve(document)).stream()
        .flatMap(line -> cell.matcher(line).results())
        .map((MatchResult match) -> match.group(1))
        .collect(toList());
  }
}
