package sun.nio.ch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import jdk.internal.event.SocketReadEvent;
import jdk.internal.event.SocketWriteEvent;

/**
 * The JDK's own {@code jdk.SocketRead} and {@code jdk.SocketWrite} events of the flight recorder,
 * for channels that are not the JDK's. What asks whether they are recorded costs nothing while
 * nobody has a recorder: since JDK 22 it is a call that the compiler takes for false until the
 * recorder rewrites it; before, a plain read of {@link #recorderLoaded}.
 *
 * <p>It is a member of {@code java.base} because that is whom the recorder opens itself to, when it
 * is there at all.
 */
public final class SanEvents {
  /** Since JDK 22 the events are classes of java.base. */
  private static final boolean OF_JAVA_BASE = Runtime.version().feature() >= 22 && areAsKnown();

  /** Not volatile: a thread that sees it late has missed nothing that it could have recorded. */
  private static boolean recorderLoaded;

  private SanEvents() {}

  /**
   * Says that the flight recorder's classes are there, which before JDK 22 is the first thing that
   * can be known of it.
   */
  public static void recorderLoaded() {
    recorderLoaded = !OF_JAVA_BASE;
  }

  /**
   * Whether this JDK records what goes through a socket channel's streams, and not only what goes
   * through the channel.
   */
  public static boolean recordsStreams() {
    return OF_JAVA_BASE;
  }

  /** Whether this JDK records calls that failed, as calls that moved no bytes. */
  public static boolean recordsFailures() {
    return !OF_JAVA_BASE;
  }

  /** Begins a read; returns when, or 0 if nobody records it. */
  public static long beginRead() {
    if (OF_JAVA_BASE) {
      return SocketReadEvent.enabled() ? SocketReadEvent.timestamp() : 0;
    }
    try {
      return recorderLoaded && SanRecorder.isUp() ? SanRecorder.beginRead() : 0;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Ends a read that {@link #beginRead} has begun.
   *
   * @param start what {@code beginRead} returned, not 0
   * @param bytes how many were read; negative at the end of the stream
   * @param timeout in milliseconds, or 0
   */
  public static void endRead(long start, long bytes, InetSocketAddress remote, long timeout) {
    if (OF_JAVA_BASE) {
      SocketReadEvent.offer(start, bytes, remote, timeout);
      return;
    }
    try {
      SanRecorder.endRead(start, bytes, remote, timeout);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Begins a write; returns when, or 0 if nobody records it. */
  public static long beginWrite() {
    if (OF_JAVA_BASE) {
      return SocketWriteEvent.enabled() ? SocketWriteEvent.timestamp() : 0;
    }
    try {
      return recorderLoaded && SanRecorder.isUp() ? SanRecorder.beginWrite() : 0;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Ends a write, as {@link #endRead} does a read. */
  public static void endWrite(long start, long bytes, InetSocketAddress remote) {
    if (OF_JAVA_BASE) {
      SocketWriteEvent.offer(start, bytes, remote);
      return;
    }
    try {
      SanRecorder.endWrite(start, bytes, remote);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** None of the recorder's methods declares anything. */
  private static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException(t);
  }

  /**
   * Whether this JDK's events are those that the shim was compiled against; if not, they are
   * missing. They are only looked up as handles and never called so: code that was compiled with a
   * handle's method in it can go on with the old one when the recorder rewrites the class.
   */
  private static boolean areAsKnown() {
    MethodType flag = MethodType.methodType(boolean.class);
    MethodType time = MethodType.methodType(long.class);
    MethodType write =
        MethodType.methodType(void.class, long.class, long.class, SocketAddress.class);
    MethodType read = write.appendParameterTypes(long.class);
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    try {
      lookup.findStatic(SocketReadEvent.class, "enabled", flag);
      lookup.findStatic(SocketReadEvent.class, "timestamp", time);
      lookup.findStatic(SocketReadEvent.class, "offer", read);
      lookup.findStatic(SocketWriteEvent.class, "enabled", flag);
      lookup.findStatic(SocketWriteEvent.class, "timestamp", time);
      lookup.findStatic(SocketWriteEvent.class, "offer", write);
      return true;
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }
}
