package io.twinport.registry;

import io.twinport.spi.Reason;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * Something that has kept connections from the SAN, or from the server: what {@code status
 * --events} shows. What happens again and again at one place within {@link EventRing#FOLD_MILLIS}
 * is one event.
 *
 * @param atListener whether it happened at a listener of this process; else to a connect of it
 * @param local the address of the listener; null if it did not happen at one
 * @param peer where the connect went, or the first client that it happened to; null if it did not
 *     happen to any
 * @param provider the SAN provider that was asked; null if it was none, or is not known
 * @param reason why
 * @param detail what the provider said, for people; null if it said nothing more than the reason
 * @param firstMillis when it happened first, in milliseconds since 1970
 * @param lastMillis when it happened last
 * @param times how often it has happened
 */
public record PathEvent(
    Kind kind,
    boolean atListener,
    InetSocketAddress local,
    InetSocketAddress peer,
    String provider,
    Reason reason,
    String detail,
    long firstMillis,
    long lastMillis,
    long times) {
  /** The longest detail; who asks is not to be flooded by a provider's words. */
  private static final int MOST_LETTERS = 200;

  /** What has happened. */
  public enum Kind {
    /** A connection, or a listener, is on TCP that could have been on the SAN. */
    FALLBACK,
    /** A connect was refused, most often because the backlog was full. */
    REFUSED,
    /** A SAN provider has failed, which it should not. */
    PROVIDER_FAILED;

    /** The stable code: lower case with dashes. */
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What happens now, at a listener of this process. */
  static PathEvent atListener(
      Kind kind,
      InetSocketAddress local,
      InetSocketAddress peer,
      String provider,
      Reason reason,
      String detail) {
    return now(kind, true, local, peer, provider, reason, detail);
  }

  /** What happens now, to a connect of this process. */
  static PathEvent atClient(
      Kind kind, InetSocketAddress peer, String provider, Reason reason, String detail) {
    return now(kind, false, null, peer, provider, reason, detail);
  }

  private static PathEvent now(
      Kind kind,
      boolean atListener,
      InetSocketAddress local,
      InetSocketAddress peer,
      String provider,
      Reason reason,
      String detail) {
    long now = System.currentTimeMillis();
    String words =
        detail == null || detail.length() <= MOST_LETTERS
            ? detail
            : detail.substring(0, MOST_LETTERS);
    return new PathEvent(kind, atListener, local, peer, provider, reason, words, now, now, 1);
  }

  /** The same, which has happened once more. */
  PathEvent again(long millis) {
    return new PathEvent(
        kind, atListener, local, peer, provider, reason, detail, firstMillis, millis, times + 1);
  }

  /** Where it happened: at a listener, or on the way to a server; null if at a provider as such. */
  public InetSocketAddress place() {
    return atListener ? local : peer;
  }
}
