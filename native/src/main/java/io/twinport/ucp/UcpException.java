package io.twinport.ucp;

import java.io.IOException;

/** A UCP call failed. The message names the call and what it was about. */
public final class UcpException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param call such as {@code ucp_listener_create(10.0.0.1:80)}
   */
  public UcpException(int status, String call) {
    super(call + ": " + Status.text(status) + " (" + status + ")");
    this.status = status;
  }

  /** One of {@link Status}. */
  public int status() {
    return status;
  }
}
