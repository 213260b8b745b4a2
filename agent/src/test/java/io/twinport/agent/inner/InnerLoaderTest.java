package io.twinport.agent.inner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AllPermission;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InnerLoaderTest {
  private static final String PACKED = "io.twinport.agent.inner.packed.";

  @TempDir private Path folder;
  private Path jar;
  private InnerLoader loader;

  @BeforeEach
  void packAJar() throws IOException {
    jar = folder.resolve("name with a space.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      put(out, "inner/io/twinport/agent/inner/packed/Hidden.classdata", bytesOfHidden());
      put(out, "inner/folder/note.txt", "inside".getBytes(StandardCharsets.UTF_8));
      put(
          out,
          "inner/META-INF/services/" + Runnable.class.getName(),
          ("# ours\n\n" + PACKED + "Hidden # the one\n").getBytes(StandardCharsets.UTF_8));
    }
    loader =
        new InnerLoader(new JarBytes(jar.toFile()), jar, InnerLoaderTest.class.getClassLoader());
  }

  private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
    out.putNextEntry(new JarEntry(name));
    out.write(bytes);
    out.closeEntry();
  }

  private static byte[] bytesOfHidden() throws IOException {
    String resource = "packed/Hidden.class";
    try (InputStream in = InnerLoaderTest.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    }
  }

  @Test
  void takesItsOwnClassEvenIfTheParentHasOneOfThatName() throws Exception {
    Class<?> inner = loader.loadClass(PACKED + "Hidden");
    assertSame(loader, inner.getClassLoader());
    assertNotSame(Class.forName(PACKED + "Hidden"), inner);
    assertSame(inner, loader.loadClass(PACKED + "Hidden"));
  }

  @Test
  void takesTheRestFromTheParent() throws Exception {
    assertSame(SanProvider.class, loader.loadClass(SanProvider.class.getName()));
    assertSame(String.class, loader.loadClass("java.lang.String"));
  }

  @Test
  void neverLooksElsewhereForAClassOfItsOwnPackages() throws Exception {
    assertEquals(PACKED + "Outside", Class.forName(PACKED + "Outside").getName());
    assertThrows(ClassNotFoundException.class, () -> loader.loadClass(PACKED + "Outside"));
  }

  @Test
  void givesItsClassesAllPermissions() throws Exception {
    Class<?> inner = loader.loadClass(PACKED + "Hidden");
    assertTrue(inner.getProtectionDomain().implies(new AllPermission()));
  }

  @Test
  void findsItsOwnResourcesFirst() throws IOException {
    URL note = loader.getResource("folder/note.txt");
    try (InputStream in = note.openStream()) {
      assertEquals("inside", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    try (InputStream in = loader.getResourceAsStream("folder/note.txt")) {
      assertEquals("inside", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertEquals(1, Collections.list(loader.getResources("folder/note.txt")).size());
    assertNull(loader.getResource("folder/other.txt"));
  }

  @Test
  void needsNothingOfTheJarOnceItHasReadIt() throws Exception {
    Files.write(jar, new byte[100]);
    assertSame(loader, loader.loadClass(PACKED + "Hidden").getClassLoader());
    try (InputStream in = loader.getResourceAsStream("folder/note.txt")) {
      assertEquals("inside", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aJarThatIsNotWholeIsSaidToBeNone() throws Exception {
    byte[] whole = Files.readAllBytes(jar);
    for (int length : new int[] {0, 30, whole.length / 2, whole.length - 1}) {
      Files.write(jar, Arrays.copyOf(whole, length));
      JarBytes part = new JarBytes(jar.toFile());
      assertThrows(ZipException.class, part::names, length + " bytes");
    }
  }

  @Test
  void knowsItsPackagesAndServices() throws IOException {
    assertEquals(Set.of("io.twinport.agent.inner.packed"), loader.packages());
    assertEquals(List.of(PACKED + "Hidden"), loader.serviceProviders(Runnable.class.getName()));
    assertEquals(List.of(), loader.serviceProviders("java.lang.Comparable"));
  }
}
