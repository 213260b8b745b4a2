package io.twinport.it.compatibility;

import io.twinport.it.support.Setup;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What has come of the runs: a file each, and the page. A run of some applications leaves the rows
 * of the others.
 */
final class Table {
  private final Path folder;
  private final String jar;

  /** Those that were run anew, whatever has come of it. */
  private final Set<String> begun = new HashSet<>();

  Table(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    jar = hash(Setup.JAR);
  }

  /** Takes out what an earlier run has entered. */
  synchronized void forget(Application application) throws IOException {
    begun.add(application.id);
    Files.deleteIfExists(file(application));
  }

  /**
   * Enters an application that has passed.
   *
   * @param proven by the version of the JDK, what its server counted
   */
  void enter(Application application, SortedMap<Integer, Paths> proven) throws IOException {
    Properties result = new Properties();
    result.setProperty("jar", jar);
    result.setProperty("name", application.name);
    result.setProperty("does", application.does);
    result.setProperty(
        "jdks",
        proven.keySet().stream().map(version -> "" + version).collect(Collectors.joining(", ")));
    result.setProperty(
        "accepted",
        proven.values().stream()
            .map(each -> "" + each.accepted())
            .distinct()
            .collect(Collectors.joining(" / ")));
    try (Writer writer = Files.newBufferedWriter(file(application))) {
      result.store(writer, null);
    }
  }

  /**
   * Writes the page: those applications that have passed with this jar, and the rows that the page
   * had of those which were not run.
   */
  synchronized void write(Path page) throws IOException {
    List<String> before = Files.readAllLines(page);
    List<String> lines = new ArrayList<>(HEAD.lines().toList());
    List<String> missing = new ArrayList<>();
    for (Application application : Catalogue.ALL) {
      Properties result = read(application);
      Optional<String> earlier = earlier(before, application);
      if (jar.equals(result.getProperty("jar"))) {
        lines.add(row(result));
      } else if (!begun.contains(application.id) && earlier.isPresent()) {
        lines.add(earlier.get());
      } else {
        missing.add(application.name);
      }
    }
    if (!missing.isEmpty()) {
      lines.add("");
      lines.add("Not passed yet: " + String.join("; ", missing) + ".");
    }
    Files.write(page, lines);
  }

  /** The row that a page has of an application in this version. */
  private static Optional<String> earlier(List<String> page, Application application) {
    String start = "| " + application.name + " | " + application.does + " | ";
    return page.stream().filter(line -> line.startsWith(start)).findFirst();
  }

  private static String row(Properties result) {
    return "| "
        + result.getProperty("name")
        + " | "
        + result.getProperty("does")
        + " | "
        + result.getProperty("jdks")
        + " | SAN: "
        + result.getProperty("accepted")
        + " | TCP | TCP |";
  }

  private Properties read(Application application) throws IOException {
    Properties result = new Properties();
    if (Files.exists(file(application))) {
      try (Reader reader = Files.newBufferedReader(file(application))) {
        result.load(reader);
      }
    }
    return result;
  }

  private Path file(Application application) {
    return folder.resolve(application.id + ".properties");
  }

  private static String hash(Path file) throws IOException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return new BigInteger(1, hash).toString(16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final String HEAD =
      """
      # Compatibility

      Applications and libraries that run with Twinport unmodified. `./mvnw verify -Papplications` runs them all
      and writes this page.

      Each row is a server and a client in JVMs of their own, on the lowest JDK that the application runs on and on
      JDK 25, if it runs there. They run with the agent at both ends and without it, and on the lowest JDK also with the agent at
      one end only. A row has passed if

      - with the agent at both ends each connection is on the SAN, and none on TCP, as `status` counts them at both
        ends; the number is of those that the server has accepted, on one JDK and on the other if they differ
      - with the agent at one end, the connections go by TCP
      - the client gets the same results each time
      - each JVM ends by itself with exit code 0, and writes to standard error what it writes without the agent

      Where a library would use one of Netty's native transports (epoll, io_uring), it is told to use NIO: native
      transports go by TCP.

      A row stays until its application is run again: those that one run has not run are of earlier builds.

      | application | what the client does | JDK | agent at both ends | at the server | at the client |
      |---|---|---|---|---|---|
      """;
}
