package io.twinport.waiting;

import io.twinport.config.Log;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * The bells of this process. A bell is never destroyed, so that what a peer knows by its number
 * stays true; one that a seat no longer needs is handed to the next.
 */
public final class Bells {
  private static final ArrayDeque<EpollBell> FREE = new ArrayDeque<>();
  private static int made;
  private static boolean told;

  private Bells() {}

  /** Returns a silent bell, or null if the process has no descriptors left for one. */
  public static EpollBell take() {
    synchronized (FREE) {
      EpollBell bell = FREE.pollFirst();
      if (bell != null) {
        return bell;
      }
      try {
        bell = new EpollBell(made + 1);
        made++;
        return bell;
      } catch (IOException e) {
        if (!told) {
          told = true;
          Log.warn("no descriptor for a bell (" + Log.cause(e) + "); waits get slower");
        }
        return null;
      }
    }
  }

  /**
   * Takes a bell back. A peer may still ring it once; its next holder finds nothing and goes on.
   */
  public static void give(EpollBell bell) {
    if (bell != null) {
      bell.leave();
      bell.drain();
      synchronized (FREE) {
        FREE.addFirst(bell);
      }
    }
  }
}
