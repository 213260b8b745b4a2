package io.twinport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the shipped jar puts on an application's class path. */
class JarContentsIT {
  private JarFile jar;

  @BeforeEach
  void open() throws IOException {
    jar = new JarFile(System.getProperty("twinport.jar"));
  }

  @AfterEach
  void close() throws IOException {
    jar.close();
  }

  private List<String> files() {
    return jar.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName).toList();
  }

  @Test
  void showsApplicationsNothingButIoTwinport() {
    List<String> strangers =
        files().stream()
            .filter(name -> !name.startsWith("io/twinport/"))
            .filter(name -> !name.startsWith("inner/"))
            .filter(name -> !name.startsWith("META-INF/twinport/"))
            .filter(name -> !name.matches("META-INF/(MANIFEST.MF|LICENSE|NOTICE)"))
            .toList();
    assertEquals(List.of(), strangers);
  }

  @Test
  void hasNativeCodeAndWhatStandsOnItOnlyBehindItsOwnClassLoader() {
    List<String> files = files();
    assertEquals(
        List.of(),
        files.stream()
            .filter(name -> name.matches("io/twinport/(posix|shm|ucx)/.*|.*/jnr/.*\\.class"))
            .toList());
    assertEquals(
        List.of(), files.stream().filter(name -> name.matches("inner/.*\\.class")).toList());
    assertTrue(files.contains("inner/jnr/ffi/LibraryLoader.classdata"));
    assertTrue(files.contains("inner/io/twinport/posix/Posix.classdata"));
    assertTrue(files.contains("inner/jni/x86_64-Linux/libjffi-1.2.so"));
    assertTrue(files.contains("inner/jni/aarch64-Linux/libjffi-1.2.so"));
  }

  /** All that lies in a package may be loaded before the first channel. */
  @Test
  void hasNoClassThatStandsForAPackage() {
    List<String> packages =
        files().stream().filter(name -> name.endsWith("/package-info.class")).toList();
    assertEquals(List.of(), packages);
  }

  @Test
  void carriesTheShimAsAResource() {
    List<String> shim =
        files().stream().filter(name -> name.startsWith("META-INF/twinport/shim/")).toList();
    assertTrue(shim.contains("META-INF/twinport/shim/sun/nio/ch/SanSelectorBase.class"), "" + shim);
  }

  @Test
  void namesItsEntryPointsAndItsVersion() throws IOException {
    Manifest manifest = jar.getManifest();
    assertEquals("io.twinport.agent.start.Premain", value(manifest, "Premain-Class"));
    assertEquals("io.twinport.agent.start.Premain", value(manifest, "Agent-Class"));
    assertEquals("io.twinport.agent.commands.Main", value(manifest, "Main-Class"));
    assertEquals("true", value(manifest, "Can-Redefine-Classes"));
    assertEquals("true", value(manifest, "Can-Retransform-Classes"));
    assertNotNull(value(manifest, "Implementation-Version"));
  }

  private static String value(Manifest manifest, String name) {
    return manifest.getMainAttributes().getValue(name);
  }
}
