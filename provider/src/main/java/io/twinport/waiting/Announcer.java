package io.twinport.waiting;

import io.twinport.spi.Bell;

/** Tells other processes whether the owner of a bell sleeps, and takes what has come from them. */
public interface Announcer {
  /** See {@link io.twinport.spi.SanProvider#poll}. */
  void poll(boolean thoroughly);

  /** See {@link io.twinport.spi.SanProvider#announceSleep}. */
  void announceSleep(Bell bell);

  /** See {@link io.twinport.spi.SanProvider#announceAwake}. */
  void announceAwake(Bell bell);
}
