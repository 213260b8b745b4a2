package io.twinport.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may use which, see {@code docs/architecture.md}. */
class ArchitectureTest {
  private static final String OURS = "io.twinport..";
  private static final String SPI = "io.twinport.spi";
  private static final String CONFIG = "io.twinport.config";
  private static final String SWITCH = "io.twinport.nio";
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

  private static final int MOST_CLASSES_OF_A_PROVIDERS_PACKAGE = 20;

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
    mayUseOfOurs(SWITCH, SWITCH, SPI, CONFIG);
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
  void noPackageOfAProviderIsLarge() {
    Map<String, Long> sizes =
        all.stream()
            .filter(one -> one.isTopLevelClass() && !one.getSimpleName().equals("package-info"))
            .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
    for (String[] layers : new String[][] {SHM_LAYERS, UCX_LAYERS}) {
      for (String layer : layers) {
        assertTrue(
            sizes.get(layer) <= MOST_CLASSES_OF_A_PROVIDERS_PACKAGE,
            layer + " has " + sizes.get(layer) + " classes");
      }
    }
  }

  @Test
  void noPackagesUseEachOtherInACircle() {
    slices().matching("io.twinport.(**)").should().beFreeOfCycles().check(all);
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
