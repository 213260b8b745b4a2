package io.twinport.ucx;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Destinations that had no twin, or did not answer, and for which a connect goes to TCP at once for
 * a while. Where somebody has answered before, one connect that gets no answer says nothing of the
 * destination, only of a packet that was lost or a processor that was busy; the next one has to get
 * none either.
 *
 * <p>Outcomes are noted with the node's lock held; any thread may ask.
 */
final class RememberedPeers {
  /** Past this many, those that are old are forgotten; if there are none, nothing new is noted. */
  private static final int MOST = 4_096;

  private static final Set<Reason> REMEMBERED =
      EnumSet.of(Reason.NO_TWIN, Reason.TIMEOUT, Reason.PEER_GONE, Reason.WIRE_VERSION);

  /** What may happen to a connect though there is a twin. */
  private static final Set<Reason> NO_ANSWER = EnumSet.of(Reason.TIMEOUT, Reason.PEER_GONE);

  /**
   * What is known of a destination.
   *
   * @param reason why it is not asked; null if it is, because it has answered
   * @param missed whether a connect got no answer since it answered last
   * @param since when the last outcome was that has changed this, in {@link System#nanoTime}
   */
  private record Entry(Reason reason, boolean missed, long since) {}

  private final long nanos;
  private final Map<InetSocketAddress, Entry> entries = new ConcurrentHashMap<>();

  /**
   * @param nanos how long to remember; 0 for not at all
   */
  RememberedPeers(long nanos) {
    this.nanos = nanos;
  }

  /** Why a destination is not asked at this time; null if it is. */
  Reason reason(InetSocketAddress destination, long now) {
    Entry entry = entries.get(destination);
    if (entry == null || entry.reason == null) {
      return null;
    }
    if (!isOld(entry, now)) {
      return entry.reason;
    }
    entries.remove(destination, entry);
    return null;
  }

  private boolean isOld(Entry entry, long now) {
    return now - entry.since >= nanos;
  }

  /** A destination has a twin: it has taken a connect, or refused it. */
  void answered(InetSocketAddress destination, long now) {
    if (nanos != 0) {
      note(destination, new Entry(null, false, now));
    }
  }

  /**
   * A connect has failed.
   *
   * @param began when it began
   */
  void failed(InetSocketAddress destination, Reason reason, long began, long now) {
    if (nanos == 0 || !REMEMBERED.contains(reason)) {
      return;
    }
    Entry before = entries.get(destination);
    if (before == null || before.reason != null || !NO_ANSWER.contains(reason)) {
      note(destination, new Entry(reason, true, now));
    } else if (began - before.since >= 0) {
      note(destination, new Entry(before.missed ? reason : null, true, now));
    }
    // Otherwise others were answered meanwhile, or it waited beside one that missed its answer.
  }

  private void note(InetSocketAddress destination, Entry entry) {
    if (entries.size() >= MOST && !entries.containsKey(destination)) {
      entries.values().removeIf(each -> isOld(each, entry.since));
    }
    if (entries.size() < MOST || entries.containsKey(destination)) {
      entries.put(destination, entry);
    }
  }

  int size() {
    return entries.size();
  }
}
