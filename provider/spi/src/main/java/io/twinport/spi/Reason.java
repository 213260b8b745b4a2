package io.twinport.spi;

import java.util.Locale;

/**
 * Why a listener or a connection that could have used the SAN is on TCP. The {@linkplain #code()
 * codes} and the numbers {@linkplain #onWire() on the wire} are stable: a new reason takes the next
 * number.
 */
public enum Reason {
  /** {@code twinport.providers=none}, or no provider is installed. */
  NO_PROVIDER(0, "no SAN provider is enabled"),
  /** The provider could not start, or failed; its message was logged. */
  PROVIDER_FAILED(1, "the SAN provider could not start"),
  /** The address is not one the provider serves or reaches. */
  NOT_LOCAL(2, "the address is not on the SAN"),
  /** The process that listens there has no twin listener. */
  NO_TWIN(3, "the listener has no twin"),
  /** The client that connected does not use Twinport, or chose TCP. */
  CLIENT_USED_TCP(4, "the client came over TCP"),
  /** A line of {@code twinport.rules} says so. */
  RULE(5, "a rule says tcp"),
  /** {@code twinport off} was called. */
  SWITCHED_OFF(6, "switched off by 'twinport off'"),
  /** The listener sets SO_REUSEPORT, so the kernel may give the connection to another process. */
  REUSE_PORT(7, "the listener sets SO_REUSEPORT"),
  /** The name of the twin listener is held by another process. */
  NAME_TAKEN(8, "another process holds the twin's name"),
  /** The peer runs as a user that {@code twinport.allow-uids} does not list. */
  PEER_NOT_ALLOWED(9, "the peer's user is not in twinport.allow-uids"),
  /** The peer speaks another wire version. */
  WIRE_VERSION(10, "the peer has another wire version of Twinport; use one version at both ends"),
  /** {@code twinport.shm.max-bytes} is used up. */
  MEMORY(11, "twinport.shm.max-bytes is used up"),
  /** No port is left to give to the client's end. */
  PORTS(12, "no SAN port is left"),
  /** The listener's SAN backlog is full and it says {@code twinport.backlog-full=tcp}. */
  BACKLOG_FULL(13, "the SAN backlog is full"),
  /** The peer did not answer in time. */
  TIMEOUT(14, "the peer's SAN did not answer in time"),
  /** The peer went away while connecting. */
  PEER_GONE(15, "the peer went away"),
  /** The address given to {@code bind} can't be used over the SAN. */
  BOUND_ADDRESS(16, "the socket is bound to an address the SAN can't use"),
  /** The channel is registered with a selector that is not Twinport's. */
  FOREIGN_SELECTOR(17, "the channel is registered with a foreign selector"),
  /** The server socket had to accept into a socket that is not Twinport's. */
  FOREIGN_SOCKET(18, "the server socket accepts into sockets of the JDK's own"),
  /** The SAN needs descriptors, and the process has none left, or no more for the SAN. */
  DESCRIPTORS(19, "no file descriptor is left for the SAN");

  private static final Reason[] BY_NUMBER = byNumber();

  private final int onWire;
  private final String text;

  Reason(int onWire, String text) {
    this.onWire = onWire;
    this.text = text;
  }

  private static Reason[] byNumber() {
    Reason[] reasons = new Reason[values().length];
    for (Reason reason : values()) {
      reasons[reason.onWire] = reason;
    }
    return reasons;
  }

  /** The number by which a process tells another one. */
  public int onWire() {
    return onWire;
  }

  /**
   * The reason that a peer has told; {@link #NO_TWIN} for a number that this version does not know,
   * which is a reason still.
   */
  public static Reason ofWire(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : NO_TWIN;
  }

  /** The stable code: lower case with dashes, such as {@code no-twin}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** One line for people. */
  public String text() {
    return text;
  }
}
