package io.twinport.hooks;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.jdk.OwnClasses;
import io.twinport.jdk.SecurityManagers;
import io.twinport.jdk.Shim;
import io.twinport.net.SocketImpls;
import io.twinport.nio.TwinSelectorProvider;
import java.io.IOException;
import java.net.SocketImpl;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import sun.nio.ch.LinuxAsynchronousChannelProvider;
import sun.nio.ch.SanHooks;

/**
 * Answers the JDK's factories that the agent's transforms have ask first. An answer of null, or a
 * failure, leaves the JDK's own in place; the first failure is told.
 */
public final class Hooks {
  private static final AtomicBoolean TOLD = new AtomicBoolean();
  private static final AtomicBoolean TOLD_OF_THEIRS = new AtomicBoolean();
  private static boolean installed; // guarded by the class

  private Hooks() {}

  /**
   * Answers from now on. Called before any code is transformed, perhaps while the class is being
   * loaded that is; so nothing here may load one of those, as a lambda that returns it would.
   *
   * @throws IOException if what is to be asked can't be read
   * @throws IllegalAccessException if this JDK does not let it be defined
   */
  public static synchronized void install() throws IOException, IllegalAccessException {
    if (!installed) {
      Shim.defineHooks();
      SanHooks.onFailure(new Failure());
      SanHooks.onSelectorProvider(new Channels());
      SanHooks.onSocketImpl(new Sockets());
      SanHooks.onAsynchronousProvider(new AsynchronousChannels());
      installed = true;
    }
  }

  private static final class Failure implements Consumer<Throwable> {
    @Override
    public void accept(Throwable cause) {
      failed(cause);
    }
  }

  /**
   * Names no provider of ours: while this is linked, the class may be being loaded that those
   * extend.
   */
  private static final class Channels implements Function<Void, SelectorProvider> {
    @Override
    public SelectorProvider apply(Void nothing) {
      return SecurityManagers.deny() ? null : Selectors.provider();
    }
  }

  /** Made when the first selector or channel is about to be. */
  private static final class Selectors {
    private static SelectorProvider ours;

    /**
     * Ours, or null where the application has one of its own. What the JDK answers without us shows
     * that, whatever it was told by.
     */
    static synchronized SelectorProvider provider() {
      if (ours == null) {
        SelectorProvider theirs = SelectorProvider.provider();
        if (theirs instanceof TwinSelectorProvider) {
          ours = theirs; // The property names it; a parent process had the agent.
        } else if (theirs.getClass().getName().startsWith("sun.nio.ch.")) {
          ours = new TwinSelectorProvider();
        } else {
          SanHooks.onSelectorProvider(null); // Nobody need ask any more.
          if (TOLD_OF_THEIRS.compareAndSet(false, true)) {
            Log.warn("channels are those of " + theirs.getClass().getName() + ", TCP only");
          }
        }
      }
      return ours;
    }
  }

  private static final class Sockets implements Function<Boolean, SocketImpl> {
    @Override
    public SocketImpl apply(Boolean server) {
      return socketImpl(server);
    }
  }

  private static final class AsynchronousChannels
      implements Function<Void, AsynchronousChannelProvider> {
    @Override
    public AsynchronousChannelProvider apply(Void nothing) {
      return SecurityManagers.deny() ? null : Asynchronous.PROVIDER;
    }
  }

  /** Made when the first asynchronous channel is about to be. */
  private static final class Asynchronous {
    /** Null if the application has chosen one for itself. */
    static final AsynchronousChannelProvider PROVIDER =
        isChosenByApplication() ? null : new TwinAsynchronousChannelProvider();

    /** Looks where {@link AsynchronousChannelProvider#provider} does. */
    private static boolean isChosenByApplication() {
      String named = System.getProperty(AsynchronousChannelProvider.class.getName());
      return named != null
          ? !named.equals(LinuxAsynchronousChannelProvider.class.getName()) // The JDK's own.
          : ServiceLoader.load(
                  AsynchronousChannelProvider.class, ClassLoader.getSystemClassLoader())
              .stream()
              .findAny()
              .isPresent();
    }
  }

  private static SocketImpl socketImpl(boolean server) {
    if (SecurityManagers.deny()) {
      return null;
    }
    // Not by the provider of channels, which may be the application's own.
    return SocketImpls.make(Switch.ofThisProcess(), server);
  }

  private static void failed(Throwable cause) {
    if (OwnClasses.areLost()) {
      Log.debug(() -> "a socket or provider could not be made: " + Log.cause(cause));
    } else if (TOLD.compareAndSet(false, true)) {
      Log.warn("a socket or provider of Twinport's could not be made, TCP: " + Log.cause(cause));
    } else {
      Log.debug(() -> "again, a socket or provider could not be made: " + Log.cause(cause));
    }
  }
}
