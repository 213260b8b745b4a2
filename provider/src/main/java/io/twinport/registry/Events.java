package io.twinport.registry;

import io.twinport.config.AddressText;
import io.twinport.config.Log;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one place where all that happens to connections comes from: the ring that {@code status
 * --events} shows, the lines of the log, and who observes, which is the flight recorder's side.
 * Whoever connects or accepts is not to fail by it: what can't be kept or told is counted as
 * dropped. A connect over the SAN takes no lock here.
 */
public final class Events {
  private final EventRing ring = new EventRing();

  /** Null while nobody records connections. */
  private volatile PathObserver observer;

  /** Where the first connection was told of; null while that is not wanted. */
  private volatile Set<InetSocketAddress> toldSan;

  /** How much could not be kept or told. Races lose a count, no more. */
  private long lost;

  Events() {}

  /** Has each connection told to somebody, or to nobody any more (null). */
  public void observe(PathObserver by) {
    observer = by;
  }

  /** A connect begins; returns what {@link Registry#connected} takes, null if nobody records it. */
  public Object connectBegins() {
    PathObserver told = observer;
    return told == null ? null : begin(told);
  }

  private Object begin(PathObserver told) {
    try {
      return told.connectBegins();
    } catch (RuntimeException | Error e) {
      lost++;
      return null;
    }
  }

  /** Ends what {@link #connectBegins} has begun. */
  void connected(Object begun, RegisteredConnection connection) {
    PathObserver told = observer;
    if (told != null) {
      try {
        told.connected(begun, connection.identify());
      } catch (RuntimeException | Error e) {
        lost++;
      }
    }
  }

  boolean areAcceptsObserved() {
    PathObserver told = observer;
    return told != null && told.wantsAccepted();
  }

  void accepted(RegisteredConnection connection) {
    try {
      if (areAcceptsObserved()) {
        accepted(connection.identify());
      }
    } catch (RuntimeException | Error e) {
      lost++;
    }
  }

  /** One that came over TCP. */
  void accepted(NetworkChannel channel) {
    try {
      if (areAcceptsObserved()) {
        accepted(Registry.onTcp(channel));
      }
    } catch (IOException | RuntimeException | Error e) {
      lost++;
    }
  }

  private void accepted(Registry.Connection connection) {
    PathObserver told = observer;
    if (told != null && connection != null) {
      try {
        told.accepted(connection);
      } catch (RuntimeException | Error e) {
        lost++;
      }
    }
  }

  /** The first connection to a destination is worth a line, if anybody reads it. */
  void connectedOnSan(InetSocketAddress remote) {
    if (Log.isLogged(Log.Level.INFO)) {
      try {
        tellSan(remote);
      } catch (RuntimeException | Error e) {
        lost++;
      }
    }
  }

  private void tellSan(InetSocketAddress remote) {
    Set<InetSocketAddress> told = toldSan;
    if (told == null) {
      told = ConcurrentHashMap.newKeySet();
      toldSan = told; // A race tells one twice.
    }
    if (!told.contains(remote) && told.size() < EventRing.MOST_PLACES && told.add(remote)) {
      Log.info("SAN to " + AddressText.of(remote));
    }
  }

  void fellBack(InetSocketAddress remote, Reason reason) {
    happened(PathEvent.Kind.FALLBACK, null, remote, null, reason, null);
  }

  /**
   * A connect was refused.
   *
   * @param provider whose server has refused it; null if no server has
   * @param detail for people; or null
   */
  public void refused(InetSocketAddress remote, String provider, Reason reason, String detail) {
    happened(PathEvent.Kind.REFUSED, null, remote, provider, reason, detail);
  }

  /**
   * A listener had no place in its backlog for a client on the SAN.
   *
   * @param client the address that the client's end would have
   * @param reason why it goes on to TCP; null if it was refused
   */
  public void refusedAtListener(InetSocketAddress local, InetSocketAddress client, Reason reason) {
    String what = reason == null ? null : "the client goes on to TCP";
    happened(PathEvent.Kind.REFUSED, local, client, null, Reason.BACKLOG_FULL, what);
  }

  /** A listener has no twin of a provider that serves its address. */
  public void withoutTwin(InetSocketAddress local, String provider, Reason reason) {
    happened(PathEvent.Kind.FALLBACK, local, null, provider, reason, null);
  }

  /**
   * A SAN provider has failed.
   *
   * @param provider its name; null if it is all of them
   * @param what what has failed and how, for people
   */
  public void providerFailed(String provider, String what) {
    happened(PathEvent.Kind.PROVIDER_FAILED, null, null, provider, Reason.PROVIDER_FAILED, what);
  }

  private void happened(
      PathEvent.Kind kind,
      InetSocketAddress local,
      InetSocketAddress peer,
      String provider,
      Reason reason,
      String detail) {
    try {
      PathEvent event =
          local == null
              ? PathEvent.atClient(kind, peer, provider, reason, detail)
              : PathEvent.atListener(kind, local, peer, provider, reason, detail);
      boolean first = ring.add(event);
      PathObserver told = observer;
      if (told != null) {
        told.happened(event);
      }
      if (first && Log.isLogged(Log.Level.INFO)) {
        tell(event);
      }
    } catch (RuntimeException | Error e) {
      lost++;
    }
  }

  /** A line for the first of its kind; the others are counted. */
  private static void tell(PathEvent event) {
    String why = ": " + event.reason().text() + " (" + event.reason().code() + ")";
    if (event.kind() == PathEvent.Kind.FALLBACK && event.atListener()) {
      Log.info("no " + event.provider() + " twin at " + AddressText.of(event.local()) + why);
    } else if (event.kind() == PathEvent.Kind.FALLBACK) {
      Log.info("TCP to " + AddressText.of(event.peer()) + why);
    } else if (event.kind() == PathEvent.Kind.REFUSED && !event.atListener()) {
      Log.info("refused at " + AddressText.of(event.peer()) + why);
    } // What is left has a line of its own, at a level that is always told.
  }

  /** The events that are kept and have happened last at that time or later, oldest first. */
  public List<PathEvent> since(long millis) {
    return ring.since(millis);
  }

  /** How many events are not there any more, or never were for want of memory. */
  public long dropped() {
    return ring.dropped() + lost;
  }

  /** How many connects of this process fell back to TCP for a reason. */
  public long fallbacks(Reason reason) {
    return ring.fallbacks(reason);
  }

  /** How many clients have found a full backlog at a listener of this process. */
  public long refusedAtListeners() {
    return ring.refusedAtListeners();
  }

  /** How often SAN providers have failed. */
  public long providerFailures() {
    return ring.providerFailures();
  }
}
