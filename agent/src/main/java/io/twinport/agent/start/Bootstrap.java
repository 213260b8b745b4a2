package io.twinport.agent.start;

import io.twinport.agent.control.Control;
import io.twinport.agent.control.NativeTransports;
import io.twinport.agent.inner.InnerProviders;
import io.twinport.agent.inner.JarBytes;
import io.twinport.agent.management.Management;
import io.twinport.agent.transforms.Transformer;
import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.core.Switch;
import io.twinport.jdk.OwnClasses;
import io.twinport.jdk.SecurityManagers;
import io.twinport.jdk.Shim;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import io.twinport.spi.SanProvider;
import java.lang.instrument.Instrumentation;
import java.net.URISyntaxException;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Puts the switch under {@code java.nio}, or leaves everything as it is and says why. */
public final class Bootstrap {
  /** The folder of what the switch calls of the agent. */
  static final String CALLED = "io/twinport/agent/inner/";

  private static final AtomicBoolean STARTED = new AtomicBoolean();

  /** What the transforms wait for; null while there are none. */
  private static volatile Beginning beginning;

  private Bootstrap() {}

  /**
   * Starts Twinport in this process, once.
   *
   * @param arguments what stands behind the jar's name in {@code -javaagent}, or null
   * @param late whether the application runs already
   */
  static void start(String arguments, Instrumentation instrumentation, boolean late) {
    if (!STARTED.compareAndSet(false, true)) {
      Log.warn("the agent is in this process already; it is not started again");
      Beginning first = beginning;
      if (late && first != null && first.getAsBoolean()) {
        Control.startNow(); // For whoever has attached it, and asks now.
      }
      return;
    }
    if (SecurityManagers.deny()) {
      return; // Before anything that needs a permission.
    }
    Path jar = jar();
    if (Launch.needsNoTwin(jar)) {
      return;
    }
    Settings settings = Settings.load(arguments);
    try {
      install(settings, arguments, jar, instrumentation, late);
    } catch (Throwable t) {
      // A LinkageError is as likely here as an exception: another JDK, another java.base.
      failed(settings, t, late ? null : instrumentation);
    }
  }

  private static void install(
      Settings settings, String arguments, Path jar, Instrumentation instrumentation, boolean late)
      throws Exception {
    String theirs = ApplicationProvider.find(TwinSelectorProvider.NAME);
    if (theirs != null) {
      Log.warn("the application keeps its own selector provider, TCP only: " + theirs);
      return;
    }
    if (jar == null) {
      throw new IllegalStateException("the agent was not loaded from a jar");
    }
    JarBytes bytes = new JarBytes(jar.toFile());
    OwnClasses.comeFrom(bytes, CALLED);
    if (settings.preferNio()) {
      NativeTransports.preferNio(); // Before anything looks at classes as they are loaded.
    }
    if (settings.jmx() == Settings.Jmx.OFF) {
      Management.turnOff();
    }
    Beginning first = new Beginning(settings, bytes, jar, instrumentation, late);
    if (late) {
      Control.agentIsAttached(arguments);
      if (!first.getAsBoolean() || !canServe()) {
        return;
      }
    } else if (settings.onError() == OnError.FAIL) {
      Class.forName(TwinSelectorProvider.NAME);
      first.getAsBoolean(); // Now is the time to fail.
    } else if (settings.readsFiles() || !isUsual(ClassLoader.getSystemClassLoader())) {
      first.getAsBoolean(); // Here, or by code that is asked: not while a class is loaded.
    }
    beginning = first;
    if (Log.isLogged(Log.Level.INFO)) {
      String version = Bootstrap.class.getPackage().getImplementationVersion();
      String providers = String.join(",", settings.providers());
      Log.info(
          (late ? "attached" : "started")
              + ": version "
              + version
              + ", java "
              + Runtime.version()
              + ", providers "
              + (providers.isEmpty() ? "none" : providers));
    }
    Transformer.install(instrumentation, settings.transformsOff(), first);
    if (late) {
      Control.startNow();
    }
  }

  private static boolean isUsual(ClassLoader system) {
    return system == Bootstrap.class.getClassLoader();
  }

