package io.twinport.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.twinport.config.Settings;
import io.twinport.nio.Registry;
import io.twinport.spi.SanProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may use which, see {@code docs/architecture.md}. */
class ArchitectureTest {
  private static final String OURS = "io.twinport..";
  private static final String SPI = "io.twinport.spi";
  private static final String CONFIG = "io.twinport.config";
  private static final String SWITCH = "io.twinport.nio";
  private static final String AGENT = "io.twinport.agent..";
  private static final String[] NATIVE = {
    "io.twinport.host",
    "io.twinport.stream",
    "io.twinport.posix",
    "io.twinport.shm",
    "io.twinport.ucp",
    "io.twinport.ucx"
  };

  /** The last word of each package of the agent, and of those that it may use. */
  private static final Map<String, Set<String>> OF_THE_AGENT =
      Map.of(
          "start", Set.of("transforms", "inner", "control"),
          "transforms", Set.of("control"),
          "inner", Set.of(),
          "control", Set.of(),
          "processes", Set.of("control"),
          "demo", Set.of("processes", "control"),
          "echo", Set.of(),
          "commands", Set.of("start", "control", "processes", "demo", "echo"));

  /** What fits on a screen, and into a head. */
  private static final int MOST_CLASSES_OF_A_PACKAGE = 20;

  /** Packages that are larger yet. */
  private static final Set<String> LARGER =
      Set.of("io.twinport.nio", "io.twinport.shm", "io.twinport.ucx");

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    // Classes of the JDK are of the running one, which may be newer than whoever reads them here.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.twinport");
  }

  private static void mayUseOfOurs(String of, String... packages) {
    classes()
        .that()
        .resideInAPackage(of)
        .should()
        .onlyDependOnClassesThat(not(resideInAPackage(OURS)).or(resideInAnyPackage(packages)))
        .check(all);
  }

  @Test
  void allAreLookedAt() {
    for (Class<?> each : new Class<?>[] {SanProvider.class, Settings.class, Registry.class}) {
      assertTrue(all.contain(each), each::getName);
    }
    for (String each : NATIVE) {
      assertTrue(all.stream().anyMatch(one -> one.getPackageName().equals(each)), each);
    }
  }

  @Test
  void theSpiUsesNothing() {
    mayUseOfOurs(SPI, SPI);
  }

  @Test
  void configUsesNothing() {
    mayUseOfOurs(CONFIG, CONFIG);
  }

  @Test
  void theSwitchKnowsNoProvider() {
    mayUseOfOurs(SWITCH, SWITCH, SPI, CONFIG);
  }

  @Test
  void providersKnowNoSwitch() {
    for (String each : NATIVE) {
      noClasses()
          .that()
          .resideInAPackage(each)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SWITCH, AGENT)
          .check(all);
    }
    mayUseOfOurs("io.twinport.stream", "io.twinport.stream", SPI, CONFIG);
    mayUseOfOurs("io.twinport.host", "io.twinport.host", SPI, CONFIG);
    mayUseOfOurs("io.twinport.posix", "io.twinport.posix", SPI, CONFIG);
    mayUseOfOurs("io.twinport.ucp", "io.twinport.ucp", "io.twinport.posix", CONFIG);
  }

  @Test
  void sharedMemoryAndUcxKnowNothingOfEachOther() {
    noClasses()
        .that()
        .resideInAPackage("io.twinport.shm")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.twinport.ucx", "io.twinport.ucp")
        .check(all);
    noClasses()
        .that()
        .resideInAPackage("io.twinport.ucx")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.twinport.shm")
        .check(all);
  }

  @Test
  void packagesOfTheAgentUseThoseBelowThem() {
    OF_THE_AGENT.forEach(
        (name, below) -> {
          List<String> may = new ArrayList<>(List.of("io.twinport.agent." + name));
          below.forEach(each -> may.add("io.twinport.agent." + each));
          if (!name.equals("echo")) { // An application's.
            may.addAll(List.of(SWITCH, SPI, CONFIG));
          }
          mayUseOfOurs("io.twinport.agent." + name, may.toArray(String[]::new));
        });
  }

  @Test
  void noneOfTheAgentsPackagesIsForgotten() {
    Set<String> found = new TreeSet<>();
    for (JavaClass each : all) {
      if (each.getPackageName().startsWith("io.twinport.agent") && !isPackageInfo(each)) {
        found.add(each.getPackageName().replaceFirst("^io.twinport.agent.?", ""));
      }
    }
    assertEquals(new TreeSet<>(OF_THE_AGENT.keySet()), found);
  }

  private static boolean isPackageInfo(JavaClass type) {
    return type.getSimpleName().equals("package-info");
  }

  /** Every process would load it, and an application may have one of its own. */
  @Test
  void onlyCommandsReadCommandLines() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.twinport.agent.commands")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(all);
  }

  @Test
  void noPackagesUseEachOtherInACircle() {
    slices().matching("io.twinport.(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void noPackageHasMoreClassesThanFitIntoAHead() {
    Map<String, Integer> classes = new TreeMap<>();
    for (JavaClass each : all) {
      if (each.isTopLevelClass() && !isPackageInfo(each)) {
        classes.merge(each.getPackageName(), 1, Integer::sum);
      }
    }
    classes.keySet().removeAll(LARGER);
    classes.values().removeIf(count -> count <= MOST_CLASSES_OF_A_PACKAGE);
    assertEquals(Map.of(), classes);
  }

  @Test
  void onlyTheSwitchReachesIntoTheJdk() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SWITCH, "sun.nio.ch")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("sun.nio.ch..")
        .check(all);
  }

  @Test
  void nobodySleepsForATime() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.twinport.benchmarks..")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .check(all);
  }
}
