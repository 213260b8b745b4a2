package io.twinport.nio;

import io.twinport.config.Log;
import java.net.SocketImpl;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.nio.ch.SanEvents;
import sun.nio.ch.SanHooks;

/**
 * Answers the JDK's factories that the agent's transforms have ask first. An answer of null, or a
 * failure, leaves the JDK's own in place; the first failure is told.
 */
public final class Hooks {
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private Hooks() {}

  /**
   * Answers from now on. Called before any code is transformed.
   *
   * @return false if the switch does not fit this JDK, which must then not be made to ask
   */
  public static boolean install() {
    if (!Shim.isLinked()) {
      return false;
    }
    SanHooks.onFailure(Hooks::failed);
    SanHooks.onSocketImpl(Hooks::socketImpl);
    SanHooks.onAsynchronousProvider(
        nothing -> SecurityManagers.deny() ? null : Asynchronous.PROVIDER);
    return true;
  }

  /** Made when the first asynchronous channel is about to be. */
  private static final class Asynchronous {
    /** Null if the application has chosen one for itself. */
    static final AsynchronousChannelProvider PROVIDER =
        isChosenByApplication() ? null : new TwinAsynchronousChannelProvider();

    /** Looks where {@link AsynchronousChannelProvider#provider} does. */
    private static boolean isChosenByApplication() {
      return System.getProperty(AsynchronousChannelProvider.class.getName()) != null
          || ServiceLoader.load(
                  AsynchronousChannelProvider.class, ClassLoader.getSystemClassLoader())
              .stream()
              .findAny()
              .isPresent();
    }
  }

  /**
   * Has {@link SelectorProvider#provider} answer with a provider of ours, though the JDK has made
   * up its mind already.
   */
  public static void replaceSelectorProvider() {
    SelectorProvider ours = new TwinSelectorProvider();
    SanHooks.onSelectorProvider(nothing -> ours);
  }

  /** Says that the flight recorder's classes are there; see {@link SanEvents#recorderLoaded}. */
  public static void recorderLoaded() {
    SanEvents.recorderLoaded();
  }

  private static SocketImpl socketImpl(boolean server) {
    if (SecurityManagers.deny()) {
      return null;
    }
    TwinSelectorProvider.first();
    return TwinSelectorProvider.socketImpl(server);
  }

  private static void failed(Throwable cause) {
    if (TOLD.compareAndSet(false, true)) {
      Log.warn("a socket or provider of Twinport's could not be made, TCP: " + Log.cause(cause));
    } else {
      Log.debug(() -> "again, a socket or provider could not be made: " + Log.cause(cause));
    }
  }
}
