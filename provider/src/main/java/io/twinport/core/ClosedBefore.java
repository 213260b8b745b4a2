package io.twinport.core;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;

/** What a call that comes to a closed channel throws, which depends on the JDK. */
public final class ClosedBefore {
  /** From JDK 23 on, a call that might block looks first whether the channel is closed already. */
  private static final boolean LOOKS_FIRST = Runtime.version().feature() >= 23;

  private ClosedBefore() {}

  /**
   * Called before a connect or an accept begins.
   *
   * @throws ClosedChannelException if the channel is not {@code open}; where the JDK finds out only
   *     once a blocking call has begun, as if it had been closed meanwhile
   */
  public static void check(boolean open, boolean blocking) throws ClosedChannelException {
    if (!open) {
      throw LOOKS_FIRST || !blocking
          ? new ClosedChannelException()
          : new AsynchronousCloseException();
    }
  }
}
