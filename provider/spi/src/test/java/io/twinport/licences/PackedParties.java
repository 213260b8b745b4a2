package io.twinport.licences;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Third parties whose classes, resources and native code are in a jar, found by comparing the names
 * of its entries with those of the jars on this test's class path.
 */
public final class PackedParties {
  /** A line of the list, such as {@code (MIT) FastCSV (de.siegmar:fastcsv:4.4.0 - URL)}. */
  private static final Pattern LISTED =
      Pattern.compile("^ *((?:\\([^)]*\\) )+).*\\(([^:() ]+):([^: ]+):[^: ]+ - .*\\)$");

  /** The library that is inside jffi's native one, by the name of its main function. */
  private static final String LIBFFI = "ffi_call";

  private record Party(String artifact, Path jar) {}

  private record Listed(String group, String licence) {}

  private final Path jar;
  private final String licences;
  private final List<Path> classPath;
  private final Map<String, String> renamed;

  /**
   * @param jar what to look at
   * @param licences where it has the list and the texts, such as {@code META-INF/licenses/}
   * @param renamed what names of packed entries begin with, and what they began with before that
   */
  public PackedParties(Path jar, String licences, Map<String, String> renamed) {
    this(jar, licences, renamed, classPath());
  }

  PackedParties(Path jar, String licences, Map<String, String> renamed, List<Path> classPath) {
    this.jar = jar;
    this.licences = licences;
    this.renamed = renamed;
    this.classPath = classPath;
  }

  private static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(Files::exists)
        .toList();
  }

  /**
   * What is missing, a line for each; empty if nothing is.
   *
   * @throws IOException if a jar can't be read
   */
  public List<String> missing() throws IOException {
    List<String> missing = new ArrayList<>();
    try (JarFile packed = new JarFile(jar.toFile())) {
      if (!text(packed, "META-INF/LICENSE").contains("Apache License")) {
        missing.add("META-INF/LICENSE");
      }
      if (!text(packed, "META-INF/NOTICE").contains("Twinport")) {
        missing.add("META-INF/NOTICE");
      }
      Map<String, Listed> list = listed(text(packed, licences + "THIRD-PARTY.txt"));
      for (Party party : parties(packed, missing)) {
        Listed listed = list.get(party.artifact);
        if (listed == null) {
          missing.add(party.artifact + " in " + licences + "THIRD-PARTY.txt");
        } else if (!listed.licence.contains("Apache-2.0")
            && !hasText(packed, listed.group, party.artifact)) {
          missing.add("the text of " + listed.licence + " of " + party.artifact);
        }
        if (hasNotice(party.jar) && !has(packed, licences + party.artifact + "/NOTICE")) {
          missing.add("the notice of " + party.artifact);
        }
      }
      for (ZipEntry entry : packed.stream().filter(e -> e.getName().endsWith(".so")).toList()) {
        if (bytes(packed, entry).contains(LIBFFI)
            && packed.getEntry(licences + "libffi.txt") == null) {
          missing.add("the text of libffi, which is in " + entry.getName());
        }
      }
    }
    return missing;
  }

  /**
   * The artifacts that are in the jar.
   *
   * @throws IOException if a jar can't be read
   */
  public Set<String> artifacts() throws IOException {
    Set<String> names = new TreeSet<>();
    try (JarFile packed = new JarFile(jar.toFile())) {
      parties(packed, new ArrayList<>()).forEach(party -> names.add(party.artifact));
    }
    return names;
  }

  private List<Party> parties(JarFile packed, List<String> missing) throws IOException {
    Set<String> ours = new HashSet<>();
    Map<String, Party> origins = new HashMap<>();
    for (Path path : classPath) {
      Party party = party(path);
      for (String name : names(path)) {
        if (party == null) {
          ours.add(name);
        } else {
          origins.putIfAbsent(name, party);
        }
      }
    }
    Map<String, Party> found = new TreeMap<>();
    for (String name : packed.stream().map(ZipEntry::getName).toList()) {
      if (name.endsWith("/") || name.startsWith("META-INF/")) {
        continue;
      }
      String original = original(name);
      Party party = origins.get(original);
      if (party != null) {
        found.put(party.artifact, party);
      } else if (!original.startsWith("io/twinport/") && !ours.contains(original)) {
        missing.add("where " + name + " comes from");
      }
    }
    return List.copyOf(found.values());
  }

  /** A jar of a local repository, GROUP/ARTIFACT/VERSION/FILE; null if it is of this build. */
  private static Party party(Path path) {
    Path artifact = path.toAbsolutePath().getParent().getParent().getFileName();
    boolean ours = Files.isDirectory(path) || path.getFileName().toString().startsWith("twinport-");
    return ours ? null : new Party(artifact.toString(), path);
  }

  private static List<String> names(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        return files
            .filter(Files::isRegularFile)
            .map(file -> path.relativize(file).toString().replace(File.separatorChar, '/'))
            .toList();
      }
    }
    try (JarFile file = new JarFile(path.toFile())) {
      return file.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  private String original(String name) {
    String original = name.replaceFirst("\\.classdata$", ".class");
    for (Map.Entry<String, String> prefix : renamed.entrySet()) {
      if (original.startsWith(prefix.getKey())) {
        return prefix.getValue() + original.substring(prefix.getKey().length());
      }
    }
    return original;
  }

  private static Map<String, Listed> listed(String list) {
    Map<String, Listed> listed = new HashMap<>();
    for (String line : list.split("\\R")) {
      Matcher matcher = LISTED.matcher(line);
      if (matcher.matches()) {
        listed.put(matcher.group(3), new Listed(matcher.group(2), matcher.group(1).strip()));
      }
    }
    return listed;
  }

  private boolean hasText(JarFile packed, String group, String artifact) {
    return packed.getEntry(licences + artifact + ".txt") != null
        || packed.getEntry(licences + group + ".txt") != null
        || has(packed, licences + artifact + "/LICENSE");
  }

  private static boolean has(JarFile packed, String prefix) {
    return packed.stream().anyMatch(entry -> entry.getName().startsWith(prefix));
  }

  private static boolean hasNotice(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().anyMatch(entry -> entry.getName().matches("(META-INF/)?NOTICE(\\..*)?"));
    }
  }

  private static String text(JarFile packed, String name) throws IOException {
    ZipEntry entry = packed.getEntry(name);
    if (entry == null) {
      return "";
    }
    try (InputStream in = packed.getInputStream(entry)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static String bytes(JarFile packed, ZipEntry entry) throws IOException {
    try (InputStream in = packed.getInputStream(entry)) {
      return new String(in.readAllBytes(), ISO_8859_1);
    }
  }
}
