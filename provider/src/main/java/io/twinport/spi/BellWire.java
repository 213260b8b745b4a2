package io.twinport.spi;

/**
 * The end of a {@link Bell} that leads to one peer process, which nobody else can ring, hear or
 * hold up.
 */
public interface BellWire {
  /** {@link #take} has found nothing. */
  int NOTHING = -1;

  /** The peer has closed its end: nothing will come any more. */
  int ENDED = -2;

  /** The descriptor, which is readable once the peer has rung. */
  int fd();

  /**
   * Takes what has come, so that the descriptor is not readable any more unless the peer goes on
   * ringing. Never blocks. Only the bell calls, one thread at a time.
   *
   * @return the last byte, unsigned, which is {@link Bell#from} the peer's core; or {@link
   *     #NOTHING}, or {@link #ENDED}
   */
  int take();
}
