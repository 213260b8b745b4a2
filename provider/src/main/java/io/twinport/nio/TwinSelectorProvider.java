package io.twinport.nio;

import io.twinport.core.Switch;
import io.twinport.jdk.SecurityManagers;
import io.twinport.jdk.Shim;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import sun.nio.ch.DefaultSelectorProvider;
import sun.nio.ch.SanAccess;

/**
 * The provider of channels and selectors that use the SAN beside TCP. What the SAN has no part in,
 * datagrams, pipes, UNIX-domain sockets and inherited channels, is the JDK's own.
 */
public final class TwinSelectorProvider extends SelectorProvider {
  /** The name of this class. */
  public static final String NAME = "io.twinport.nio.TwinSelectorProvider";

  /** Taken before a security manager could be in the way. */
  private final SelectorProvider jdk = DefaultSelectorProvider.get();

  /** Null for that of this process. */
  private final Switch owner;

  /**
   * The provider of this process, with what was {@linkplain Switch#install installed}. The JDK asks
   * for its provider once, and keeps a failure for ever; a program may ask for it and open nothing.
   * So no more is made here than can't fail.
   */
  public TwinSelectorProvider() {
    this(null);
  }

  private TwinSelectorProvider(Switch owner) {
    this.owner = owner;
  }

  /** A provider for a switch of its own, for tests. */
  public static TwinSelectorProvider of(Switch owner) {
    return new TwinSelectorProvider(owner);
  }

  /** The switch that its channels are of. */
  public Switch owner() {
    return owner != null ? owner : Switch.ofThisProcess();
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
    return isSwitchThatListens()
        ? Channels.serverSocket(this, null)
        : jdk.openServerSocketChannel();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    return isInet(family) && isSwitchThatListens()
        ? Channels.serverSocket(this, family)
        : jdk.openServerSocketChannel(family);
  }

  /** Whether new channels are ours; otherwise they are the JDK's own. */
  private boolean isSwitch() {
    return !SecurityManagers.deny() && Shim.CHANNELS.isLinked();
  }

  /** As {@link #isSwitch}; what a listener stands on begins to start meanwhile. */
  private boolean isSwitchThatListens() {
    if (SecurityManagers.deny()) {
      return false;
    }
    Switch.aboutToListen();
    return Shim.CHANNELS.isLinked();
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
      return new TwinSocketChannel(provider, family);
    }

    static ServerSocketChannel serverSocket(TwinSelectorProvider provider, ProtocolFamily family)
        throws IOException {
      return new TwinServerSocketChannel(provider, family);
    }

    private static void checkFamily(ProtocolFamily family) {
      if (family == StandardProtocolFamily.INET6 && !SanAccess.isIPv6Available()) {
        throw new UnsupportedOperationException("IPv6 not available");
      }
    }
  }
}
