package sun.nio.ch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the JDK's own factories ask first, once the agent has put the question into them. Where a
 * hook is not set, returns null or throws, the factory goes on as if nothing had been asked.
 */
public final class SanHooks {
  private static volatile Function<Boolean, SocketImpl> socketImpl;
  private static volatile Function<Void, AsynchronousChannelProvider> asynchronousProvider;
  private static volatile Function<Void, SelectorProvider> selectorProvider;
  private static volatile Consumer<Throwable> failure;

  /** The last answer of {@link #selectorProvider}, which is always the same. */
  private static volatile SelectorProvider provider;

  /** The part of the shim that has selectors and their channels; see {@link #isThere}. */
  public static final int CHANNELS = 1;

  /** The part that has what is behind sockets. */
  public static final int SOCKETS = 2;

  /** The part that has asynchronous channels. */
  public static final int ASYNCHRONOUS = 4;

  /**
   * The parts that are there. Before, no channel or socket of the kind is ours, and no class of the
   * part may be named: the JVM would remember for ever that it had not found it.
   */
  private static volatile int parts;

  /** Whether a socket was made. */
  private static volatile boolean asked;

  /** Set while a hook runs: what the hook itself asks the factories for is the JDK's own. */
  private static final ThreadLocal<Boolean> INSIDE = new ThreadLocal<>();

  private SanHooks() {}

  // -- Called by the JDK

  /** Asked by {@code SocketImpl.createPlatformSocketImpl}. */
  public static SocketImpl socketImpl(boolean server) {
    if (!asked) {
      SocketImpl first = ask(socketImpl, server);
      asked = first != null;
      return first;
    }
    // Only what the first answer has to set up can come back here.
    return answer(socketImpl, server);
  }

  /**
   * Asked by {@code NioSocketImpl.accept}. A server socket is the JDK's own if it was opened before
   * the question was put into the JDK, or while there was no answer; what {@code ServerSocket} has
   * it accept into may be ours all the same.
   *
   * @return whether {@code into} is ours, and connected
   */
  public static boolean accept(SocketImpl server, SocketImpl into) throws IOException {
    return has(SOCKETS) && SanTcpSocket.acceptInto(server, into);
  }

  /**
   * Asked by {@code SocksSocketImpl.connect}, which makes a URI of the address for the proxy
   * selector, and an answer out of that, for as long as our connect takes.
   *
   * @param proxied the socket that may go through a proxy
   * @return whether it was one of ours, no proxy is configured, and it is connected
   */
  public static boolean connect(SocketImpl proxied, SocketAddress remote, int millis)
      throws IOException {
    return has(SOCKETS) && SanProxies.connectDirectly(proxied, remote, millis);
  }

  /** Asked by {@code AsynchronousChannelProvider.provider}. */
  public static AsynchronousChannelProvider asynchronousProvider() {
    return ask(asynchronousProvider, null);
  }

  /**
   * Asked by the JDK's own provider, which a program may have kept from before, for a channel in a
   * group that may be of ours.
   */
  public static AsynchronousSocketChannel asynchronousSocket(
      AsynchronousChannelProvider jdks, AsynchronousChannelGroup group) throws IOException {
    return has(ASYNCHRONOUS) && group instanceof SanPort
        ? group.provider().openAsynchronousSocketChannel(group)
        : null;
  }

  /** As {@link #asynchronousSocket}. */
  public static AsynchronousServerSocketChannel asynchronousServerSocket(
      AsynchronousChannelProvider jdks, AsynchronousChannelGroup group) throws IOException {
    return has(ASYNCHRONOUS) && group instanceof SanPort
        ? group.provider().openAsynchronousServerSocketChannel(group)
        : null;
  }

  /** Asked by {@code SelectorProvider.provider}, for each channel that is opened. */
  public static SelectorProvider selectorProvider() {
    SelectorProvider known = provider;
    if (known == null) {
      known = ask(selectorProvider, null);
      if (known != null) {
        provider = known;
      }
    }
    return known;
  }

  /**
   * Asked by {@code FileChannelImpl} before it has the kernel move a part of the file.
   *
   * @return how many bytes have gone to {@code target}, or -1 if that is the JDK's business
   */
  public static long transferTo(
      FileChannel file, long position, int count, WritableByteChannel target) throws IOException {
    return has(CHANNELS) && target instanceof SanStream ours
        ? ours.transferFromFile(file, position, count)
        : -1;
  }

  /**
   * Asked by {@code FileChannelImpl} before it copies.
   *
   * @return how many bytes have come from {@code source}, or -1 if that is the JDK's business
   */
  public static long transferFrom(
      FileChannel file, ReadableByteChannel source, long position, long count) throws IOException {
    return has(CHANNELS) && source instanceof SanStream ours
        ? ours.transferToFile(file, position, count)
        : -1;
  }

  /** Asked by {@code Channels.newInputStream}. */
  public static InputStream newInputStream(ReadableByteChannel channel) {
    return has(CHANNELS) && channel instanceof SanStream ours ? ours.newInputStream() : null;
  }

  /** Asked by {@code Channels.newOutputStream}. */
  public static OutputStream newOutputStream(WritableByteChannel channel) {
    return has(CHANNELS) && channel instanceof SanStream ours ? ours.newOutputStream() : null;
  }

  private static boolean has(int part) {
    return (parts & part) != 0;
  }

  private static <A, R> R ask(Function<A, R> hook, A argument) {
    if (hook == null || INSIDE.get() != null) {
      return null;
    }
    INSIDE.set(Boolean.TRUE);
    try {
      return answer(hook, argument);
    } finally {
      INSIDE.remove();
    }
  }

  private static <A, R> R answer(Function<A, R> hook, A argument) {
    try {
      return hook.apply(argument);
    } catch (Throwable t) {
      // Whatever it is, the application has asked for a socket and can have the JDK's.
      Consumer<Throwable> told = failure;
      if (told != null) {
        told.accept(t);
      }
      return null;
    }
  }

  // -- Called by the switch

  /** Says that all classes of a part of the shim are defined. */
  public static synchronized void isThere(int part) {
    parts |= part;
  }

  /** Sets who is told, on the asking thread, that a hook has thrown; must not throw itself. */
  public static void onFailure(Consumer<Throwable> action) {
    failure = action;
  }

  /** Sets the hook, which is told whether a listener is wanted. */
  public static void onSocketImpl(Function<Boolean, SocketImpl> hook) {
    socketImpl = hook;
  }

  public static void onAsynchronousProvider(Function<Void, AsynchronousChannelProvider> hook) {
    asynchronousProvider = hook;
  }

  public static void onSelectorProvider(Function<Void, SelectorProvider> hook) {
    selectorProvider = hook;
  }
}
