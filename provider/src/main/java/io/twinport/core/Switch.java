package io.twinport.core;

import io.twinport.config.Log;
import io.twinport.jdk.Shim;
import io.twinport.registry.Registry;
import io.twinport.settings.Rules;
import io.twinport.settings.Settings;
import io.twinport.spi.SanProvider;
import io.twinport.waiting.WaitPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import sun.nio.ch.SanAccess;

/** What all sockets and listeners share that have the same settings: mostly, those of a process. */
public final class Switch {
  /** Those of this process; null for what the properties and the environment say. */
  private static volatile Settings installed;

  /** Where the SAN providers of this process come from; null if there are none. */
  private static volatile Supplier<List<SanProvider>> source;

  /** Null until a socket is first used. */
  private static volatile Switch ofThisProcess;

  /** Whether this process has begun to open a listener. */
  private static volatile boolean listens;

  private static boolean endIsWatched; // Guarded by the class.
  private static volatile boolean ends;
  private static volatile Runnable atEnd;

  private final Settings settings;
  private final Rules rules;
  private final Providers providers;
  private final Registry registry;
  private final WaitPolicy waitPolicy;

  private Switch(
      Settings settings, Supplier<? extends Iterable<SanProvider>> source, Registry registry) {
    this.settings = settings;
    this.rules = Rules.parse(settings.rules());
    this.providers = new Providers(settings, source);
    this.registry = registry;
    this.waitPolicy = new WaitPolicy(settings, providers);
  }

  /** A switch with a registry of its own and exactly these SAN providers, for tests. */
  public static Switch of(Settings settings, SanProvider... providers) {
    return new Switch(settings, () -> List.of(providers), new Registry());
  }

  /**
   * Says what {@link #ofThisProcess} works with.
   *
   * @param sanProviders asked once, when a socket is first used; those that {@code
   *     twinport.providers} does not name are left alone
   */
  public static void install(Settings settings, Supplier<List<SanProvider>> sanProviders) {
    installed = settings;
    source = sanProviders;
    if (!settings.rules().isEmpty()) {
      ofThisProcess(); // Has rules that can't be understood told now.
    }
  }

  /** The switch of this process, made when it is first asked for. */
  public static Switch ofThisProcess() {
    Switch made = ofThisProcess;
    return made != null ? made : makeForThisProcess();
  }

  private static synchronized Switch makeForThisProcess() {
    if (ofThisProcess == null) {
      Settings given = installed;
      Settings settings = given != null ? given : Settings.load();
      Log.threshold(settings.log());
      Supplier<List<SanProvider>> from = source;
      ofThisProcess = new Switch(settings, from != null ? from : List::of, Registry.shared());
    }
    return ofThisProcess;
  }

  /** Whether all of the switch fits this JDK; if not, that is told. */
  public static boolean fits() {
    return Shim.CHANNELS.isLinked() && Shim.SOCKETS.isLinked() && Shim.ASYNCHRONOUS.isLinked();
  }

  /**
   * Says that this process is about to listen, so that its SAN providers begin to start. Whoever
   * {@link #prepare}s them looks at this behind, so one of the two sees the other.
   */
  public static void aboutToListen() {
    if (!listens) {
      listens = true;
      Switch made = ofThisProcess;
      if (made != null) {
        made.startProviders();
      }
    }
  }

  /** Loads the SAN providers of this process, and has them begin to start if it is to listen. */
  public static void prepare() {
    if (watchEnd()) {
      Switch made = ofThisProcess();
      made.providers.all();
      made.startProviders();
    }
  }

  /** With rules, only who listens knows whether they are wanted. */
  private void startProviders() {
    if (listens && !ends && settings.rules().isEmpty()) {
      providers.prepare();
    }
  }

  /**
   * Has {@code action}, and the SAN providers of this process, let go of what would keep the JVM
   * from ending at once: threads in native code, for which it waits 300 ms. That is done last,
   * after all shutdown hooks, which may still use the SAN.
   *
   * @param action must be quick and never throw
   * @return false if the process ends already, so that nothing may be begun for which this is
   */
  public static boolean whenProcessEnds(Runnable action) {
    atEnd = action;
    return watchEnd(); // Behind the store: either this sees the end, or the end sees the action.
  }

  /** Sees to it that the end of the process is noticed; returns whether that is still to come. */
  private static synchronized boolean watchEnd() {
    if (!endIsWatched) {
      try {
        if (!SanAccess.whenProcessEnds(new End())) {
          ends = true;
        }
      } catch (InternalError e) {
        Log.debug(() -> "the end can't be prepared, and may take 300 ms: " + Log.cause(e));
      }
      endIsWatched = true;
    }
    return !ends;
  }

  private static final class End implements Runnable {
    @Override
    public void run() {
      ends = true;
      Runnable action = atEnd;
      if (action != null) {
        action.run();
      }
      Switch owner = ofThisProcess;
      if (owner != null) {
        owner.providers().processEnds();
      }
    }
  }

  /** The names of the SAN providers that may be loaded. */
  public static List<String> configuredProviders() {
    Settings given = installed;
    return given == null ? List.of() : given.providers();
  }

  /** Each SAN provider that is loaded, by name, and what it says of itself. */
  public static Map<String, String> describeProviders() {
    Map<String, String> described = new LinkedHashMap<>();
    Switch owner = ofThisProcess;
    if (owner != null) {
      for (SanProvider provider : owner.providers().loaded()) {
        described.put(provider.name(), provider.describe());
      }
    }
    return described;
  }

  Settings settings() {
    return settings;
  }

  Rules rules() {
    return rules;
  }

  /** The SAN providers. */
  public Providers providers() {
    return providers;
  }

  /** What its sockets and listeners are doing. */
  public Registry registry() {
    return registry;
  }

  /** How whoever waits does. */
  public WaitPolicy waitPolicy() {
    return waitPolicy;
  }
}
