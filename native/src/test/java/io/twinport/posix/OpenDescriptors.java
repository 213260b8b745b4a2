package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a pipe, socket, event descriptor or file in memory open. Ordinary files
 * don't count: the JVM opens jars when it likes.
 */
final class OpenDescriptors implements BeforeEachCallback, AfterEachCallback {
  private List<String> before = List.of();

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    Posix.load(null);
    // From its first channel to a file on, the JDK keeps a socket.
    FileChannel.open(Path.of("/dev/null")).close();
    before = list();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    assertEquals(before, list(), "descriptors left open");
  }

  static List<String> list() throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path entry : entries) {
        String target = target(entry);
        if (target.contains(":")) {
          found.add(entry.getFileName() + " -> " + target);
        }
      }
    }
    Collections.sort(found);
    return found;
  }

  private static String target(Path entry) throws IOException {
    try {
      return Files.readSymbolicLink(entry).toString();
    } catch (NoSuchFileException closedMeanwhile) {
      return "";
    }
  }
}
