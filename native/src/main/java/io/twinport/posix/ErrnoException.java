package io.twinport.posix;

import java.io.IOException;

/**
 * A system call failed, with the {@code errno} it left. The message names the call and what it was
 * about.
 */
public final class ErrnoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param errno the error number, positive
   * @param call the call and its subject, such as {@code connect(@twinport/2/127.0.0.1:80)}
   */
  public ErrnoException(int errno, String call) {
    super(call + ": " + Errno.text(errno) + " (" + errno + ")");
    this.errno = errno;
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
