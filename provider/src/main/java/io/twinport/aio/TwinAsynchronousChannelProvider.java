package io.twinport.aio;

import io.twinport.core.PlainFace;
import io.twinport.core.Switch;
import io.twinport.jdk.Shim;
import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import sun.nio.ch.DefaultAsynchronousChannelProvider;
import sun.nio.ch.LinuxAsynchronousChannelProvider;
import sun.nio.ch.SanPort;
import sun.nio.ch.ThreadPool;

/**
 * The provider of asynchronous channels that use the SAN beside TCP, and of their groups. Whoever
 * installs one installs one for the process: a provider has its own default group.
 */
public final class TwinAsynchronousChannelProvider extends AsynchronousChannelProvider {
  /** Null for that of this process. */
  private final Switch owner;

  /** What everything is left to where the shim does not link; null where it does. */
  private final AsynchronousChannelProvider jdk;

  private volatile AsynchronousChannelGroup defaultGroup;

  /** The provider of this process; no more is made than can't fail, as it is made once. */
  public TwinAsynchronousChannelProvider() {
    this(null);
  }

  private TwinAsynchronousChannelProvider(Switch owner) {
    this.owner = owner;
    this.jdk = Shim.ASYNCHRONOUS.isLinked() ? null : DefaultAsynchronousChannelProvider.create();
  }

  /** A provider for a switch of its own, for tests. */
  public static TwinAsynchronousChannelProvider of(Switch owner) {
    return new TwinAsynchronousChannelProvider(owner);
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(int threads, ThreadFactory factory)
      throws IOException {
    return jdk != null
        ? jdk.openAsynchronousChannelGroup(threads, factory)
        : Groups.open(this, SanPort.fixedPool(threads, factory));
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(
      ExecutorService executor, int initialSize) throws IOException {
    return jdk != null
        ? jdk.openAsynchronousChannelGroup(executor, initialSize)
        : Groups.open(this, ThreadPool.wrap(executor, initialSize));
  }

  @Override
  public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(
      AsynchronousChannelGroup group) throws IOException {
    AsynchronousChannelProvider other = jdksFor(group);
    return other != null
        ? other.openAsynchronousServerSocketChannel(group)
        : Groups.serverSocket(this, group);
  }

  @Override
  public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group)
      throws IOException {
    AsynchronousChannelProvider other = jdksFor(group);
    return other != null ? other.openAsynchronousSocketChannel(group) : Groups.socket(this, group);
  }

  /**
   * Returns the provider whose channels a group can have if those are the JDK's own; else null. A
   * group may be older than the agent, and was this provider's for all that the program knows.
   */
  private AsynchronousChannelProvider jdksFor(AsynchronousChannelGroup group) {
    if (jdk != null || group == null || group instanceof TwinPort) {
      return jdk;
    }
    AsynchronousChannelProvider groups = group.provider();
    return groups instanceof LinuxAsynchronousChannelProvider ? groups : null;
  }

  private Switch owner() {
    return owner != null ? owner : Switch.ofThisProcess();
  }

  private AsynchronousChannelGroup defaultGroup() throws IOException {
    if (defaultGroup == null) {
      synchronized (this) {
        if (defaultGroup == null) {
          defaultGroup = Groups.open(this, SanPort.defaultPool());
        }
      }
    }
    return defaultGroup;
  }

  /** A class of its own, so that the provider links where the shim does not. */
  private static final class Groups {
    static AsynchronousChannelGroup open(TwinAsynchronousChannelProvider provider, ThreadPool pool)
        throws IOException {
      return TwinPort.start(provider, provider.owner(), pool);
    }

    static AsynchronousServerSocketChannel serverSocket(
        TwinAsynchronousChannelProvider provider, AsynchronousChannelGroup group)
        throws IOException {
      Switch.aboutToListen();
      return TwinAsynchronousServerSocketChannel.open(port(provider, group));
    }

    static AsynchronousSocketChannel socket(
        TwinAsynchronousChannelProvider provider, AsynchronousChannelGroup group)
        throws IOException {
      TwinPort port = port(provider, group);
      return TwinAsynchronousSocketChannel.open(
          port, PlainFace.ofAsynchronousChannel(port.owner()));
    }

    private static TwinPort port(
        TwinAsynchronousChannelProvider provider, AsynchronousChannelGroup group)
        throws IOException {
      AsynchronousChannelGroup chosen = group == null ? provider.defaultGroup() : group;
      if (chosen instanceof TwinPort port) {
        return port;
      }
      throw new IllegalChannelGroupException();
    }
  }
}
