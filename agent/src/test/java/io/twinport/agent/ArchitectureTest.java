package io.twinport.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
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
import io.twinport.registry.Registry;
import io.twinport.settings.Settings;
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

  /** What stands below the faces of the switch, each before those that may use it. */
  private static final String SETTINGS = "io.twinport.settings";

  private static final String WAITING = "io.twinport.waiting";

  private static final String REGISTRY = "io.twinport.registry";
  private static final String JDK = "io.twinport.jdk";
  private static final String CAPTURE = "io.twinport.capture";
  private static final String CORE = "io.twinport.core";
  private static final String[] FACES = {"io.twinport.nio", "io.twinport.net", "io.twinport.aio"};
  private static final String HOOKS = "io.twinport.hooks";
  private static final String[] SWITCH = {
    SETTINGS, WAITING, REGISTRY, JDK, CAPTURE, CORE, FACES[0], FACES[1], FACES[2], HOOKS
  };

  /** The last word of each package of the agent, and of those that it may use. */
  private static final Map<String, Set<String>> OF_THE_AGENT =
      Map.ofEntries(
          Map.entry("start", Set.of("transforms", "inner", "control", "management")),
          Map.entry("transforms", Set.of("control", "recorder", "management")),
          Map.entry("recorder", Set.of()),
          Map.entry("management", Set.of("metrics")),
          Map.entry("metrics", Set.of()),
          Map.entry("inner", Set.of()),
          Map.entry("control", Set.of("report", "metrics", "management")),
          Map.entry("report", Set.of()),
          Map.entry("processes", Set.of("control")),
          Map.entry("pcap", Set.of()),
          Map.entry("demo", Set.of("processes", "control")),
          Map.entry("echo", Set.of()),
          Map.entry("view", Set.of("control")),
          Map.entry("doctor", Set.of("control", "processes", "demo", "echo", "start", "view")),
          Map.entry(
              "commands",
              Set.of("start", "control", "processes", "pcap", "demo", "echo", "view", "doctor")));

  /** What fits on a screen, and into a head. */
  private static final int MOST_CLASSES_OF_A_PACKAGE = 20;

  private static final String SHM = "io.twinport.shm";
  private static final String UCX = "io.twinport.ucx";

  /** What both providers stand on. */
  private static final String[] FOUNDATION = {
    "io.twinport.host", "io.twinport.stream", "io.twinport.posix"
  };

  /** The packages of a provider, from the bottom up: each may use those before it. */
  private static final String[] SHM_LAYERS = {
    SHM + ".memory", SHM + ".link", SHM + ".stream", SHM + ".connection", SHM + ".rendezvous", SHM
  };

  private static final String[] UCX_LAYERS = {
    UCX + ".pipe", UCX + ".stream", UCX + ".connection", UCX
  };

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
    for (String[] some : new String[][] {FOUNDATION, SHM_LAYERS, UCX_LAYERS}) {
      for (String each : some) {
        assertTrue(all.stream().anyMatch(one -> one.getPackageName().equals(each)), each);
      }
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
    for (String each : SWITCH) {
      mayUseOfOurs(each, and(SWITCH, SPI, CONFIG));
    }
  }

  @Test
  void theCoreKnowsNoFace() {
    mayUseOfOurs(SETTINGS, SETTINGS, CONFIG);
    mayUseOfOurs(WAITING, WAITING, SETTINGS, SPI, CONFIG);
    mayUseOfOurs(REGISTRY, REGISTRY, SPI, CONFIG);
    mayUseOfOurs(JDK, JDK, WAITING, CONFIG);
    mayUseOfOurs(CAPTURE, CAPTURE, JDK, SPI, CONFIG);
    mayUseOfOurs(CORE, CORE, CAPTURE, JDK, REGISTRY, WAITING, SETTINGS, SPI, CONFIG);
  }

  @Test
  void facesKnowTheCoreAndNotEachOther() {
    for (String each : FACES) {
      mayUseOfOurs(each, each, CORE, JDK, REGISTRY, WAITING, SPI, CONFIG);
    }
  }

  private static String[] and(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void theFoundationKnowsNoProvider() {
    mayUseOfOurs("io.twinport.stream", "io.twinport.stream", SPI, CONFIG);
    mayUseOfOurs("io.twinport.host", "io.twinport.host", SPI, CONFIG);
    mayUseOfOurs("io.twinport.posix", "io.twinport.posix", SPI, CONFIG);
    mayUseOfOurs("io.twinport.ucp", "io.twinport.ucp", "io.twinport.posix", CONFIG);
  }

  @Test
  void providersKnowNoSwitchNorEachOther() {
    layered(SHM_LAYERS);
    layered(UCX_LAYERS, "io.twinport.ucp");
  }

  private static void layered(String[] layers, String... besides) {
    List<String> may = new ArrayList<>(List.of(FOUNDATION));
    may.addAll(List.of(SPI, CONFIG));
    may.addAll(List.of(besides));
    for (String layer : layers) {
      may.add(layer);
      mayUseOfOurs(layer, may.toArray(String[]::new));
    }
  }

  @Test
  void whatIsBelowTheNodeKnowsNothingOfUcx() {
    for (String layer : UCX_LAYERS) {
      if (!layer.equals(UCX)) {
        noClasses()
            .that()
            .resideInAPackage(layer)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.twinport.ucp")
            .check(all);
      }
    }
  }

  @Test
  void packagesOfTheAgentUseThoseBelowThem() {
    OF_THE_AGENT.forEach(
        (name, below) -> {
          List<String> may = new ArrayList<>(List.of("io.twinport.agent." + name));
          below.forEach(each -> may.add("io.twinport.agent." + each));
          if (!name.equals("echo")) { // An application's.
            may.addAll(List.of(and(SWITCH, SPI, CONFIG)));
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
    classes.values().removeIf(count -> count <= MOST_CLASSES_OF_A_PACKAGE);
    assertEquals(Map.of(), classes);
  }

  @Test
  void onlyTheSwitchReachesIntoTheJdk() {
    noClasses()
        .that()
        .resideOutsideOfPackages(and(SWITCH, "sun.nio.ch"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("sun.nio.ch..")
        .check(all);
  }

  @Test
  void whatIsBelowTheFacesReachesNoFurtherThanTheShim() {
    noClasses()
        .that()
        .resideInAnyPackage(WAITING, REGISTRY, CORE)
        .should()
        .dependOnClassesThat(
            resideInAPackage("sun.nio.ch..")
                .and(not(simpleNameStartingWith("San")))
                .and(not(simpleName("AbstractNames"))))
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
