package io.twinport.agent;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes what {@link InnerLoader} loads a named module. Unnamed modules share one permission to call
 * native code; with a name, ours has its own, and the application keeps the warnings it would get
 * for its own native code.
 */
final class InnerModule {
  /** The module's name, as warnings and stack traces show it. */
  static final String NAME = "io.twinport.inner";

  /** From this release on, native access that was not granted draws a warning. */
  private static final int FIRST_TO_WARN = 24;

  private InnerModule() {}

  /**
   * Defines the module and gives it what it needs of {@code java.base}.
   *
   * @return the loader of its classes
   * @throws IOException if the jar can't be read
   * @throws ReflectiveOperationException if this JDK has no way to grant native access
   */
  static InnerLoader define(Path jar, Instrumentation instrumentation)
      throws IOException, ReflectiveOperationException {
    Module outside = InnerModule.class.getModule();
    InnerLoader loader = new InnerLoader(jar, InnerModule.class.getClassLoader());
    // Open, because JNR generates classes in loaders of its own that call into it. Not automatic,
    // which would read the same, but be resolved against every module of the JDK, for 25 ms.
    ModuleDescriptor descriptor =
        ModuleDescriptor.newOpenModule(NAME)
            .packages(loader.packages())
            .requires("java.base")
            .build();
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(new Finder(descriptor), ModuleFinder.of(), Set.of(NAME));
    ModuleLayer.Controller controller =
        ModuleLayer.defineModules(configuration, List.of(boot), name -> loader);
    Module inner = controller.layer().findModule(NAME).orElseThrow();
    controller.addReads(inner, outside);
    Optional<Module> unsafe = boot.findModule("jdk.unsupported");
    if (unsafe.isPresent()) {
      controller.addReads(inner, unsafe.get());
    }
    open(inner, loader, instrumentation);
    return loader;
  }

  private static void open(Module inner, InnerLoader loader, Instrumentation instrumentation)
      throws IOException, ReflectiveOperationException {
    boolean warns = Runtime.version().feature() >= FIRST_TO_WARN;
    Map<String, Set<Module>> exports =
        Map.of("sun.nio.ch", Set.of(inner), "jdk.internal.misc", Set.of(inner));
    Map<String, Set<Module>> opens =
        warns ? Map.of("java.lang", Set.of(loader.getUnnamedModule())) : Map.of();
    instrumentation.redefineModule(
        Object.class.getModule(), Set.of(), exports, opens, Set.of(), Map.of());
    if (warns) {
      Constructor<?> constructor = loader.adopt(NativeAccess.class).getDeclaredConstructor();
      constructor.setAccessible(true);
      @SuppressWarnings("unchecked") // The class itself says so; only its loader is another one.
      Consumer<Module> grant = (Consumer<Module>) constructor.newInstance();
      grant.accept(inner);
    }
  }

  /** Finds the one module, which consists of what its loader has and is never opened as a file. */
  private static final class Finder implements ModuleFinder {
    private final ModuleReference module;

    Finder(ModuleDescriptor descriptor) {
      module =
          new ModuleReference(descriptor, null) {
            @Override
            public ModuleReader open() throws IOException {
              throw new IOException("the module " + NAME + " is read through its class loader");
            }
          };
    }

    @Override
    public Optional<ModuleReference> find(String name) {
      return name.equals(NAME) ? Optional.of(module) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
      return Set.of(module);
    }
  }
}
