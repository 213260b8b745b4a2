package io.twinport.nio;

import io.twinport.spi.Seat;
import sun.nio.ch.SelChImpl;

/**
 * A channel that may have something to wait for on the SAN. Ready events are in {@code poll}'s
 * bits, as the JDK's selectors pass them to channels.
 */
interface SanChannel extends SelChImpl {
  /** The keys this channel has with selectors of ours. */
  SanKeys sanKeys();

  /** Whether a selector has to look at the SAN for this channel, now or soon. */
  boolean isOnSan();

  /**
   * Whether it has not begun to connect. It is ready for whatever is asked then, as for the kernel.
   */
  default boolean isUnconnected() {
    return false;
  }

  /** Whether the channel has a descriptor that belongs into the kernel's wait. */
  boolean isInKernel();

  /**
   * Returns what of {@code interestOps} is ready on the SAN. No lock, no system call, unless a
   * connect has its outcome.
   */
  int sanReady(int interestOps);

  /**
   * Arms what {@code interestOps} needs with {@code seat}. Returns true if it may be ready already;
   * {@link #sanReady} tells then. Takes no lock of the channel's.
   */
  boolean sanArm(int interestOps, Seat seat);

  /** Called when the last key is gone: nobody waits any more. Takes no lock of the channel's. */
  default void sanDisarm() {}
}
