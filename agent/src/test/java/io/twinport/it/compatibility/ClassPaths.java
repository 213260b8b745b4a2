package io.twinport.it.compatibility;

import io.twinport.it.support.Finished;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The jars of each application, a class path of its own: Maven resolves it, from a project that is
 * written here, into its local repository.
 */
final class ClassPaths {
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private final Path folder;
  private final Path mavenHome;
  private final String localRepository;

  ClassPaths(Path folder) {
    this.folder = folder;
    mavenHome = Path.of(System.getProperty("twinport.maven.home"));
    localRepository = System.getProperty("twinport.maven.repository");
  }

  /** The class path of an application; it is resolved again only if its project has changed. */
  List<Path> of(Application application) throws IOException, InterruptedException {
    Path home = Files.createDirectories(folder.resolve(application.id));
    Path project = home.resolve("pom.xml");
    Path resolved = home.resolve("class-path");
    String text = project(application);
    if (!Files.exists(resolved)
        || !Files.exists(project)
        || !Files.readString(project).equals(text)) {
      Files.deleteIfExists(resolved);
      Files.writeString(project, text);
      resolve(application, project, resolved);
    }
    List<Path> jars = new ArrayList<>();
    for (String each : Files.readString(resolved).strip().split(File.pathSeparator, -1)) {
      if (!each.isEmpty()) {
        jars.add(Path.of(each));
      }
    }
    return jars;
  }

  private void resolve(Application application, Path project, Path resolved)
      throws IOException, InterruptedException {
    Path log = project.resolveSibling("maven.log");
    List<String> command =
        List.of(
            mavenHome.resolve("bin/mvn").toString(),
            "-B",
            "-ntp",
            "-f",
            project.toString(),
            "-Dmaven.repo.local=" + localRepository,
            "-Dmdep.outputFile=" + resolved,
            "dependency:build-classpath");
    Process process =
        Finished.clean(new ProcessBuilder(command))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    if (process.waitFor() != 0) {
      String errors =
          Files.readString(log)
              .lines()
              .filter(line -> line.startsWith("[ERROR]"))
              .limit(3)
              .collect(Collectors.joining("\n"));
      throw new AssertionError(
          "the jars of " + application + " can't be had, see " + log + ":\n" + errors);
    }
  }

  private static String project(Application application) {
    List<String> lines = new ArrayList<>();
    lines.add("<project xmlns=\"http://maven.apache.org/POM/4.0.0\">");
    lines.add("<modelVersion>4.0.0</modelVersion>");
    lines.add("<groupId>io.twinport.applications</groupId>");
    lines.add("<artifactId>" + application.id + "</artifactId>");
    lines.add("<version>1</version>");
    lines.add("<dependencyManagement><dependencies>");
    for (String bom : application.boms) {
      lines.add(dependency(bom, "<type>pom</type><scope>import</scope>"));
    }
    lines.add("</dependencies></dependencyManagement>");
    lines.add("<dependencies>");
    String without =
        application.artifacts.stream()
            .filter(each -> each.startsWith("!"))
            .map(each -> "<exclusion>" + names(each.substring(1)) + "</exclusion>")
            .collect(Collectors.joining("", "<exclusions>", "</exclusions>"));
    for (String artifact : application.artifacts) {
      if (!artifact.startsWith("!")) {
        lines.add(dependency(artifact, without));
      }
    }
    lines.add("</dependencies>");
    lines.add("</project>");
    return String.join("\n", lines) + "\n";
  }

  private static String dependency(String artifact, String more) {
    String[] words = artifact.split(":", -1);
    String version = words.length > 2 ? "<version>" + words[2] + "</version>" : "";
    String classifier = words.length > 3 ? "<classifier>" + words[3] + "</classifier>" : "";
    return "<dependency>" + names(artifact) + version + classifier + more + "</dependency>";
  }

  private static String names(String artifact) {
    List<String> words = Arrays.asList(artifact.split(":", -1));
    return "<groupId>" + words.get(0) + "</groupId><artifactId>" + words.get(1) + "</artifactId>";
  }
}
