package io.twinport.it.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Finished;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each application of the {@link Catalogue}, on the lowest and the highest JDK that it runs on.
 * Writes {@code docs/compatibility.md}. {@code -Dtwinport.applications=kafka,h2} runs some only;
 * the others keep the rows that earlier runs have found.
 */
@Tag("by-hand")
@Tag("applications")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApplicationsIT {
  private static final Path SOURCES = Path.of("src/applications/java").toAbsolutePath();

  /** What is resolved for each, and what has come of it. */
  private static final Path FOLDER = Path.of("target/applications").toAbsolutePath();

  private final ClassPaths classPaths = new ClassPaths(FOLDER);
  private Jdks jdks;
  private Table table;

  @BeforeAll
  void prepare() throws IOException {
    jdks = new Jdks();
    table = new Table(FOLDER.resolve("results"));
  }

  @AfterAll
  void write() throws IOException {
    table.write(Path.of("../docs/compatibility.md"));
  }

  static List<Application> chosen() {
    String named = System.getProperty("twinport.applications", "");
    if (named.isEmpty()) {
      return Catalogue.ALL;
    }
    Set<String> names = Set.of(named.split(",", -1));
    List<Application> chosen =
        Catalogue.ALL.stream().filter(each -> names.contains(each.id)).toList();
    if (chosen.size() < names.size()) {
      throw new IllegalArgumentException(
          "twinport.applications="
              + named
              + " names some that are not there; there are "
              + Catalogue.ALL.stream().map(each -> each.id).collect(Collectors.joining(", ")));
    }
    return chosen;
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("chosen")
  void runsAsWithoutTheAgent(Application application) throws Exception {
    table.forget(application);
    List<Path> classPath = classPaths.of(application);
    List<Integer> versions = jdks.versions(application);
    Path classes = compile(application, classPath, jdks.home(versions.get(0)));
    TreeMap<Integer, Paths> proven = new TreeMap<>();
    for (int version : versions) {
      try {
        Trial trial = new Trial(application, classPath, classes, jdks.home(version));
        proven.put(version, trial.run(version == versions.get(0)));
      } catch (Exception | AssertionError e) {
        throw new AssertionError("on JDK " + version + ": " + e.getMessage(), e);
      }
    }
    table.enter(application, proven);
  }

  private static Path compile(Application application, List<Path> classPath, Path jdk)
      throws IOException, InterruptedException {
    Path classes = Files.createDirectories(FOLDER.resolve(application.id).resolve("classes"));
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/javac").toString());
    command.addAll(List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp"));
    command.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.addAll(List.of("-sourcepath", SOURCES.toString()));
    command.add(SOURCES.resolve(application.program + ".java").toString());
    Finished javac = Finished.run(command);
    assertEquals(0, javac.status(), () -> javac.output() + javac.errors());
    return classes;
  }
}
