package io.twinport.jdk;

import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Set;
import sun.nio.ch.SanModule;

/** Defines a named module for classes that are not on the application's class path. */
public final class NamedModule {
  private NamedModule() {}

  /**
   * Defines the module, which may call native code without the application's having that granted.
   *
   * @param loader whose classes it has
   * @param packages those of {@code java.base} that are exported to it
   * @param reads the modules it reads besides
   * @throws IllegalStateException if the switch does not fit this JDK
   * @throws ReflectiveOperationException if this JDK does not let us
   */
  public static void define(
      ClassLoader loader, ModuleDescriptor descriptor, Set<String> packages, List<Module> reads)
      throws ReflectiveOperationException {
    if (!Shim.CORE.isLinked()) {
      throw new IllegalStateException("no modules on this JDK");
    }
    Module module = SanModule.define(loader, descriptor, packages);
    for (Module read : reads) {
      SanModule.addReads(module, read);
    }
  }
}
