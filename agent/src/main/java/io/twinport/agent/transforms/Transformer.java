package io.twinport.agent.transforms;

import io.twinport.agent.control.NativeTransports;
import io.twinport.agent.management.Management;
import io.twinport.agent.recorder.Recorder;
import io.twinport.config.Log;
import io.twinport.hooks.Hooks;
import io.twinport.jdk.OwnClasses;
import io.twinport.jdk.SecurityManagers;
import io.twinport.jdk.Shim;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Changes the JDK's classes as {@link Transform} says, when they are loaded or, if they are there
 * already, at once. Every class that any loader loads comes through here, so all but a few are let
 * go after a look at the name, and none of that may load a class. A transform that fails is told
 * and left out; the JDK's class then is as it was.
 */
public final class Transformer implements ClassFileTransformer {
  /** The flight recorder's first class; when it comes, there may be somebody who records. */
  private static final String RECORDER = "jdk/jfr/FlightRecorder";

  /**
   * What the application loads when it begins to log, or the JDK for it: behind that, asking for a
   * {@code System.Logger} begins nothing.
   */
  private static final Set<String> LOGGING =
      Set.of("java/util/logging/LogManager", "jdk/internal/logger/LoggerFinderLoader");

  /** The same, of the libraries that applications log by, if it is theirs and not of a part. */
  private static final Set<String> LOGGING_BY_LIBRARY =
      Set.of("org/slf4j/LoggerFactory", "org/apache/logging/log4j/LogManager");

  /** More than the name of any class has that is looked for. */
  private static final int MOST_LETTERS = 100;

  /** Without their changes files are moved in small steps, and that is all. */
  static final Set<String> POLICY_IS_READ_WITH =
      Set.of("sun/nio/ch/FileChannelImpl", "java/nio/channels/Channels");

  private final List<Transform> transforms;

  /** What has to be done before the first change; true if changes can be made. */
  private final BooleanSupplier begin;

  /** Transforms that failed: what the table has of that name behind it is left out as well. */
  private final Set<String> failed = ConcurrentHashMap.newKeySet();

  /** Whether {@link #LOGGING} is looked out for. */
  private final boolean logsForApplication = Log.isOfApplication();

  /** Whether there was a security manager, which has let us in. */
  private final boolean managerWasThere = SecurityManagers.present();

  /** Whether a change was made that was known, and so all that makes one is loaded. */
  private volatile boolean hasLoadedKnown;

  /** Whether one was made that was not, and so nearly all that makes one is loaded. */
  private volatile boolean hasLoaded;

  private Transformer(List<Transform> transforms, BooleanSupplier begin) {
    this.transforms = transforms;
    this.begin = begin;
  }

  /**
   * Makes all transforms that this process needs, and looks out for native transports.
   *
   * @param off the names of those that are not wanted
   * @param begin called before a change, perhaps while the class is being loaded that is changed;
   *     says whether it may be made
   */
  public static void install(
      Instrumentation instrumentation, Set<String> off, BooleanSupplier begin) {
    List<Transform> wanted = new ArrayList<>();
    for (Transform transform : Transform.ALL) {
      if (transform.isNeeded() && !off.contains(transform.name())) {
        wanted.add(transform);
      }
    }
    reportUnknown(off);
    Transformer transformer = new Transformer(wanted, begin);
    instrumentation.addTransformer(transformer, true);
    transformer.catchUp(instrumentation);
  }

