package io.twinport.ucx;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Destinations that had no twin, or did not answer, and for which a connect goes to TCP at once for
 * a while.
 */
final class RememberedPeers {
  /** Past this many, those that are over are forgotten; if there are none, nothing new is noted. */
  private static final int MOST = 4_096;

  private static final Set<Reason> REMEMBERED =
      EnumSet.of(Reason.NO_TWIN, Reason.TIMEOUT, Reason.PEER_GONE, Reason.WIRE_VERSION);

  private record Entry(Reason reason, long until) {}

  private final long nanos;
  private final Map<InetSocketAddress, Entry> entries = new ConcurrentHashMap<>();

  /**
   * @param nanos how long to remember
   */
  RememberedPeers(long nanos) {
    this.nanos = nanos;
  }

  /** Why a destination is not asked at this time; null if it is. */
  Reason reason(InetSocketAddress destination, long now) {
    Entry entry = entries.get(destination);
    if (entry == null) {
      return null;
    }
    if (now - entry.until < 0) {
      return entry.reason;
    }
    entries.remove(destination, entry);
    return null;
  }

  /** A connect has failed. */
  void failed(InetSocketAddress destination, Reason reason, long now) {
    if (nanos == 0 || !REMEMBERED.contains(reason)) {
      return;
    }
    if (entries.size() >= MOST) {
      entries.values().removeIf(entry -> now - entry.until >= 0);
    }
    if (entries.size() < MOST) {
      entries.put(destination, new Entry(reason, now + nanos));
    }
  }

  int size() {
    return entries.size();
  }
}
