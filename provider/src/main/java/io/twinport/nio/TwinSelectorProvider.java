package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.config.Settings;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketImpl;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import sun.nio.ch.DefaultSelectorProvider;
import sun.nio.ch.SanAccess;

/**
 * The provider of channels and selectors that use the SAN beside TCP. What the SAN has no part in,
 * datagrams, pipes, UNIX-domain sockets and inherited channels, is the JDK's own.
 */
public final class TwinSelectorProvider extends SelectorProvider {
  private static final AtomicReference<Runnable> ON_FIRST_CHANNEL = new AtomicReference<>();
  private static final int LAST_WITH_PLAIN_SOCKETS = 17;

  /** Asked once, as the JDK does, and before a security manager could be in the way. */
  private static final boolean PLAIN_SOCKETS = usesPlainSockets();

  /** Those of this process; null for what the properties and the environment say. */
  private static volatile Settings installed;

  /** Where the SAN providers of this process come from; null if there are none. */
  private static volatile Supplier<List<SanProvider>> source;

  /** Shared by all providers of this process; null until the first of them needs it. */
  private static volatile Switch ofThisProcess;

  /** Taken before a security manager could be in the way. */
  private final SelectorProvider jdk = DefaultSelectorProvider.get();

  /** Null for that of this process. */
  private final Switch owner;

  /**
   * The provider of this process, with the settings and SAN providers that the agent installed. The
   * JDK asks for its provider once, and keeps a failure for ever; a program may ask for it and open
   * nothing. So no more is made here than can't fail.
   */
  public TwinSelectorProvider() {
    this(null);
  }

  private TwinSelectorProvider(Switch owner) {
    this.owner = owner;
  }

  /**
   * Says what {@link #TwinSelectorProvider()} works with.
   *
   * @param sanProviders asked once, when the first listener or connection wants one; those that
   *     {@code twinport.providers} does not name are left alone
   */
  public static void install(Settings settings, Supplier<List<SanProvider>> sanProviders) {
    installed = settings;
    source = sanProviders;
    if (!settings.rules().isEmpty()) {
      ofThisProcess(); // Has rules that can't be understood told now.
    }
  }

  /** Whether the switch fits this JDK; if not, that is told, once. */
  public static boolean fits() {
    return Shim.isLinked();
  }

  private static Switch ofThisProcess() {
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

  /**
   * Says what to do once, on the thread that opens the first socket or socket channel; it must be
   * quick and never throw.
   */
  public static void onFirstChannel(Runnable action) {
    ON_FIRST_CHANNEL.set(action);
  }

  /** Does what {@link #onFirstChannel} was told, the first time that a socket is about to be. */
  static void first() {
    if (ON_FIRST_CHANNEL.get() != null) {
      Runnable action = ON_FIRST_CHANNEL.getAndSet(null);
      if (action != null) {
        Shim.isLinked(); // Has what the action needs loaded, too.
        action.run();
      }
    }
  }

  /**
   * Has {@code action}, and the SAN providers of this process, let go of what would keep the JVM
   * from ending at once: threads in native code, for which it waits 300 ms. That is done last,
   * after all shutdown hooks, which may still use the SAN.
   *
   * @param action must be quick and never throw
   */
  public static void whenProcessEnds(Runnable action) {
    boolean done =
        Shim.isLinked()
            && SanAccess.whenProcessEnds(
                () -> {
                  action.run();
                  Switch owner = ofThisProcess;
                  if (owner != null) {
                    owner.providers().processEnds();
                  }
                });
    if (!done) {
      Log.debug(() -> "nothing can be done when the process ends; it may take 300 ms longer");
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

  /** A provider with a registry of its own and exactly these SAN providers, for tests. */
  public static TwinSelectorProvider of(Settings settings, SanProvider... providers) {
    return new TwinSelectorProvider(new Switch(settings, () -> List.of(providers), new Registry()));
  }

  /**
   * What the JDK has to use behind a {@link java.net.Socket} or {@link java.net.ServerSocket}.
   *
   * @return null to use its own
   */
  public static SocketImpl socketImpl(boolean server) {
    return ForSockets.PROVIDER.newSocketImpl(server);
  }

  /** Sockets don't ask for the provider of channels, which may be the application's own. */
  private static final class ForSockets {
    static final TwinSelectorProvider PROVIDER = new TwinSelectorProvider();
  }

  /** As {@link #socketImpl}, for sockets of this provider. */
  public SocketImpl newSocketImpl(boolean server) {
    return !PLAIN_SOCKETS && Shim.isLinked() ? Channels.socketImpl(this, server) : null;
  }

  /** JDK 17 still has the sockets of old behind a property. */
  private static boolean usesPlainSockets() {
    String value = System.getProperty("jdk.net.usePlainSocketImpl");
    return value != null
        && !value.equalsIgnoreCase("false")
        && Runtime.version().feature() <= LAST_WITH_PLAIN_SOCKETS;
  }

  /** What this provider's channels are doing. */
  public Registry registry() {
    return owner().registry();
  }

  Switch owner() {
    return owner != null ? owner : ofThisProcess();
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    return isSwitch() ? Channels.selector(this) : jdk.openSelector();
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return isSwitch() ? Channels.socket(this, null) : jdk.openSocketChannel();
  }

  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
    return isSwitch() && isInet(family)
        ? Channels.socket(this, family)
        : jdk.openSocketChannel(family);
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return isSwitch() ? Channels.serverSocket(this, null) : jdk.openServerSocketChannel();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    return isSwitch() && isInet(family)
        ? Channels.serverSocket(this, family)
        : jdk.openServerSocketChannel(family);
  }

  /** Whether new channels are ours; otherwise they are the JDK's own. */
  private boolean isSwitch() {
    return !SecurityManagers.deny() && Shim.isLinked();
  }

  /**
   * A {@link TwinSocketChannel} in any case, for what is ours already and can't do with another.
   */
  SocketChannel newSocketChannel() {
    return Channels.socket(this, null);
  }

  private static boolean isInet(ProtocolFamily family) {
    Objects.requireNonNull(family, "'family' is null");
    return family == StandardProtocolFamily.INET || family == StandardProtocolFamily.INET6;
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return jdk.openDatagramChannel();
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return jdk.openDatagramChannel(family);
  }

  @Override
  public Pipe openPipe() throws IOException {
    return jdk.openPipe();
  }

  @Override
  public Channel inheritedChannel() throws IOException {
    return jdk.inheritedChannel();
  }

  /** A class of its own, so that this one links where the shim does not. */
  private static final class Channels {
    static AbstractSelector selector(TwinSelectorProvider provider) throws IOException {
      return new TwinSelector(provider);
    }

    static SocketChannel socket(TwinSelectorProvider provider, ProtocolFamily family) {
      checkFamily(family);
      first();
      return new TwinSocketChannel(provider, family);
    }

    static ServerSocketChannel serverSocket(TwinSelectorProvider provider, ProtocolFamily family)
        throws IOException {
      first();
      return new TwinServerSocketChannel(provider, family);
    }

    static SocketImpl socketImpl(TwinSelectorProvider provider, boolean server) {
      first();
      return server ? new TwinServerSocketImpl(provider) : new TwinSocketImpl(provider);
    }

    private static void checkFamily(ProtocolFamily family) {
      if (family == StandardProtocolFamily.INET6 && !SanAccess.isIPv6Available()) {
        throw new UnsupportedOperationException("IPv6 not available");
      }
    }
  }
}
