package sun.nio.ch;

import java.lang.module.ModuleDescriptor;
import java.util.Set;
import jdk.internal.access.JavaLangAccess;
import jdk.internal.access.SharedSecrets;

/**
 * Classes, and a named module that is in no layer, as the JDK makes them for its proxies. A layer
 * would be resolved first, for 25 ms of a starting process.
 */
public final class SanModule {
  private SanModule() {}

  /**
   * Defines the module, which may call native code and reads {@code java.base}.
   *
   * @param packages those of {@code java.base} that are exported to it
   * @throws ReflectiveOperationException if this JDK gives that permission in another way
   */
  public static Module define(ClassLoader loader, ModuleDescriptor descriptor, Set<String> packages)
      throws ReflectiveOperationException {
    JavaLangAccess lang = SharedSecrets.getJavaLangAccess();
    Module base = Object.class.getModule();
    Module module = lang.defineModule(loader, descriptor, null);
    lang.addReads(module, base);
    for (String name : packages) {
      lang.addExports(base, name, module);
    }
    // By name: up to JDK 25 it returns the module, later nothing.
    JavaLangAccess.class.getMethod("addEnableNativeAccess", Module.class).invoke(lang, module);
    return module;
  }

  /**
   * Defines a class beside another one, of the same loader and origin.
   *
   * @throws LinkageError if there is one of that name, or one that it extends can't be had
   */
  public static void defineClass(Class<?> beside, String name, byte[] classFile) {
    SharedSecrets.getJavaLangAccess()
        .defineClass(beside.getClassLoader(), name, classFile, beside.getProtectionDomain(), null);
  }

  /** Has {@code module} read {@code other}. */
  public static void addReads(Module module, Module other) {
    SharedSecrets.getJavaLangAccess().addReads(module, other);
  }
}
