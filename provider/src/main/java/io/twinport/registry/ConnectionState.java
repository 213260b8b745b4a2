package io.twinport.registry;

import java.util.Locale;

/** How far a connection is. */
public enum ConnectionState {
  /** Asked for, without an outcome yet. */
  CONNECTING,
  OPEN,
  /** The peer sends no more, or this end takes no more. */
  HALF_CLOSED_IN,
  /** This end sends no more. */
  HALF_CLOSED_OUT,
  /** Both directions have ended, and neither end has closed. */
  SHUT,
  /** The peer has closed, this end has not. */
  PEER_CLOSED,
  /** The peer has closed with a reset, or what it said was against the rules. */
  RESET,
  /** The peer's process has ended, and this end has not closed yet. */
  PEER_GONE,
  /** This end has closed, and what it had written is still there for the peer. */
  CLOSING;

  private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** In lower case with dashes, such as {@code half-closed-in}. */
  public String code() {
    return code;
  }
}
