package io.twinport.spi;

import java.io.IOException;

/**
 * The SAN can't be used here, and TCP should be tried instead. Absorbed by the switch; applications
 * never see it.
 */
public final class SanUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  public SanUnavailableException(Reason reason) {
    this(reason, reason.text());
  }

  public SanUnavailableException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public SanUnavailableException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
