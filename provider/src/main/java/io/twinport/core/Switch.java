package io.twinport.core;

import io.twinport.capture.Tap;
import io.twinport.config.Log;
import io.twinport.jdk.Shim;
import io.twinport.registry.OffFile;
import io.twinport.registry.RegisteredConnection;
import io.twinport.registry.Registry;
import io.twinport.settings.Rules;
import io.twinport.settings.Settings;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanProvider;
import io.twinport.waiting.WaitPolicy;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sun.nio.ch.SanAccess;

/** What all sockets and listeners share that have the same settings: mostly, those of a process. */
public final class Switch {
  private static final long TENTH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long BEGAN = System.nanoTime();

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
  private final Providers providers;
  private final Registry registry;
  private final WaitPolicy waitPolicy;
  private volatile Rules rules;

  private Switch(
      Settings settings, Supplier<? extends Iterable<SanProvider>> source, Registry registry) {
    this.settings = settings;
    this.rules = settings.readRules();
    this.registry = registry;
    this.providers = new Providers(settings, source, registry.events());
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
    if (settings.readsFiles()) {
      ofThisProcess(); // Has what can't be understood told now.
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
      Supplier<List<SanProvider>> from = source;
      Switch made = new Switch(settings, from != null ? from : List::of, Registry.shared());
      made.beginWithWhatIsOff();
      ofThisProcess = made;
    }
    return ofThisProcess;
  }

  private void beginWithWhatIsOff() {
    String file = settings.offFile();
    if (!file.isEmpty()) {
      try {
        OffFile.begin(file, registry);
      } catch (IOException e) {
        settings.complain("twinport.off-file=" + file + " is not used: " + e.getMessage());
      }
    }
  }

  /**
   * Keeps a port off, or no longer, for processes that start later with the same {@code
   * twinport.off-file}; does nothing for this one.
   *
   * @param port or {@link Registry#ALL_PORTS}
   * @return null if it is done, otherwise why not, in one line
   */
  public static String keep(int port, boolean off) {
    String file = ofThisProcess().settings.offFile();
    if (file.isEmpty()) {
      return off
          ? "has no file to keep it in: it was started without twinport.off-file; nothing is changed"
          : null;
    }
    try {
      OffFile.keep(file, port, off);
      return null;
    } catch (IOException e) {
      return "can't change twinport.off-file="
          + file
          + ": "
          + Log.cause(e)
          + "; nothing is changed";
    }
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
      made.providers.reportUnknown();
    }
  }

  /** With rules, only who listens knows whether they are wanted. */
  private void startProviders() {
    if (listens && !ends && rules.isEmpty()) {
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

  /** Has all bytes on the SAN pass through a tap from now on; null takes that back. */
  public static void tap(Tap tap) {
    Half.tap = tap;
    VarHandle.fullFence(); // Behind it, connections that do not see the tap are in the registry.
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

  /**
   * What is set for this process and makes no sense, a line each; waits a while for the SAN
   * providers to be loaded, which know what is theirs.
   */
  public static List<String> complaints() {
    Switch made = ofThisProcess();
    made.providers.all();
    made.providers.reportUnknown();
    return made.settings.complaints();
  }

  /** What the switch, and those of some providers that would be used, find wrong with settings. */
  public static List<String> complaintsOf(Settings settings, List<SanProvider> sanProviders) {
    Switch made = new Switch(settings, () -> sanProviders, new Registry());
    made.providers.all();
    made.providers.reportUnknown();
    return settings.complaints();
  }

  /** What is set for this process, or would be if nothing were. */
  public static Settings settingsOfThisProcess() {
    return ofThisProcess().settings;
  }

  /**
   * Changes a setting of this process: the rules, for connections and listeners from now on, or how
   * much is logged.
   *
   * @param name with or without {@code twinport.}
   * @return null if it is done, otherwise why not, in one line
   */
  public static String change(String name, String value) {
    Switch made = ofThisProcess();
    return made.settings.change(name, value, changed -> made.rules = changed);
  }

  /** The names of the SAN providers that may be loaded. */
  public static List<String> configuredProviders() {
    Settings given = installed;
    return given == null ? List.of() : given.providers();
  }

  /** See {@link SanProvider#refusedPeers}; of all providers. */
  public static Map<Long, Reason> refusedPeers() {
    Map<Long, Reason> refused = new HashMap<>();
    Switch owner = ofThisProcess;
    if (owner != null) {
      for (SanProvider provider : owner.providers().loaded()) {
        refused.putAll(provider.refusedPeers());
      }
    }
    return refused;
  }

  /** See {@link SanProvider#refusedHosts}; of all providers. */
  public static Map<InetAddress, Reason> refusedHosts() {
    Map<InetAddress, Reason> refused = new HashMap<>();
    Switch owner = ofThisProcess;
    if (owner != null) {
      for (SanProvider provider : owner.providers().loaded()) {
        refused.putAll(provider.refusedHosts());
      }
    }
    return refused;
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

  /**
   * The SAN connections of this process that were closed here and can't end yet, because the peer
   * has not taken what was written.
   */
  public static List<Registry.Connection> closing() {
    List<Registry.Connection> closing = new ArrayList<>();
    Switch owner = ofThisProcess;
    if (owner != null) {
      for (SanProvider provider : owner.providers().loaded()) {
        for (SanConnection connection : provider.closing()) {
          Registry.Connection described = ConnectionReport.closing(connection);
          if (described != null) {
            closing.add(described);
          }
        }
      }
    }
    return closing;
  }

  /** The time in tenths of a second, counted from when this process first used the switch. */
  static int tenths() {
    return (int) ((System.nanoTime() - BEGAN) / TENTH_NANOS);
  }

  /** How long ago that was, in nanoseconds. */
  static long nanosSince(int tenths) {
    return Math.max(0, System.nanoTime() - BEGAN - tenths * TENTH_NANOS);
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

  /** Tells the registry of a connection that this process has made; see there. */
  void connected(
      RegisteredConnection connection, InetSocketAddress remote, Reason reason, Object begun) {
    boolean couldBeOnSan = reason != null && providers.couldReach(remote);
    registry.connected(connection, remote, reason, couldBeOnSan, begun);
  }

  /** How whoever waits does. */
  public WaitPolicy waitPolicy() {
    return waitPolicy;
  }
}
