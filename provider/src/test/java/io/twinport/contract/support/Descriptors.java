package io.twinport.contract.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The file descriptors this process holds, as the kernel counts them. */
public final class Descriptors {
  private static final Path OWN = Path.of("/proc/self/fd");

  private Descriptors() {}

  /** Sockets, pipes and the like; files that the JVM opens on its own account are not counted. */
  public static int count() throws IOException {
    int count = 0;
    try (Stream<Path> links = Files.list(OWN)) {
      for (Path link : (Iterable<Path>) links::iterator) {
        if (isNetwork(link)) {
          count++;
        }
      }
    }
    return count;
  }

  private static boolean isNetwork(Path link) throws IOException {
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("socket:")
          || target.startsWith("pipe:")
          || target.startsWith("anon_inode:")
          || target.startsWith("/memfd:");
    } catch (NoSuchFileException closedMeanwhile) {
      return false;
    }
  }
}
