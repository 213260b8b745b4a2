package io.twinport.ucx.connection;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Hosts with a process that was told to use TCP before it could ask for a connection. It comes over
 * TCP then, from a port that is not known here. A process asks again now and then, so a host that
 * is not heard of for long has none any more.
 */
public final class RefusedHosts {
  static final int MOST = 64;
  static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

  private record Entry(Reason reason, long at) {}

  // -- Guarded by this
  private final Map<InetAddress, Entry> byHost = new LinkedHashMap<>();
  private boolean told;

  /** Notes a host, and tells of the first one. */
  void note(InetAddress host, Reason reason, long now) {
    boolean first;
    synchronized (this) {
      byHost.remove(host);
      byHost.put(host, new Entry(reason, now));
      if (byHost.size() > MOST) {
        byHost.remove(byHost.keySet().iterator().next());
      }
      first = !told;
      told = true;
    }
    String text = "ucx: a process at " + host.getHostAddress() + " connects by TCP: ";
    if (first) {
      Log.info(text + reason.text());
    } else {
      Log.debug(() -> text + reason.text());
    }
  }

  /** Those that are known, and why. */
  public synchronized Map<InetAddress, Reason> all(long now) {
    byHost.values().removeIf(entry -> now - entry.at > KEPT_NANOS);
    Map<InetAddress, Reason> all = new HashMap<>();
    byHost.forEach((host, entry) -> all.put(host, entry.reason));
    return all;
  }
}
