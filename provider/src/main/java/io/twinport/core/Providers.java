package io.twinport.core;

import io.twinport.config.Hints;
import io.twinport.config.Log;
import io.twinport.registry.Events;
import io.twinport.settings.Settings;
import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Processors;
import io.twinport.spi.SanProvider;
import io.twinport.waiting.Announcer;
import io.twinport.waiting.WaitPolicy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The SAN providers of a switch, found when a socket is first used. */
public final class Providers implements Announcer, WaitPolicy.Cores {
  private static final SanProvider[] NONE = {};

  /** The most that a connect waits for the thread that loads them. */
  private static final long LOAD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The same of a listener: one that goes on without keeps to TCP for good. */
  private static final long LISTEN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Settings settings;
  private final Supplier<? extends Iterable<SanProvider>> source;
  private final Events events;
  private final Set<String> failed = ConcurrentHashMap.newKeySet();
  private final ReentrantLock loading = new ReentrantLock();

  /** All that there are, also those that are not used; null until somebody has looked. */
  private volatile List<SanProvider> found;

  private volatile SanProvider[] loaded;
  private volatile Processors processors;

  Providers(Settings settings, Supplier<? extends Iterable<SanProvider>> source, Events events) {
    this.settings = settings;
    this.source = source;
    this.events = events;
    if (settings.providers().isEmpty()) {
      loaded = NONE;
    }
  }

  /** The providers in the order they are asked; loads them if they are not yet. */
  public SanProvider[] all() {
    return all(LOAD_NANOS);
  }

  /** As {@link #all}, for a listener. */
  SanProvider[] allToListen() {
    return all(LISTEN_NANOS);
  }

  private SanProvider[] all(long patience) {
    SanProvider[] providers = loaded;
    return providers != null ? providers : load(patience);
  }

  /** The providers that are loaded already, perhaps none. */
  public SanProvider[] loaded() {
    SanProvider[] providers = loaded;
    return providers != null ? providers : NONE;
  }

  /** Has those that are loaded begin to start; see {@link SanProvider#prepare}. */
  void prepare() {
    for (SanProvider provider : loaded()) {
      try {
        provider.prepare();
      } catch (RuntimeException | Error e) {
        failed(provider, "it starts when it is used", e);
      }
    }
  }

  /**
   * Whether a connection to an address could be on the SAN: one of the providers reaches it, or
   * those that are wanted could not be loaded.
   */
  boolean couldReach(InetSocketAddress remote) {
    SanProvider[] providers = loaded();
    for (SanProvider provider : providers) {
      try {
        if (provider.reaches(remote.getAddress())) {
          return true;
        }
      } catch (RuntimeException | Error e) {
        return true; // It does not know; and who is connected by now is not to fail by it.
      }
    }
    return providers.length == 0 && !settings.providers().isEmpty();
  }

  /** How many providers have started: an announcement of a sleep is heard by these. Only grows. */
  public int started() {
    int started = 0;
    for (SanProvider provider : loaded()) {
      if (provider.isStarted()) {
        started++;
      }
    }
    return started;
  }

  /**
   * Tells of a failure that the provider was not to let out. The first of a provider's is worth a
   * line: it may fail as often as the application connects.
   *
   * @param what what does not work
   */
  void failed(SanProvider provider, String what, Throwable cause) {
    String name = provider.name();
    String failure = what + ": " + Log.cause(cause);
    events.providerFailed(name, failure);
    String text = "SAN provider " + name + " failed, " + failure;
    if (failed.add(name)) {
      Log.warn(text);
    } else {
      Log.debug(() -> text);
    }
  }

  @Override
  public void poll(boolean thoroughly) {
    for (SanProvider provider : loaded()) {
      provider.poll(thoroughly);
    }
  }

  /** See {@link SanProvider#pollAll}. */
  public void pollAll() {
    for (SanProvider provider : loaded()) {
      provider.pollAll();
    }
  }

  @Override
  public int currentCore() {
    Processors known = processors();
    return known == null ? -1 : known.current();
  }

  @Override
  public void changeCore() {
    Processors known = processors();
    if (known != null) {
      known.change();
    }
  }

