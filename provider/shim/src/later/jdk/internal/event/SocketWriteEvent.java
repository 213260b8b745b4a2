package jdk.internal.event;

import java.net.SocketAddress;

/** What the shim calls of the class of this name that JDK 22 brought; compiled against only. */
public final class SocketWriteEvent {
  private SocketWriteEvent() {}

  public static native boolean enabled();

  public static native long timestamp();

  public static native void offer(long start, long bytes, SocketAddress remote);
}
