package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class MainTest {
  @Test
  void everyCommandCanBeCalled() {
    Set<String> called = new TreeSet<>();
    for (Class<?> each : Main.class.getAnnotation(Command.class).subcommands()) {
      if (each.getPackageName().equals(Main.class.getPackageName())) {
        called.add(each.getName());
      }
    }
    Set<String> commands = new TreeSet<>();
    new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackagesOf(Main.class)
            .stream()
            .filter(type -> type.isAnnotatedWith(Command.class) && !type.isEquivalentTo(Main.class))
            .map(JavaClass::getName)
            .forEach(commands::add);
    assertEquals(commands, called);
  }
}
