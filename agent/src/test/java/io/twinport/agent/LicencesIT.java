package io.twinport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.licences.PackedParties;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped jar has the licences of all that is in it. */
class LicencesIT {
  private static final Path JAR = Path.of(System.getProperty("twinport.jar"));

  private static final String LICENCES = "META-INF/twinport/licenses/";

  @TempDir Path directory;

  private static PackedParties in(Path jar) {
    return new PackedParties(
        jar,
        LICENCES,
        Map.of(
            "inner/", "",
            "io/twinport/shaded/bytebuddy/", "net/bytebuddy/",
            "io/twinport/shaded/picocli/", "picocli/"));
  }

  @Test
  void ofEachThirdParty() throws IOException {
    assertEquals(List.of(), in(JAR).missing());
  }

  @Test
  void areLookedForWhereverTheyAreNeeded() throws IOException {
    Set<String> parties = in(JAR).artifacts();
    assertTrue(
        parties.containsAll(
            List.of("picocli", "byte-buddy", "jnr-ffi", "jffi", "jnr-a64asm", "jnr-x86asm", "asm")),
        "" + parties);
  }

  @Test
  void areMissedWhereTheyAreNot() throws IOException {
    Path bare = directory.resolve("bare.jar");
    try (JarFile jar = new JarFile(JAR.toFile());
        OutputStream file = Files.newOutputStream(bare);
        ZipOutputStream copy = new ZipOutputStream(file)) {
      for (ZipEntry entry : jar.stream().toList()) {
        if (entry.getName().startsWith(LICENCES) && !entry.getName().endsWith("/THIRD-PARTY.txt")) {
          continue;
        }
        copy.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = jar.getInputStream(entry)) {
          in.transferTo(copy);
        }
      }
      copy.putNextEntry(new ZipEntry("inner/com/example/Stranger.classdata"));
    }
    String missing = String.join("\n", in(bare).missing());
    assertTrue(missing.contains("the text of (MIT) of jnr-x86asm"), missing);
    assertTrue(missing.contains("the text of (BSD-3-Clause) of asm-tree"), missing);
    assertTrue(missing.contains("the notice of byte-buddy"), missing);
    assertTrue(missing.contains("the text of libffi"), missing);
    assertTrue(missing.contains("where inner/com/example/Stranger.classdata comes from"), missing);
  }
}
