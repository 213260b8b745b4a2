package io.twinport.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the switch looks up in the JDK by name is there in the JDK that runs this. Where it were
 * not, the switch would do without, so that no other test would tell.
 */
class LookupsTest {
  private static final int JDK = Runtime.version().feature();

  @BeforeAll
  static void isLinked() {
    assertTrue(Switch.fits());
  }

  private static Object read(String type, String field) throws ReflectiveOperationException {
    Field it = Class.forName(type).getDeclaredField(field);
    it.setAccessible(true);
    return it.get(null);
  }

  /** Their initializers throw where something is missing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AbstractNames",
        "SanEvents",
        "SanProxies",
        "SanRecorder",
        "SanSelectorBase",
        "SanTcpChannel",
        "SanTcpSocket"
      })
  void finds(String type) throws ClassNotFoundException {
    assertNotNull(Class.forName("sun.nio.ch." + type, true, null));
  }

  @Test
  void findsVirtualThreads() throws ReflectiveOperationException {
    String type = "io.twinport.waiting.VirtualThreads";
    assertEquals(JDK >= 21, read(type, "IS_VIRTUAL") != null);
    assertEquals(JDK >= 21, read(type, "POLL") != null);
  }

  @Test
  void findsTheFlightRecorder() throws ReflectiveOperationException {
    assertEquals(JDK >= 22, read("sun.nio.ch.SanEvents", "OF_JAVA_BASE"));
    assertNotNull(read("sun.nio.ch.SanRecorder", "IS_INITIALIZED"));
  }

  @Test
  void givesAModuleItsNativeCode() throws ReflectiveOperationException {
    ClassLoader loader = new ClassLoader(null) {};
    ModuleDescriptor descriptor =
        ModuleDescriptor.newOpenModule("named").packages(Set.of("named")).build();
    NamedModule.define(loader, descriptor, Set.of("sun.nio.ch"), List.of());
  }
}
