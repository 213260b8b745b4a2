package io.twinport.core;

import io.twinport.config.Log;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanTcpChannel;

/**
 * The options of a channel that has no TCP socket. What is set is tried on an unconnected socket
 * that all channels share, so that it is refused, rounded and doubled as the JDK and the kernel do;
 * what was never set is answered by another one, on which nothing is ever set.
 */
public final class StoredOptions {
  /** A socket to ask, made for the first question that finds the process with a descriptor left. */
  private static final class Probe {
    private SocketChannel channel; // Under the lock of this object.

    synchronized <T> T get(SocketOption<T> name) throws IOException {
      return open().getOption(name);
    }

    /** Sets an option; returns what it is then. */
    synchronized <T> T set(SocketOption<T> name, T value) throws IOException {
      return open().setOption(name, value).getOption(name);
    }

    private SocketChannel open() throws IOException {
      if (channel == null) {
        channel = SanAccess.jdksProvider().openSocketChannel();
      }
      return channel;
    }
  }

  private static final Probe UNTOUCHED = new Probe();
  private static final Probe SCRATCH = new Probe();

  /** What the two ends of a fresh TCP connection answer. Taken once, from one over loopback. */
  private static final class Connected {
    private static final Map<SocketOption<?>, Object> CLIENT = new HashMap<>();
    private static final Map<SocketOption<?>, Object> SERVER = new HashMap<>();

    static {
      SelectorProvider jdk = SanAccess.jdksProvider();
      try (ServerSocketChannel listener = jdk.openServerSocketChannel();
          SocketChannel client = jdk.openSocketChannel()) {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        client.connect(listener.getLocalAddress());
        try (SocketChannel server = listener.accept()) {
          sample(client, CLIENT);
          sample(server, SERVER);
        }
      } catch (IOException e) {
        // Without loopback the unconnected socket has to answer.
        Log.debug(() -> "no connection to read default options from: " + Log.cause(e));
      }
    }

    private static void sample(SocketChannel channel, Map<SocketOption<?>, Object> values)
        throws IOException {
      for (SocketOption<?> name : channel.supportedOptions()) {
        values.put(name, channel.getOption(name));
      }
    }
  }

  /** What an option was set to. A channel has few of them, and a map would be larger than it. */
  private static final class Stored {
    final SocketOption<?> name;
    Object given;
    Object effective;

    /** The option that was set next. */
    Stored next;

    Stored(SocketOption<?> name) {
      this.name = name;
    }
  }

  /** The options that were set, in that order; null if none was. */
  private Stored first;

  private Map<SocketOption<?>, Object> inherited = Map.of();
  private boolean connected;
  private boolean accepted;

  /** What socket channels support. */
  public static Set<SocketOption<?>> supported() {
    return SanTcpChannel.options();
  }

  /** Throws what the JDK does if an option is none of those supported. */
  public static void check(SocketOption<?> name, Set<SocketOption<?>> supported) {
    Objects.requireNonNull(name);
    if (!supported.contains(name)) {
      throw new UnsupportedOperationException("'" + name + "' not supported");
    }
  }

  /** As {@link #check(SocketOption, Set)}, also if it can't have that value. */
  public static void check(SocketOption<?> name, Object value, Set<SocketOption<?>> supported) {
    check(name, supported);
    if (!name.type().isInstance(value)) {
      throw new IllegalArgumentException("Invalid value '" + value + "'");
    }
  }

  <T> void set(SocketOption<T> name, T value) throws IOException {
    T effective = name.type() == Boolean.class ? value : SCRATCH.set(name, value);
    Stored entry = find(name);
    if (entry == null) {
      entry = append(new Stored(name));
    }
    entry.given = value;
    entry.effective = effective;
  }

  private Stored find(SocketOption<?> name) {
    Stored entry = first;
    while (entry != null && !entry.name.equals(name)) {
      entry = entry.next;
    }
    return entry;
  }

  private Stored append(Stored added) {
    if (first == null) {
      first = added;
      return added;
    }
    Stored last = first;
    while (last.next != null) {
      last = last.next;
    }
    last.next = added;
    return added;
  }

  <T> T get(SocketOption<T> name) throws IOException {
    Stored entry = find(name);
    if (entry != null) {
      return name.type().cast(entry.effective);
    }
    Object other = inherited.get(name);
    if (other == null && connected) {
      other = (accepted ? Connected.SERVER : Connected.CLIENT).get(name);
    }
    return other != null ? name.type().cast(other) : UNTOUCHED.get(name);
  }

  boolean isSet(SocketOption<?> name) {
    return find(name) != null;
  }

  /** What the listener of an accepted channel had set. */
  void inherit(Map<SocketOption<?>, Object> fromListener) {
    inherited = fromListener;
  }

  /** From now on, what was never set is answered as by a connected socket. */
  void connected(boolean byAccept) {
    connected = true;
    accepted = byAccept;
  }

  /** Whether closing has to reset the connection (SO_LINGER 0). */
  boolean closeResets() {
    Stored linger = find(StandardSocketOptions.SO_LINGER);
    return linger != null && Integer.valueOf(0).equals(linger.effective);
  }

  /** A TCP socket that takes options. */
  public interface Target {
    /** Sets an option. */
    <T> void set(SocketOption<T> name, T value) throws IOException;
  }

  /** Sets all that was set on a TCP socket. */
  void replay(Target tcp) throws IOException {
    for (Stored entry = first; entry != null; entry = entry.next) {
      replay(tcp, entry.name, entry.given);
    }
  }

  private static <T> void replay(Target tcp, SocketOption<T> name, Object value)
      throws IOException {
    tcp.set(name, name.type().cast(value));
  }
}
