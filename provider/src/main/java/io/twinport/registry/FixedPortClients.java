package io.twinport.registry;

import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients that were accepted from TCP and have a port which the kernel does not choose: a SAN
 * gives its clients such ports as well, and no two connections of a server may have one address.
 * Holds nothing alive. Any thread may call.
 */
final class FixedPortClients {
  private static final int FEWEST_TO_SWEEP = 64;
  private static final int FIRST_CHOSEN;
  private static final int LAST_CHOSEN;

  static {
    int first = 32_768; // Linux's defaults, where /proc does not tell.
    int last = 60_999;
    try {
      StringTokenizer range =
          new StringTokenizer(KernelFile.text("/proc/sys/net/ipv4/ip_local_port_range"));
      int from = Integer.parseInt(range.nextToken());
      last = Integer.parseInt(range.nextToken());
      first = from;
    } catch (IOException | RuntimeException e) {
      Log.debug(() -> "the kernel's range of ports: " + Log.cause(e));
    }
    FIRST_CHOSEN = first;
    LAST_CHOSEN = last;
  }

  private final Map<InetSocketAddress, WeakReference<Object>> ends = new ConcurrentHashMap<>();
  private volatile int sweepAt = FEWEST_TO_SWEEP;

  /**
   * Remembers a client for as long as its connection is open.
   *
   * @param end a {@link NetworkChannel} or a {@link RegisteredConnection}: the server's end
   */
  void add(InetAddress host, int port, Object end) {
    if (port >= FIRST_CHOSEN && port <= LAST_CHOSEN) {
      return;
    }
    ends.put(new InetSocketAddress(host, port), new WeakReference<>(end));
    if (ends.size() >= sweepAt) {
      ends.values().removeIf(client -> !isOpen(client));
      sweepAt = Math.max(FEWEST_TO_SWEEP, 2 * ends.size());
    }
  }

  /** Whether a connection is open that has this address at its client's end. */
  boolean has(InetSocketAddress remote) {
    if (ends.isEmpty()) {
      return false;
    }
    WeakReference<Object> client = ends.get(remote);
    return client != null && isOpen(client);
  }

  private static boolean isOpen(WeakReference<Object> client) {
    Object end = client.get();
    return end instanceof NetworkChannel channel
        ? channel.isOpen()
        : end != null && ((RegisteredConnection) end).describe() != null;
  }
}
