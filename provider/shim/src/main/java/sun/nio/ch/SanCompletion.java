package sun.nio.ch;

import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.CompletionHandler;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Future;
import sun.net.ext.ExtendedSocketOptions;

/**
 * How the JDK's asynchronous channels tell of an outcome, for channels outside {@code java.base}.
 */
public final class SanCompletion {
  private SanCompletion() {}

  /**
   * A future without an outcome. Cancelling it tells the channel, which is handed {@code context}.
   */
  public static <V> Future<V> pending(AsynchronousChannel channel, Object context) {
    return new PendingFuture<V, Object>(channel, context);
  }

  /** Gives a {@link #pending} future its outcome, unless it has one. */
  public static <V> void complete(Future<V> future, V value, Throwable failure) {
    ((PendingFuture<V, ?>) future).setResult(value, failure);
  }

  /** A future that has its outcome. */
  public static <V> Future<V> completed(V value, Throwable failure) {
    return CompletedFuture.withResult(value, failure);
  }

  /** Whether the current thread is one of a group's that run handlers. */
  public static boolean mayInvokeHere() {
    return Invoker.isBoundToAnyGroup();
  }

  /** Runs a handler on the current thread. */
  public static <V, A> void invokeHere(
      CompletionHandler<V, ? super A> handler, A attachment, V value, Throwable failure) {
    Invoker.invokeUnchecked(handler, attachment, value, failure);
  }

  /**
   * Runs a handler on the current thread, below the one that has begun the operation. Only where
   * {@link SanPort#mayInvokeDirect} allows it.
   */
  public static <V, A> void invokeDirect(
      CompletionHandler<V, ? super A> handler, A attachment, V value, Throwable failure) {
    Invoker.invokeDirect(Invoker.getGroupAndInvokeCount(), handler, attachment, value, failure);
  }

  /** Runs a handler on a thread of the channel's group, later. */
  public static <V, A> void invokeLater(
      AsynchronousChannel channel,
      CompletionHandler<V, ? super A> handler,
      A attachment,
      V value,
      Throwable failure) {
    Invoker.invokeIndirectly(channel, handler, attachment, value, failure);
  }

  /** Runs a handler on the current thread if it is of the channel's group, otherwise later. */
  public static <V, A> void invoke(
      AsynchronousChannel channel,
      CompletionHandler<V, ? super A> handler,
      A attachment,
      V value,
      Throwable failure) {
    Invoker.invoke(channel, handler, attachment, value, failure);
  }

  /** Keeps the memory of buffers that an operation uses later; returns how to let go of it. */
  public static Runnable hold(ByteBuffer buffer, ByteBuffer[] buffers) {
    return IOUtil.acquireScopes(buffer, buffers);
  }

  /** The options of the JDK's asynchronous socket channels, which are fewer than others'. */
  public static Set<SocketOption<?>> socketOptions() {
    Set<SocketOption<?>> options = new HashSet<>();
    options.add(StandardSocketOptions.SO_SNDBUF);
    options.add(StandardSocketOptions.SO_RCVBUF);
    options.add(StandardSocketOptions.SO_KEEPALIVE);
    options.add(StandardSocketOptions.SO_REUSEADDR);
    if (Net.isReusePortAvailable()) {
      options.add(StandardSocketOptions.SO_REUSEPORT);
    }
    options.add(StandardSocketOptions.TCP_NODELAY);
    options.addAll(ExtendedSocketOptions.clientSocketOptions());
    return Collections.unmodifiableSet(options);
  }
}