  /**
   * As {@link #transform}, for what was loaded before: many hundred classes, nearly all the JDK's.
   */
  private void catchUp(Instrumentation instrumentation) {
    // By length first: a starting process reads each letter at a snail's pace.
    boolean[] lengths = new boolean[MOST_LETTERS];
    Set<String> ofTheJdk = new HashSet<>();
    ofTheJdk.add(RECORDER.replace('/', '.'));
    if (logsForApplication) {
      for (String name : LOGGING) {
        ofTheJdk.add(name.replace('/', '.'));
      }
    }
    ofTheJdk.add(Management.FIRST_SIGN.replace('/', '.')); // A constant: loads no class.
    for (Transform transform : transforms) {
      ofTheJdk.add(transform.owner().replace('/', '.'));
    }
    for (String name : ofTheJdk) {
      lengths[name.length()] = true;
    }
    Map<String, Class<?>> changed = new HashMap<>();
    boolean recorderIsThere = false;
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      String name = loaded.getName();
      boolean isOfTheJdk = loaded.getClassLoader() == null;
      if (!isOfTheJdk
          || (name.length() < MOST_LETTERS && lengths[name.length()] && ofTheJdk.contains(name))) {
        String internal = name.replace('.', '/');
        look(loaded.getClassLoader(), internal);
        recorderIsThere |= isOfTheJdk && internal.equals(RECORDER);
        if (isOfTheJdk && concerns(internal)) {
          changed.put(internal, loaded);
        }
      }
    }
    for (int i = 0; i < transforms.size(); i++) { // In the order of the table.
      Class<?> loaded = changed.remove(transforms.get(i).owner());
      if (loaded != null) {
        retransform(instrumentation, loaded);
      }
    }
    if (recorderIsThere) {
      Recorder.isThere();
    }
  }

  private static void reportUnknown(Set<String> off) {
    Set<String> unknown = new LinkedHashSet<>(off);
    for (Transform transform : Transform.ALL) {
      unknown.remove(transform.name());
    }
    if (!unknown.isEmpty()) {
      List<String> names = new ArrayList<>();
      for (Transform transform : Transform.ALL) {
        if (!names.contains(transform.name())) {
          names.add(transform.name());
        }
      }
      Log.warn(
          "twinport.transforms-off names what there is not: "
              + String.join(", ", unknown)
              + "; there are "
              + String.join(", ", names));
    }
  }

  private static void retransform(Instrumentation instrumentation, Class<?> loaded) {
    try {
      instrumentation.retransformClasses(loaded);
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      Log.warn(loaded.getName() + " can't be changed any more, TCP only: " + Log.cause(e));
    }
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
    if (loader == null && redefined == null && name.equals(RECORDER) && mayLoad(name, false)) {
      Recorder.comes();
    }
    return loader == null && concerns(name) ? change(name, classFile) : null;
  }

  /** Takes note of classes whose coming means something. */
  private void look(ClassLoader loader, String name) {
    if (loader != null) {
      // Most programs have none of those, and need not wait for the class that knows them.
      int simple = name.lastIndexOf('/') + 1;
      if (name.startsWith("Epoll", simple)
          || name.startsWith("IoUring", simple)
          || name.startsWith("IOUring", simple)) {
        if (begin.getAsBoolean()) {
          NativeTransports.loaded(name);
        }
      } else if (logsForApplication
          && LOGGING_BY_LIBRARY.contains(name)
          && loader == ClassLoader.getSystemClassLoader()) {
        Log.applicationLogs(name.replace('/', '.'));
      }
    } else if (name.equals(RECORDER)) {
      Shim.recorderLoaded();
    } else if (logsForApplication && LOGGING.contains(name)) {
      Log.applicationLogs(name.replace('/', '.'));
    } else if (name.startsWith("com/sun/jmx/mbeanserver/") || name.startsWith("sun/management/")) {
      if (mayLoad(name, false) && begin.getAsBoolean()) {
        Management.loaded(name);
      }
    }
  }

  /**
   * Whether a change may load the classes that make it. While a security manager is set, each load
   * asks it, and the first time it reads its policy then, with the very class that is being changed
   * perhaps. One that was there before us has done so.
   *
   * @param isLoaded whether they are loaded already, but for a few
   */
  private boolean mayLoad(String name, boolean isLoaded) {
    return managerWasThere
        || !SecurityManagers.present()
        || (isLoaded && !POLICY_IS_READ_WITH.contains(name));
  }

  private byte[] change(String name, byte[] classFile) {
    byte[] known = mayLoad(name, hasLoadedKnown) ? known(name, classFile) : null;
    return known != null ? known : make(name, classFile);
  }

  /** The changed class, or null if it has to be made. */
  private byte[] known(String name, byte[] classFile) {
    List<Transform> all = new ArrayList<>();
    for (Transform transform : transforms) {
      if (isToMake(transform, name)) {
        all.add(transform);
      }
    }
    try {
      if (!begin.getAsBoolean()) {
        return null;
      }
      Hooks.install(); // Before anybody can ask.
      byte[] changed = KnownClasses.change(classFile, all);
      if (changed != null) {
        hasLoadedKnown = true;
      }
      return changed;
    } catch (Throwable t) {
      return null; // Told by who makes it, and fails as well.
    }
  }

  private boolean isToMake(Transform transform, String owner) {
    return transform.owner().equals(owner) && !failed.contains(transform.name());
  }

  private byte[] make(String name, byte[] classFile) {
    if (!mayLoad(name, hasLoaded)) {
      if (!POLICY_IS_READ_WITH.contains(name)) {
        SecurityManagers.tell();
      }
      return null;
    }
    if (!begin.getAsBoolean()) {
      return null;
    }
    byte[] changed = null;
    for (Transform transform : transforms) {
      if (isToMake(transform, name)) {
        try {
          Hooks.install(); // Before anybody can ask.
          changed = Prologue.insert(changed == null ? classFile : changed, transform);
          hasLoaded = true;
        } catch (Throwable t) {
          failed.add(transform.name());
          if (OwnClasses.areLost()) {
            Log.debug(() -> "the transform '" + transform.name() + "': " + Log.cause(t));
          } else { // The JVM would drop it silently.
            Log.warn("the transform '" + transform.name() + "' is left out, TCP: " + Log.cause(t));
          }
        }
      }
    }
    return changed;
  }
}
