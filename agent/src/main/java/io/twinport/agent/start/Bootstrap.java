package io.twinport.agent.start;

import io.twinport.agent.control.Control;
import io.twinport.agent.control.NativeTransports;
import io.twinport.agent.inner.InnerProviders;
import io.twinport.agent.inner.JarBytes;
import io.twinport.agent.transforms.Transformer;
import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.core.Switch;
import io.twinport.hooks.Hooks;
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
import java.util.function.Supplier;

/** Puts the switch under {@code java.nio}, or leaves everything as it is and says why. */
public final class Bootstrap {
  /** The folder of what the switch calls of the agent. */
  static final String CALLED = "io/twinport/agent/inner/";

  private static final AtomicBoolean STARTED = new AtomicBoolean();
  private static volatile boolean installed;

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
      if (late && installed) {
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
    Log.threshold(settings.log());
    try {
      install(settings, jar, instrumentation, late);
    } catch (Throwable t) {
      // A LinkageError is as likely here as an exception: another JDK, another java.base.
      failed(settings, t);
    }
  }

  private static void install(
      Settings settings, Path jar, Instrumentation instrumentation, boolean late) throws Exception {
    String ours = TwinSelectorProvider.class.getName();
    String theirs = ApplicationProvider.find(ours);
    if (theirs != null) {
      Log.warn("the application keeps its own selector provider, TCP only: " + theirs);
      return;
    }
    if (jar == null) {
      throw new IllegalStateException("the agent was not loaded from a jar");
    }
    open(Bootstrap.class.getModule(), instrumentation);
    if (Class.forName(ours, false, ClassLoader.getSystemClassLoader())
        != TwinSelectorProvider.class) {
      throw new IllegalStateException("the system class loader has another copy of " + ours);
    }
    JarBytes bytes = new JarBytes(jar.toFile());
    OwnClasses.comeFrom(bytes, CALLED);
    if (late) {
      Control.agentIsAttached();
    }
    Switch.install(settings, new OurProviders(settings, bytes, jar));
    Shim.onFirstUse(new Control());
    if (settings.preferNio()) {
      NativeTransports.preferNio(); // Before anything looks at classes as they are loaded.
    }
    installed = transform(settings, instrumentation, installedProvider(ours));
    if (installed && late) {
      Control.startNow();
    }
  }

  /** Changes what the provider's property does not reach; returns whether all is in place. */
  private static boolean transform(
      Settings settings, Instrumentation instrumentation, SelectorProvider chosen) {
    boolean taken = !(chosen instanceof TwinSelectorProvider);
    if (taken && !chosen.getClass().getName().startsWith("sun.nio.ch.")) {
      // It came after we had looked, from a property that another agent has set perhaps.
      Log.warn("java.nio is in use already with " + chosen.getClass().getName() + ", TCP only");
      return false;
    }
    if (taken && !Hooks.replaceSelectorProvider()) {
      return false; // Told already.
    }
    Transformer.install(instrumentation, settings.transformsOff(), taken);
    return true;
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
   * Has the JDK take the named provider for good. The property is only set meanwhile: a program
   * that hands its properties down to child processes would end those that don't have the agent.
   */
  private static SelectorProvider installedProvider(String name) {
    String before = System.setProperty(ApplicationProvider.PROPERTY, name);
    try {
      return SelectorProvider.provider();
    } finally {
      if (before == null) {
        System.clearProperty(ApplicationProvider.PROPERTY);
      }
    }
  }

  private static void failed(Settings settings, Throwable cause) {
    if (settings.onError() == OnError.FAIL) {
      Log.error("not started, and twinport.on-error=fail: " + Log.cause(cause));
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
