package io.twinport.agent.control;

import io.twinport.config.Log;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Netty's native transports, which call the kernel by code of their own and so pass Twinport by.
 * They are recognised by the names of their classes when these are loaded, also where they were
 * moved into a package of another library, as gRPC does.
 */
public final class NativeTransports {
  /**
   * One that is in use.
   *
   * @param transport {@code epoll} or {@code io_uring}
   * @param netty Netty's package, {@code io.netty} unless it was moved
   */
  record Seen(String transport, String netty) implements Comparable<Seen> {
    /** The property that makes this Netty use NIO if it is {@code true} when Netty starts. */
    String property() {
      return netty + PROPERTY;
    }

    @Override
    public int compareTo(Seen other) {
      int byPackage = netty.compareTo(other.netty);
      return byPackage != 0 ? byPackage : transport.compareTo(other.transport);
    }
  }

  /** The tail of a class's name, and what it is a sign of. */
  record Sign(String tail, String transport, boolean inUse) {}

  private static final String PROPERTY = ".transport.noNative";

  static final Sign[] SIGNS = {
    // These read the property when they are initialised, which is after they are loaded.
    new Sign("/channel/epoll/Epoll", "epoll", false),
    new Sign("/channel/uring/IoUring", "io_uring", false),
    new Sign("/incubator/channel/uring/IOUring", "io_uring", false),
    // These are not loaded by a program that only asks whether the transport is there.
    new Sign("/channel/epoll/EpollEventLoop", "epoll", true), // 4.1
    new Sign("/channel/epoll/EpollIoHandler", "epoll", true), // 4.2
    new Sign("/channel/uring/IoUringIoHandler", "io_uring", true),
    new Sign("/incubator/channel/uring/IOUringEventLoop", "io_uring", true),
  };

  private static final Set<Seen> SEEN = new ConcurrentSkipListSet<>();

  private static volatile boolean preferNio;

  private NativeTransports() {}

  /** Asks Netty for NIO, wherever it turns up from now on. */
  public static void preferNio() {
    preferNio = true;
    askForNio("io.netty" + PROPERTY); // Read by copies whose strings were not moved with them, too.
  }

  private static void askForNio(String property) {
    try {
      if (System.getProperty(property) == null) {
        System.setProperty(property, "true");
      }
    } catch (SecurityException e) {
      Log.warn("can't set " + property + ": " + Log.cause(e));
    }
  }

  /** Called with the internal name of a class that is loaded; it may be any. */
  public static void loaded(String name) {
    for (Sign sign : SIGNS) {
      if (name.endsWith(sign.tail)) {
        String netty = name.substring(0, name.length() - sign.tail.length()).replace('/', '.');
        found(sign, netty);
        return;
      }
    }
  }

  private static void found(Sign sign, String netty) {
    if (sign.inUse) {
      Seen seen = new Seen(sign.transport, netty);
      if (SEEN.add(seen)) {
        ControlEndpoint.start(); // There may never be a channel of ours, and somebody may ask why.
        Log.info(
            netty
                + " uses "
                + sign.transport
                + ", TCP only; start with -D"
                + seen.property()
                + "=true for NIO");
      }
    } else if (preferNio) {
      askForNio(netty + PROPERTY);
    }
  }

  /** Those in use so far. */
  static List<Seen> seen() {
    return List.copyOf(SEEN);
  }
}
