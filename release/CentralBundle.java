import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;

/**
 * Looks at a bundle as Maven Central does before it takes it, without a network: {@code java
 * CentralBundle.java BUNDLE.zip [ARTIFACT...]}. With names of artifacts, the bundle has to hold just
 * these. Prints what is wrong, a line for each, and then ends with 1. Signatures are verified by
 * {@code gpg} with the keys of {@code GNUPGHOME}.
 *
 * <p>What is asked: the page "Requirements" of the documentation of Maven Central.
 */
public final class CentralBundle {
  /** What has to be in a POM, each with what XPath finds it. */
  private static final Map<String, String> IN_POM =
      new TreeMap<>(
          Map.of(
              "a name", "/project/name",
              "a description", "/project/description",
              "an url", "/project/url",
              "the name of a licence", "/project/licenses/license/name",
              "the url of a licence", "/project/licenses/license/url",
              "the name of a developer", "/project/developers/developer/name",
              "the connection of scm", "/project/scm/connection",
              "the url of scm", "/project/scm/url"));

  /** What has to be not in a POM that stands alone. */
  private static final Map<String, String> NOT_IN_POM =
      new TreeMap<>(
          Map.of(
              "a parent", "/project/parent",
              "repositories", "/project/repositories",
              "plugin repositories", "/project/pluginRepositories",
              "a dependency on a snapshot",
                  "/project/dependencies/dependency/version[contains(., 'SNAPSHOT')]",
              "a dependency in the scope test", "/project/dependencies/dependency[scope='test']",
              "a dependency in the scope system",
                  "/project/dependencies/dependency[scope='system']",
              "a property that has no value", "//*[not(*) and contains(text(), '${')]"));

  private final Map<String, byte[]> files = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final XPath xpath = XPathFactory.newInstance().newXPath();

  private CentralBundle() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      System.err.println("usage: java CentralBundle.java BUNDLE.zip [ARTIFACT...]");
      System.exit(2);
    }
    Path path = Path.of(arguments[0]);
    if (!Files.isReadable(path)) {
      System.err.println(path + ": there is no such file, or it may not be read");
      System.exit(2);
    }
    CentralBundle bundle = new CentralBundle();
    bundle.read(path);
    Set<String> artifacts = bundle.check();
    Set<String> wanted = new TreeSet<>(List.of(arguments).subList(1, arguments.length));
    if (!wanted.isEmpty() && !wanted.equals(artifacts)) {
      bundle.wrong.add("the bundle has " + artifacts + " and should have " + wanted);
    }
    bundle.wrong.forEach(System.out::println);
    System.out.println(
        path.getFileName() + ": " + bundle.files.size() + " files, " + artifacts + ": "
            + (bundle.wrong.isEmpty() ? "passed" : bundle.wrong.size() + " mistakes"));
    System.exit(bundle.wrong.isEmpty() ? 0 : 1);
  }

  private void read(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      zip.stream()
          .filter(entry -> !entry.isDirectory())
          .forEach(
              entry -> {
                try (InputStream in = zip.getInputStream(entry)) {
                  files.put(entry.getName(), in.readAllBytes());
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private Set<String> check() throws IOException {
    Set<String> artifacts = new TreeSet<>();
    for (String name : files.keySet()) {
      if (name.endsWith(".pom")) {
        artifacts.add(checkArtifact(name));
      }
      if (!name.matches(".*\\.(md5|sha1|sha256|sha512|asc)")) {
        checkChecksums(name);
        checkSignature(name);
      }
    }
    if (artifacts.isEmpty()) {
      wrong.add("there is no POM");
    }
    return artifacts;
  }

  /** Returns the name of the artifact. */
  private String checkArtifact(String pom) {
    String[] folders = pom.split("/");
    String version = folders[folders.length - 2];
    String artifact = folders[folders.length - 3];
    String group = String.join(".", List.of(folders).subList(0, folders.length - 3));
    String stem = pom.substring(0, pom.lastIndexOf('/') + 1) + artifact + "-" + version;
    if (!pom.equals(stem + ".pom")) {
      wrong.add(pom + ": its name is not that of its folder");
    }
    if (version.endsWith("-SNAPSHOT")) {
      wrong.add(pom + ": a snapshot is no release");
    }
    Document document = parse(pom);
    if (document == null) {
      return artifact;
    }
    expect(pom, document, "/project/groupId", group);
    expect(pom, document, "/project/artifactId", artifact);
    expect(pom, document, "/project/version", version);
    IN_POM.forEach(
        (what, where) -> {
          if (find(document, where).isBlank()) {
            wrong.add(pom + ": lacks " + what);
          }
        });
    NOT_IN_POM.forEach(
        (what, where) -> {
          if (has(document, where)) {
            wrong.add(pom + ": has " + what);
          }
        });
    if (!find(document, "/project/packaging").equals("pom")) {
      for (String kind : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
        if (!files.containsKey(stem + kind)) {
          wrong.add(stem + kind + ": is missing");
        }
      }
    }
    return artifact;
  }

  private Document parse(String pom) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory.newDocumentBuilder().parse(new ByteArrayInputStream(files.get(pom)));
    } catch (Exception e) {
      wrong.add(pom + ": is no XML: " + e.getMessage());
      return null;
    }
  }

  private void expect(String pom, Document document, String where, String value) {
    String found = find(document, where);
    if (!found.equals(value)) {
      wrong.add(pom + ": " + where + " is " + found + ", its folder says " + value);
    }
  }

  private String find(Document document, String where) {
    try {
      return xpath.evaluate(where, document).strip();
    } catch (XPathExpressionException e) {
      throw new IllegalArgumentException(where, e);
    }
  }

  private boolean has(Document document, String where) {
    return find(document, "boolean(" + where + ")").equals("true");
  }

  private void checkChecksums(String name) {
    Map<String, String> needed = Map.of("md5", "MD5", "sha1", "SHA-1");
    Map<String, String> more = Map.of("sha256", "SHA-256", "sha512", "SHA-512");
    needed.forEach(
        (ending, algorithm) -> {
          if (!files.containsKey(name + "." + ending)) {
            wrong.add(name + "." + ending + ": is missing");
          }
          compare(name, ending, algorithm);
        });
    more.forEach((ending, algorithm) -> compare(name, ending, algorithm));
  }

  private void compare(String name, String ending, String algorithm) {
    byte[] written = files.get(name + "." + ending);
    if (written == null) {
      return;
    }
    try {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(files.get(name));
      String text = new String(written, StandardCharsets.US_ASCII).strip();
      if (!text.equals(HexFormat.of().formatHex(digest))) {
        wrong.add(name + "." + ending + ": is that of another file");
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void checkSignature(String name) throws IOException {
    byte[] signature = files.get(name + ".asc");
    if (signature == null) {
      wrong.add(name + ".asc: is missing");
      return;
    }
    Path folder = Files.createTempDirectory("central-bundle");
    try {
      Path signed = Files.write(folder.resolve("signed"), files.get(name));
      Path detached = Files.write(folder.resolve("signed.asc"), signature);
      Process gpg =
          new ProcessBuilder("gpg", "--batch", "--verify", detached.toString(), signed.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(gpg.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (gpg.waitFor() != 0) {
        wrong.add(name + ".asc: " + said.strip().replaceAll("\\R", "; "));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while gpg was at work", e);
    } finally {
      Files.deleteIfExists(folder.resolve("signed"));
      Files.deleteIfExists(folder.resolve("signed.asc"));
      Files.delete(folder);
    }
  }
}
