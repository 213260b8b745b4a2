package io.twinport.agent.inner;

import io.twinport.jdk.NamedModule;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes what {@link InnerLoader} loads a named module. Unnamed modules share one permission to call
 * native code; with a name, ours has its own, and the application keeps the warnings it would get
 * for its own native code.
 */
final class InnerModule {
  /** The module's name, as warnings and stack traces show it. */
  static final String NAME = "io.twinport.inner";

  private InnerModule() {}

  /**
   * Defines the module and gives it what it needs of {@code java.base}.
   *
   * @return the loader of its classes
   * @throws IOException if the jar can't be read
   * @throws IllegalStateException if the switch does not fit this JDK
   * @throws ReflectiveOperationException if this JDK does not let us
   */
  static InnerLoader define(JarBytes jar, Path file)
      throws IOException, ReflectiveOperationException {
    InnerLoader loader = new InnerLoader(jar, file, InnerModule.class.getClassLoader());
    // Open, because JNR generates classes in loaders of its own that call into it.
    ModuleDescriptor descriptor =
        ModuleDescriptor.newOpenModule(NAME)
            .packages(loader.packages())
            .requires("java.base")
            .build();
    List<Module> reads = new ArrayList<>(List.of(InnerModule.class.getModule()));
    Optional<Module> unsupported = ModuleLayer.boot().findModule("jdk.unsupported");
    if (unsupported.isPresent()) { // A lambda would be the first of the process, and take 5 ms.
      reads.add(unsupported.get());
    }
    NamedModule.define(loader, descriptor, Set.of("sun.nio.ch", "jdk.internal.misc"), reads);
    return loader;
  }
}
