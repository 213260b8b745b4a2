package io.twinport.agent;

import io.twinport.config.Log;
import io.twinport.nio.Hooks;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Changes the JDK's classes as {@link Transform} says, when they are loaded or, if they are there
 * already, at once. Every class that any loader loads comes through here, so all but a few are let
 * go after a look at the name, and none of that may load a class. A transform that fails is told
 * and left out; the JDK's class then is as it was.
 */
final class Transformer implements ClassFileTransformer {
  /** The flight recorder's first class; when it comes, there may be somebody who records. */
  private static final String RECORDER = "jdk/jfr/FlightRecorder";

  private final List<Transform> transforms;

  private Transformer(List<Transform> transforms) {
    this.transforms = transforms;
  }

  /**
   * Makes all transforms that this process needs, and looks out for native transports.
   *
   * @param off the names of those that are not wanted
   * @param providerIsTaken whether the JDK has chosen a selector provider that is not ours
   */
  static void install(Instrumentation instrumentation, Set<String> off, boolean providerIsTaken) {
    List<Transform> wanted = new ArrayList<>();
    for (Transform transform : Transform.ALL) {
      boolean needed =
          switch (transform.use()) {
            case ALWAYS -> true;
            case PROVIDER_IS_TAKEN -> providerIsTaken;
            case STREAMS_ARE_FREE -> Runtime.version().feature() >= 19;
          };
      if (needed && !off.contains(transform.name())) {
        wanted.add(transform);
      }
    }
    reportUnknown(off);
    Transformer transformer = new Transformer(wanted);
    instrumentation.addTransformer(transformer, true);
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      look(loaded.getClassLoader(), internalName(loaded));
      if (loaded.getClassLoader() == null && transformer.concerns(internalName(loaded))) {
        retransform(instrumentation, loaded);
      }
    }
  }

  private static void reportUnknown(Set<String> off) {
    Set<String> unknown = new LinkedHashSet<>(off);
    for (Transform transform : Transform.ALL) {
      unknown.remove(transform.name());
    }
    if (!unknown.isEmpty()) {
      Log.warn("twinport.transforms-off names what there is not: " + String.join(", ", unknown));
    }
  }

  private static void retransform(Instrumentation instrumentation, Class<?> loaded) {
    try {
      instrumentation.retransformClasses(loaded);
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      Log.warn(loaded.getName() + " can't be changed any more, TCP only: " + Log.cause(e));
    }
  }

  private static String internalName(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  private boolean concerns(String owner) {
    for (int i = 0; i < transforms.size(); i++) {
      if (transforms.get(i).owner().equals(owner)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile) {
    if (name == null) {
      return null; // A hidden class.
    }
    look(loader, name);
    return loader == null && concerns(name) ? change(name, classFile) : null;
  }

  /** Takes note of classes whose coming means something. */
  private static void look(ClassLoader loader, String name) {
    if (loader != null) {
      NativeTransports.loaded(name);
    } else if (name.equals(RECORDER)) {
      Hooks.recorderLoaded();
    }
  }

  private byte[] change(String name, byte[] classFile) {
    byte[] changed = null;
    for (Transform transform : transforms) {
      if (transform.owner().equals(name)) {
        try {
          changed = Prologue.insert(changed == null ? classFile : changed, transform);
        } catch (Throwable t) {
          // The JVM would drop it silently.
          Log.warn("the transform '" + transform.name() + "' is left out, TCP: " + Log.cause(t));
        }
      }
    }
    return changed;
  }
}
