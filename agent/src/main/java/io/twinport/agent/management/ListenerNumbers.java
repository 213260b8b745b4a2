package io.twinport.agent.management;

import io.twinport.config.AddressText;
import io.twinport.registry.Registry;

/** The numbers of one listener, at one moment. Its getters are what JMX shows. */
public final class ListenerNumbers {
  private final String local;
  private final String path;
  private final String reason;
  private final int queued;
  private final int backlog;
  private final long accepted;
  private final long refused;
  private final long givenUp;

  private ListenerNumbers(
      String local,
      String path,
      String reason,
      int queued,
      int backlog,
      long accepted,
      long refused,
      long givenUp) {
    this.local = local;
    this.path = path;
    this.reason = reason;
    this.queued = queued;
    this.backlog = backlog;
    this.accepted = accepted;
    this.refused = refused;
    this.givenUp = givenUp;
  }

  static ListenerNumbers of(Registry.Listener listener) {
    return new ListenerNumbers(
        AddressText.of(listener.local()),
        listener.path(),
        listener.reason() == null ? "" : listener.reason().code(),
        listener.queued(),
        listener.backlog(),
        listener.accepted(),
        listener.refused(),
        listener.givenUp());
  }

  /** Sums of two that listen on one address ({@code SO_REUSEPORT}). */
  ListenerNumbers plus(ListenerNumbers other) {
    return new ListenerNumbers(
        local,
        path,
        reason,
        queued + other.queued,
        backlog + other.backlog,
        accepted + other.accepted,
        refused + other.refused,
        givenUp + other.givenUp);
  }

  /** Its address and port. */
  public String getLocal() {
    return local;
  }

  /** {@code tcp}, or {@code tcp+} and each provider that it has a twin of. */
  public String getPath() {
    return path;
  }

  /** The code of why new clients go by TCP; empty if they don't have to. */
  public String getReason() {
    return reason;
  }

  /** SAN connections that wait to be accepted. */
  public int getQueued() {
    return queued;
  }

  /** How many may, at the most. */
  public int getBacklog() {
    return backlog;
  }

  /** SAN connections that were accepted so far. */
  public long getAccepted() {
    return accepted;
  }

  /** SAN clients that have found the backlog full so far. */
  public long getRefused() {
    return refused;
  }

  /** SAN clients that had left before they were accepted. */
  public long getGivenUp() {
    return givenUp;
  }
}
