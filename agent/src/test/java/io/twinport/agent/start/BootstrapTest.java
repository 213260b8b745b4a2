package io.twinport.agent.start;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.twinport.agent.control.Control;
import io.twinport.agent.report.ProcessReport;
import io.twinport.capture.Captures;
import io.twinport.jdk.Shim;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is loaded with the parts of the switch is what may be needed behind them. */
class BootstrapTest {
  private static final List<String> FOLDERS =
      Stream.concat(
              Stream.of(Bootstrap.CALLED, Control.FOLDER),
              Stream.of(Shim.CORE, Shim.CHANNELS, Shim.SOCKETS, Shim.ASYNCHRONOUS)
                  .map(Shim::folders)
                  .flatMap(Arrays::stream))
          .toList();

  /**
   * What is loaded when it is used, by those who use it: a second after the start, when somebody
   * asks, or when the flight recorder or the platform's MBean server come.
   */
  private static final List<String> LATER =
      List.of(
          "io/twinport/agent/management/",
          "io/twinport/agent/metrics/",
          "io/twinport/agent/recorder/",
          ProcessReport.FOLDER,
          Captures.FOLDER);

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.twinport")
            .that(not(simpleName("package-info"))); // Not in the jar.
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith("io.twinport.");
  }

  private static boolean isNeeded(JavaClass type) {
    String file = type.getName().replace('.', '/') + ".class";
    return FOLDERS.stream().anyMatch(file::startsWith);
  }

  private static boolean isLoadedLater(JavaClass type) {
    String file = type.getName().replace('.', '/');
    return LATER.stream().anyMatch(file::startsWith);
  }

  /** Those that are there when the application begins, nearly all of them loaded. */
  private static boolean startsTheProcess(JavaClass type) {
    return type.getPackageName().equals("io.twinport.agent.start")
        || type.getPackageName().equals("io.twinport.agent.transforms");
  }

  private static Stream<JavaClass> usedBy(JavaClass type) {
    return type.getDirectDependenciesFromSelf().stream()
        .map(Dependency::getTargetClass)
        .map(JavaClass::getBaseComponentType)
        .filter(BootstrapTest::isOurs);
  }

  @Test
  void whatIsUsedBehindTheStartIsNeeded() {
    Set<String> forgotten = new TreeSet<>();
    all.stream()
        .filter(type -> isNeeded(type) || startsTheProcess(type))
        .flatMap(BootstrapTest::usedBy)
        .filter(type -> !isNeeded(type) && !startsTheProcess(type) && !isLoadedLater(type))
        .forEach(type -> forgotten.add(type.getName()));
    assertEquals(Set.of(), forgotten);
  }

  @Test
  void noClassOfTheAgentIsNeededInVain() {
    Set<String> inVain =
        all.stream()
            .filter(type -> isNeeded(type) && type.getName().startsWith("io.twinport.agent."))
            .map(JavaClass::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    all.stream()
        .filter(type -> isNeeded(type) || startsTheProcess(type))
        .forEach(
            type ->
                usedBy(type)
                    .filter(used -> !used.equals(type))
                    .forEach(used -> inVain.remove(used.getName())));
    assertEquals(Set.of(), inVain);
  }
}
