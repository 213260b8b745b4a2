package io.twinport.contract.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.contract.support.ContractTest;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The suites that run in JVMs with the agent have every contract that there is. */
final class InstalledContractTest {
  private static final List<Class<?>> SUITES =
      List.of(
          InstalledContract.class,
          InstalledSocketContract.class,
          InstalledAsynchronousContract.class,
          InstalledSanContract.class,
          InstalledFullBacklogContract.class);

  @Test
  void everyContractIsInASuite() throws Exception {
    Set<String> inSuites = new TreeSet<>();
    for (Class<?> suite : SUITES) {
      for (Class<?> type = suite; type != Object.class; type = type.getSuperclass()) {
        for (Class<?> nested : type.getDeclaredClasses()) {
          inSuites.add(nested.getSuperclass().getSimpleName());
        }
      }
    }
    assertEquals(contracts(), inSuites);
  }

  /** The contracts with tests of their own; others are bases of these. */
  private static Set<String> contracts() throws IOException, ClassNotFoundException {
    Set<String> contracts = new TreeSet<>();
    for (String name : classNames()) {
      Class<?> type = Class.forName(name);
      if (ContractTest.class.isAssignableFrom(type)
          && Modifier.isAbstract(type.getModifiers())
          && Stream.of(type.getDeclaredMethods())
              .anyMatch(method -> method.isAnnotationPresent(Test.class))) {
        contracts.add(type.getSimpleName());
      }
    }
    return contracts;
  }

  private static Set<String> classNames() throws IOException {
    Path classes =
        Path.of(ContractTest.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    try (Stream<Path> files = Files.walk(classes.resolve("io/twinport/contract"))) {
      return files
          .map(file -> classes.relativize(file).toString().replace('/', '.'))
          .filter(name -> name.endsWith("Contract.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .collect(Collectors.toSet());
    }
  }
}
