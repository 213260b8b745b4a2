package io.twinport.spi;

import java.util.Locale;

/**
 * Why a listener or a connection that could have used the SAN is on TCP. The {@linkplain #code()
 * codes} are stable.
 */
public enum Reason {
  /** {@code twinport.providers=none}, or no provider is installed. */
  NO_PROVIDER("no SAN provider is enabled"),
  /** The provider could not start, or failed; its message was logged. */
  PROVIDER_FAILED("the SAN provider could not start"),
  /** The address is not one the provider serves or reaches. */
  NOT_LOCAL("the address is not on the SAN"),
  /** The process that listens there has no twin listener. */
  NO_TWIN("the listener has no twin"),
  /** The client that connected does not use Twinport, or chose TCP. */
  CLIENT_USED_TCP("the client came over TCP"),
  /** A line of {@code twinport.rules} says so. */
  RULE("a rule says tcp"),
  /** {@code twinport off} was called. */
  SWITCHED_OFF("switched off by 'twinport off'"),
  /** The listener sets SO_REUSEPORT, so the kernel may give the connection to another process. */
  REUSE_PORT("the listener sets SO_REUSEPORT"),
  /** The name of the twin listener is held by another process. */
  NAME_TAKEN("another process holds the twin's name"),
  /** The peer runs as a user that {@code twinport.allow-uids} does not list. */
  PEER_NOT_ALLOWED("the peer's user is not in twinport.allow-uids"),
  /** The peer speaks another wire version. */
  WIRE_VERSION("the peer has another wire version of Twinport"),
  /** {@code twinport.shm.max-bytes} is used up. */
  MEMORY("twinport.shm.max-bytes is used up"),
  /** No port is left to give to the client's end. */
  PORTS("no SAN port is left"),
  /** The listener's SAN backlog is full and it says {@code twinport.backlog-full=tcp}. */
  BACKLOG_FULL("the SAN backlog is full"),
  /** The peer did not answer in time. */
  TIMEOUT("the peer's SAN did not answer in time"),
  /** The peer went away while connecting. */
  PEER_GONE("the peer went away"),
  /** The address given to {@code bind} can't be used over the SAN. */
  BOUND_ADDRESS("the socket is bound to an address the SAN can't use"),
  /** The channel is registered with a selector that is not Twinport's. */
  FOREIGN_SELECTOR("the channel is registered with a foreign selector"),
  /** The server socket had to accept into a socket that is not Twinport's. */
  FOREIGN_SOCKET("the server socket accepts into sockets of the JDK's own"),
  /** The SAN needs descriptors, and the process has none left, or no more for the SAN. */
  DESCRIPTORS("no file descriptor is left for the SAN");

  private final String text;

  Reason(String text) {
    this.text = text;
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
