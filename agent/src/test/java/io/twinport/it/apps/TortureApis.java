package io.twinport.it.apps;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The ways that an end of a connection of the torture is programmed. */
final class TortureApis {
  static final char SOCKET = 's';
  static final char CHANNEL = 'c';
  static final char SELECTOR = 'n';
  static final char ASYNCHRONOUS = 'a';

  /** The listener of an API is at a port of its own, in this order. */
  static final String ALL = "scna";

  private TortureApis() {}

  /**
   * Loads the classes of the torture: those that are needed first when there is no descriptor or no
   * memory would be missing for ever.
   */
  static void load() throws IOException, ClassNotFoundException {
    Path classes =
        Path.of(TortureApis.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    String folder = TortureApis.class.getPackageName().replace('.', '/');
    List<String> files;
    try (Stream<Path> all = Files.list(classes.resolve(folder))) {
      files = all.map(file -> file.getFileName().toString()).toList();
    }
    for (String file : files) {
      if (file.startsWith("Torture") && file.endsWith(".class")) {
        String name = file.substring(0, file.length() - ".class".length());
        Class.forName(TortureApis.class.getPackageName() + "." + name);
      }
    }
  }
}
