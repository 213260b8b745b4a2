package io.twinport.spi;

import org.jspecify.annotations.Nullable;

/**
 * Something a {@link Seat} can wait for: a connection or a listener.
 *
 * <p>One rule serves every kind of event: ask with {@link #readyEvents}; when nothing is ready,
 * {@link #arm} and, if that too finds nothing, sleep. The provider then posts the target to the
 * seat it was armed with.
 */
public abstract class SanTarget {
  private volatile @Nullable Object attachment;

  /** Hangs the switch's own object on this target, so that a seat that is posted to finds it. */
  public final void attach(@Nullable Object newAttachment) {
    attachment = newAttachment;
  }

  /** Returns what {@link #attach} set last, or null. */
  public final @Nullable Object attachment() {
    return attachment;
  }

  /** The name of the provider it is of, as {@link SanProvider#name}. */
  public abstract String provider();

  /**
   * Returns those of the events in {@code interest} that are ready now. Costs no system call and no
   * lock; called from spinning loops.
   *
   * @param interest a mask of {@link NetworkEvent} bits
   */
  public abstract int readyEvents(int interest);

  /**
   * Asks that {@code seat} be posted to when one of {@code interest} becomes ready, then looks
   * again.
   *
   * <p>Returns the events that are ready already; the caller then does not wait. On 0 the target is
   * armed: the next change that makes an event of {@code interest} ready leads to one {@link
   * Seat#post}. An arming is used up by its post, may lead to a post that finds nothing ready, and
   * is replaced by the next call for the same event. Arming for READ and arming for WRITE are
   * independent and may name different seats.
   */
  public abstract int arm(int interest, @Nullable Seat seat);
}
