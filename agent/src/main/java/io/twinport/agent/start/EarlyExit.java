package io.twinport.agent.start;

import io.twinport.config.Log;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The end of a process whose application has not begun. */
final class EarlyExit {
  /**
   * From this JDK on, until <a href="https://bugs.openjdk.org/browse/JDK-8387045">JDK-8387045</a>
   * is mended, a JVM that ends waits for a minute for {@code premain} to return, even if it is that
   * which ends it.
   */
  private static final int WAITS_FOR_PREMAIN = 26;

  private EarlyExit() {}

  /**
   * Ends the process, which has no hooks yet that could be left out; or returns, where {@link
   * System#exit} does as well.
   *
   * @param instrumentation opens the package that allows native access
   */
  static void exit(int status, Instrumentation instrumentation) {
    if (Runtime.version().feature() < WAITS_FOR_PREMAIN) {
      return;
    }
    try {
      allowNativeAccess(instrumentation);
      exitNow(status);
    } catch (Throwable t) {
      Log.debug(() -> "the process ends in a minute: " + Log.cause(t));
    }
  }

  /** As the option {@code --enable-native-access=ALL-UNNAMED}: else there would be a warning. */
  private static void allowNativeAccess(Instrumentation instrumentation)
      throws ReflectiveOperationException {
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(),
        Map.of("jdk.internal.access", Set.of(EarlyExit.class.getModule())),
        Set.of(),
        Map.of());
    Object access =
        Class.forName("jdk.internal.access.SharedSecrets")
            .getMethod("getJavaLangAccess")
            .invoke(null);
    Class.forName("jdk.internal.access.JavaLangAccess")
        .getMethod("addEnableNativeAccessToAllUnnamed")
        .invoke(access);
  }

  /** Calls {@code _exit} by {@code java.lang.foreign}, which JDK 17 does not have. */
  private static void exitNow(int status) throws Throwable {
    Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
    Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
    Class<?> layout = Class.forName("java.lang.foreign.MemoryLayout");
    Class<?> layouts = layout.arrayType();
    Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
    Class<?> options = Class.forName("java.lang.foreign.Linker$Option").arrayType();

    Object linker = linkerType.getMethod("nativeLinker").invoke(null);
    Object symbols = linkerType.getMethod("defaultLookup").invoke(linker);
    Object found =
        Class.forName("java.lang.foreign.SymbolLookup")
            .getMethod("find", String.class)
            .invoke(symbols, "_exit");
    Object oneInt = Array.newInstance(layout, 1);
    Array.set(
        oneInt, 0, Class.forName("java.lang.foreign.ValueLayout").getField("JAVA_INT").get(null));
    Object descriptor = descriptorType.getMethod("ofVoid", layouts).invoke(null, oneInt);

    Object noOptions = Array.newInstance(options.componentType(), 0);
    Object exit =
        linkerType
            .getMethod("downcallHandle", segment, descriptorType, options)
            .invoke(linker, ((Optional<?>) found).orElseThrow(), descriptor, noOptions);
    System.err.flush();
    ((MethodHandle) exit).invokeWithArguments(status);
  }
}