  /** Whether what was opened before the agent came leaves it what is opened from now on. */
  private static boolean canServe() {
    Class<?> chosen = SelectorProvider.provider().getClass();
    if (chosen != TwinSelectorProvider.class && !chosen.getName().startsWith("sun.nio.ch.")) {
      Log.warn("java.nio is in use already with " + chosen.getName() + ", TCP only");
      return false;
    }
    return Shim.CHANNELS.isLinked(); // Told already if not.
  }

  /**
   * What is put in place when the first class is about to be changed, or at once where there is no
   * time to lose. Most of what starts has no sockets, and waits for none of it. Loads no class that
   * is changed, as long as there are no rules.
   */
  private static final class Beginning implements BooleanSupplier {
    private final Settings settings;
    private final JarBytes bytes;
    private final Path jar;
    private final Instrumentation instrumentation;
    private final boolean late;

    // -- Under the monitor
    private boolean begun;
    private boolean failed;

    Beginning(
        Settings settings,
        JarBytes bytes,
        Path jar,
        Instrumentation instrumentation,
        boolean late) {
      this.settings = settings;
      this.bytes = bytes;
      this.jar = jar;
      this.instrumentation = instrumentation;
      this.late = late;
    }

    @Override
    public synchronized boolean getAsBoolean() {
      if (!begun) {
        begun = true;
        failed = true; // For what comes back here meanwhile.
        try {
          open(Bootstrap.class.getModule(), instrumentation);
          Switch.install(settings, new OurProviders(settings, bytes, jar));
          Shim.onFirstUse(new Control(settings));
          failed = false;
        } catch (VirtualMachineError e) {
          begun = false; // The next thread may have more stack, or memory.
        } catch (Throwable t) {
          failed(settings, t, late ? null : instrumentation);
        }
      }
      return !failed;
    }
  }

  /** Not a lambda, whose first use costs milliseconds. */
  private record OurProviders(Settings settings, JarBytes jar, Path file)
      implements Supplier<List<SanProvider>> {
    @Override
    public List<SanProvider> get() {
      try {
        return InnerProviders.load(jar, file);
      } catch (RuntimeException | LinkageError e) {
        if (settings.onError() == OnError.FAIL) {
          // Not by way of shutdown hooks: whoever asked holds locks, the application's perhaps,
          // that they may wait for.
          Log.error("not started, and twinport.on-error=fail: " + Log.cause(e));
          Runtime.getRuntime().halt(1);
        }
        throw e; // Told by whoever asked, once.
      }
    }
  }

  /**
   * The SAN providers that there are in the agent's jar and on the class path, for whoever asks
   * what they would say of settings.
   */
  public static List<SanProvider> providers(Path jar) {
    return InnerProviders.load(new JarBytes(jar.toFile()), jar);
  }

  private static void open(Module module, Instrumentation instrumentation) {
    // What is open is exported, too.
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(),
        Map.of("sun.nio.ch", Set.of(module)),
        Set.of(),
        Map.of());
  }

  /**
   * Tells why, and ends the process if it is to.
   *
   * @param early null if the application has begun
   */
  private static void failed(Settings settings, Throwable cause, Instrumentation early) {
    if (OwnClasses.areLost()) {
      return; // Told.
    }
    if (settings.onError() == OnError.FAIL) {
      Log.error("not started, and twinport.on-error=fail: " + Log.cause(cause));
      if (early != null) {
        EarlyExit.exit(1, early);
      }
      System.exit(1);
    }
    Log.error("not started, everything goes by TCP: " + Log.cause(cause));
  }

  /** The jar this class came from, or null where it did not come from a jar. */
  public static Path jar() {
    CodeSource source = Bootstrap.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return null;
    }
    try {
      Path jar = Path.of(source.getLocation().toURI()).toAbsolutePath().normalize();
      return Files.isRegularFile(jar) ? jar : null;
    } catch (URISyntaxException | IllegalArgumentException e) {
      Log.debug(() -> "the agent's jar is not a file: " + source.getLocation());
      return null;
    }
  }
}
