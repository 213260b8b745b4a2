package io.twinport.registry;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The last events of a switch, in a ring, and how many there were of each kind. What happens again
 * at one place for one reason is folded into the event that is there: a client that has nothing but
 * TCP adds one event a minute, however often it connects, and pushes nobody else's out. Any thread
 * may call; nobody who connects over the SAN does.
 */
final class EventRing {
  /** How many events are kept. */
  static final int MOST_EVENTS = 2_048;

  /**
   * How many places are remembered, each with one reason; beyond, the least recent is forgotten.
   */
  static final int MOST_PLACES = 1_024;

  /** For how long what happens again is the same event, in milliseconds. */
  static final long FOLD_MILLIS = 60_000;

  /** How often new places are told at the most, once there are too many to remember. */
  private static final long TELL_MILLIS = 1_000;

  // -- Protected by this. Null until there is an event.
  private PathEvent[] ring;
  private Map<Place, Place> places;
  private long[] fallbacks; // By the number of the reason.
  private long next;
  private boolean forgets;
  private long lastTold;
  private long refusedAtListeners;
  private long providerFailures;

  /** What makes two events one. */
  private static final class Place {
    private final PathEvent.Kind kind;
    private final boolean atListener;
    private final InetSocketAddress address;
    private final Reason reason;
    private final String provider;
    private long number; // Of its last event.

    Place(PathEvent event) {
      kind = event.kind();
      atListener = event.atListener();
      address = event.place();
      reason = event.reason();
      provider = event.provider();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Place that
          && kind == that.kind
          && atListener == that.atListener
          && reason == that.reason
          && Objects.equals(address, that.address)
          && Objects.equals(provider, that.provider);
    }

    @Override
    public int hashCode() {
      int hash = address == null ? 0 : address.hashCode();
      hash = 31 * hash + (provider == null ? 0 : provider.hashCode());
      return 31 * (31 * hash + kind.hashCode()) + reason.onWire() + (atListener ? 1 << 16 : 0);
    }
  }

  /**
   * Adds an event.
   *
   * @return whether it is the first of its place and reason, as far as those are remembered
   */
  synchronized boolean add(PathEvent event) {
    if (ring == null) {
      fallbacks = new long[Reason.values().length];
      places = new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
      ring = new PathEvent[MOST_EVENTS]; // Last: an Error before leaves it all to the next one.
    }
    count(event);
    Place added = new Place(event);
    Place known = places.get(added);
    if (known != null && known.number >= next - MOST_EVENTS) {
      int at = (int) (known.number % MOST_EVENTS);
      long since = event.firstMillis() - ring[at].firstMillis();
      if (since >= 0 && since < FOLD_MILLIS) {
        ring[at] = ring[at].again(event.firstMillis());
        return false;
      }
    }
    if (known == null) {
      if (places.size() == MOST_PLACES) {
        Iterator<Place> oldest = places.keySet().iterator();
        oldest.next();
        oldest.remove();
        forgets = true;
      }
      places.put(added, added);
    }
    ring[(int) (next % MOST_EVENTS)] = event;
    (known == null ? added : known).number = next;
    next++;
    return known == null && mayTell(event.firstMillis());
  }

  private void count(PathEvent event) {
    if (event.kind() == PathEvent.Kind.PROVIDER_FAILED) {
      providerFailures++;
    } else if (event.kind() == PathEvent.Kind.REFUSED && event.atListener()) {
      refusedAtListeners++;
    } else if (event.kind() == PathEvent.Kind.FALLBACK && !event.atListener()) {
      fallbacks[event.reason().onWire()]++;
    }
  }

  /** A process that connects to ever new places is not to fill the log. */
  private boolean mayTell(long now) {
    boolean may = !forgets || now - lastTold >= TELL_MILLIS || now < lastTold;
    if (may) {
      lastTold = now;
    }
    return may;
  }

  /** The events that are kept and have happened last at that time or later, oldest first. */
  synchronized List<PathEvent> since(long millis) {
    List<PathEvent> found = new ArrayList<>();
    for (long i = Math.max(0, next - MOST_EVENTS); i < next; i++) {
      PathEvent event = ring[(int) (i % MOST_EVENTS)];
      if (event.lastMillis() >= millis) {
        found.add(event);
      }
    }
    return found;
  }

  /** How many events the ring has dropped for newer ones. */
  synchronized long dropped() {
    return Math.max(0, next - MOST_EVENTS);
  }

  /** How many connects of this process fell back to TCP for a reason. */
  synchronized long fallbacks(Reason reason) {
    return fallbacks == null ? 0 : fallbacks[reason.onWire()];
  }

  /** How many clients the listeners of this process found no place for. */
  synchronized long refusedAtListeners() {
    return refusedAtListeners;
  }

  /** How often SAN providers have failed. */
  synchronized long providerFailures() {
    return providerFailures;
  }
}
