package io.twinport.spi;

import org.jspecify.annotations.Nullable;

/**
 * One who waits: a selector, a blocked thread, or a group of those. The switch makes seats,
 * providers post to them.
 *
 * <p>A seat may have a {@link Bell}, by which another process can wake it without help from a
 * thread of this one. A provider wakes a seat without a bell through a thread of its own that calls
 * {@link #post}.
 */
public abstract class Seat {
  private final @Nullable Bell bell;

  protected Seat(@Nullable Bell bell) {
    this.bell = bell;
  }

  /** The bell that wakes this seat from outside the process, or null if there is none. */
  public final @Nullable Bell bell() {
    return bell;
  }

  /**
   * Says that {@code target} may have become ready, and wakes the seat if it sleeps. Called by any
   * thread, holding no lock that reading, writing or arming takes. Posting twice is harmless. Must
   * not block and must not throw.
   */
  public abstract void post(SanTarget target);
}
