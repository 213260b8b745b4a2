package io.twinport.stream;

import java.net.SocketException;

/**
 * The peer wrote what cannot be true. The application sees what TCP would show for a broken peer: a
 * reset.
 */
public final class ProtocolViolation extends SocketException {
  private static final long serialVersionUID = 1L;

  private final String detail;

  public ProtocolViolation(String detail) {
    super("Connection reset");
    this.detail = detail;
  }

  /** What was wrong, for the log. */
  public String detail() {
    return detail;
  }
}
