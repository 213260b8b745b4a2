package io.twinport.ucp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries that are not what is needed; in a process in which the right one is not loaded. */
final class UcpLoadingTest {
  @BeforeAll
  static void loadPosix() throws IOException {
    Posix.load(null);
  }

  @Test
  void aLibraryThatIsMissingIsOneLineThatSaysWhatToInstall() {
    IOException e = assertThrows(IOException.class, () -> Ucp.load("libno-such-ucp.so.0", false));
    assertTrue(e.getMessage().startsWith("libno-such-ucp.so.0 can't be loaded ("), e.getMessage());
    assertTrue(e.getMessage().contains("libucx0"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void aLibraryThatIsNotUcxIsOneLine() {
    IOException e = assertThrows(IOException.class, () -> Ucp.load("libm.so.6", false));
    assertTrue(e.getMessage().startsWith("libm.so.6 can't be loaded ("), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void aLibraryThatIsTooOldIsOneLineWithBothVersions(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("old.c");
    Path library = folder.resolve("libucp.so.0");
    Files.writeString(
        source,
        "void ucp_get_version(unsigned *a, unsigned *b, unsigned *c) { *a = 1; *b = 12; *c = 1; }");
    List<String> compile =
        List.of("gcc", "-shared", "-fPIC", "-o", library.toString(), source.toString());
    assumeTrue(hasCompiler(), "no gcc here to make a library that says it is old");
    assertEquals(0, new ProcessBuilder(compile).inheritIO().start().waitFor());
    IOException e = assertThrows(IOException.class, () -> Ucp.load(library.toString(), false));
    assertTrue(e.getMessage().contains("is UCX 1.12.1"), e.getMessage());
    assertTrue(e.getMessage().contains("1.13 or later"), e.getMessage());
  }

  private static boolean hasCompiler() {
    return Files.isExecutable(Path.of("/usr/bin/gcc"));
  }
}