  /** Those of the first provider that has some, as soon as it has; null before. */
  private Processors processors() {
    Processors known = processors;
    if (known == null) {
      for (SanProvider provider : loaded()) {
        known = provider.processors();
        if (known != null) {
          processors = known;
          return known;
        }
      }
    }
    return known;
  }

  @Override
  public void yieldCore() {
    Hints.yieldCore();
  }

  @Override
  public void rest() {
    Processors known = processors();
    if (known != null) {
      known.rest();
    }
  }

  @Override
  public void announceSleep(Bell bell) {
    for (SanProvider provider : loaded()) {
      provider.announceSleep(bell);
    }
  }

  @Override
  public void announceAwake(Bell bell) {
    for (SanProvider provider : loaded()) {
      provider.announceAwake(bell);
    }
  }

  /** See {@link SanProvider#processEnds}. */
  void processEnds() {
    for (SanProvider provider : loaded()) {
      provider.processEnds();
    }
  }

  /**
   * Loading asks class loaders, the application's own among them. One that connects for that, or
   * waits for a thread that does, gets TCP.
   */
  private SanProvider[] load(long patience) {
    if (loading.isHeldByCurrentThread() || !beginToLoad(patience)) {
      return loaded();
    }
    try {
      if (loaded == null) {
        found = find();
        loaded = ordered(found);
      }
      return loaded;
    } finally {
      loading.unlock();
    }
  }

  private boolean beginToLoad(long patience) {
    boolean interrupted = false;
    long end = System.nanoTime() + patience;
    try {
      while (true) {
        try {
          return loading.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // For the application, which may be listening: not interruptible.
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private List<SanProvider> find() {
    List<SanProvider> all = new ArrayList<>();
    try {
      for (SanProvider provider : source.get()) {
        all.add(provider);
      }
    } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
      events.providerFailed(null, Log.cause(e));
      Log.warn("SAN providers can't be loaded (" + Log.cause(e) + "); TCP only");
    }
    return all;
  }

  private SanProvider[] ordered(List<SanProvider> all) {
    List<SanProvider> chosen = new ArrayList<>();
    for (String name : settings.providers()) {
      boolean known = false;
      for (SanProvider provider : all) {
        if (provider.name().equals(name)) {
          known = true;
          if (isConfigured(provider)) {
            chosen.add(provider);
          }
        }
      }
      if (!known && settings.value("providers") != null) {
        settings.complain(
            "twinport.providers: there is no provider '" + name + "'; there are " + names(all));
      }
    }
    return chosen.toArray(new SanProvider[0]);
  }

  /** For people; those of others may be anything. */
  private static String names(List<SanProvider> all) {
    List<String> names = new ArrayList<>();
    for (SanProvider provider : all) {
      names.add(provider.name());
    }
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  /**
   * Tells of settings that mean nothing to anybody. What nobody has asked for may be a provider's
   * that is not used, so those are asked, too; they are not started by that.
   */
  synchronized void reportUnknown() {
    if (loaded == null || !settings.hasUnknown()) {
      return; // Those that are being loaded may still ask.
    }
    if (found == null) {
      found = find();
    }
    Set<String> others = new HashSet<>();
    for (SanProvider provider : found) {
      Set<String> own = provider.settings();
      others.addAll(own.isEmpty() ? Set.of(provider.name() + ".") : own);
    }
    settings.reportUnknown(others);
  }

  /** What providers see of the settings. */
  private final class Given implements Configuration {
    @Override
    public String value(String name) {
      return settings.value(name);
    }

    @Override
    public List<String> providers() {
      return settings.providers();
    }

    @Override
    public void inEffect(String name, Object value, boolean given) {
      settings.inEffect(name, value, given);
    }

    @Override
    public void complain(String line) {
      settings.complain(line);
    }
  }

  private boolean isConfigured(SanProvider provider) {
    try {
      provider.configure(new Given());
      return true;
    } catch (RuntimeException | LinkageError e) {
      events.providerFailed(provider.name(), Log.cause(e));
      Log.warn("SAN provider " + provider.name() + " is left out (" + Log.cause(e) + ")");
      return false;
    }
  }
}
