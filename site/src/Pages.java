import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the pages of the site from the documents, and looks for links in it that lead nowhere.
 *
 * <p>Links are as they have to be in the repository. On the site all pages are in one folder, and
 * headings get the anchors that they have where the repository is shown.
 */
class Pages {
  /**
   * Documents outside of docs/, by their names on the site; none may differ from another in
   * capitals alone.
   */
  private static final Map<String, String> OTHERS =
      Map.of(
          "README.md", "index.md",
          "SECURITY.md", "reporting.md",
          "CONTRIBUTING.md", "contributing.md",
          "CODE_OF_CONDUCT.md", "conduct.md",
          "CHANGELOG.md", "changes.md",
          "LICENSE", "LICENSE.txt");

  private static final Pattern TARGET =
      Pattern.compile("(\\]\\(|(?:src|srcset)=\")(?!\\w+:)(?:\\.\\./|docs/)?([^)#\"\\s]+)");
  private static final Pattern HEADING = Pattern.compile("(#{1,6}) (.*)");
  private static final Pattern HREF = Pattern.compile("(?:href|src|srcset)=\"([^\"]+)\"");
  private static final Pattern ID = Pattern.compile("(?:id|name)=\"([^\"]+)\"");

  public static void main(String[] args) throws IOException {
    if (args.length == 3 && args[0].equals("make")) {
      make(Path.of(args[1]), Path.of(args[2]));
    } else if (args.length == 2 && args[0].equals("check")) {
      check(Path.of(args[1]));
    } else {
      System.err.println("usage: Pages make REPOSITORY PAGES, Pages check SITE");
      System.exit(2);
    }
  }

  private static void make(Path repository, Path pages) throws IOException {
    Path markdown = Files.createDirectories(pages.resolve("markdown"));
    Path resources = Files.createDirectories(pages.resolve("resources"));
    try (Stream<Path> files = Files.walk(repository.resolve("docs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = repository.resolve("docs").relativize(file);
        if (name.toString().endsWith(".md")) {
          page(file, markdown.resolve(name));
        } else {
          copy(file, resources.resolve(name));
        }
      }
    }
    for (Map.Entry<String, String> other : OTHERS.entrySet()) {
      Path file = repository.resolve(other.getKey());
      if (other.getValue().endsWith(".md")) {
        page(file, markdown.resolve(other.getValue()));
      } else {
        copy(file, resources.resolve(other.getValue()));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void page(Path from, Path to) throws IOException {
    StringBuilder page = new StringBuilder();
    boolean code = false;
    for (String line : Files.readAllLines(from)) {
      code ^= line.stripLeading().startsWith("```");
      Matcher heading = HEADING.matcher(line);
      if (code) {
        page.append(line);
      } else if (heading.matches()) {
        page.append(heading.group(1))
            .append(" <a id=\"" + anchor(heading.group(2)) + "\"></a>")
            .append(heading.group(2));
      } else {
        page.append(
            TARGET
                .matcher(line)
                .replaceAll(
                    match ->
                        Matcher.quoteReplacement(
                            match.group(1) + OTHERS.getOrDefault(match.group(2), match.group(2)))));
      }
      page.append('\n');
    }
    Files.writeString(to, page);
  }

  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  /**
   * Ends with 1 if a link within the site leads nowhere. The Javadoc tool has looked at its own.
   */
  private static void check(Path site) throws IOException {
    Map<Path, Set<String>> anchors = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    int links = 0;
    List<Path> pages;
    try (Stream<Path> files = Files.list(site)) {
      pages = files.filter(file -> file.toString().endsWith(".html")).toList();
    }
    for (Path page : pages) {
      for (String target : all(HREF, page)) {
        if (target.matches("\\w+:.*|//.*|#")) {
          continue;
        }
        links++;
        String[] parts = target.split("#", 2);
        Path there = parts[0].isEmpty() ? page : site.resolve(parts[0]).normalize();
        if (!Files.isRegularFile(there)) {
          wrong.add(page.getFileName() + ": " + target + ": no such page");
        } else if (parts.length == 2) {
          if (!anchors.containsKey(there)) {
            anchors.put(there, new HashSet<>(all(ID, there)));
          }
          if (!anchors.get(there).contains(parts[1])) {
            wrong.add(page.getFileName() + ": " + target + ": no such heading");
          }
        }
      }
    }
    wrong.forEach(System.err::println);
    System.out.println(pages.size() + " pages, " + links + " links, " + wrong.size() + " wrong");
    if (!wrong.isEmpty()) {
      System.exit(1);
    }
  }

  private static List<String> all(Pattern pattern, Path page) throws IOException {
    return pattern.matcher(Files.readString(page)).results().map(match -> match.group(1)).toList();
  }
}
