package io.twinport.shm.memory;

import io.twinport.config.Log;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.util.Arrays;

/**
 * Descriptors held back for the moment in which no other is left: who can't look at a message's
 * descriptors can't go on with its link, and who can't make a segment can't write. Most of them are
 * needed only until they are mapped or sent. Any thread.
 */
public final class SpareDescriptors {
  /** What a message brings, and what it takes to look at it. */
  private static final int COUNT = 4;

  // guarded by this
  private final int[] spares = new int[COUNT];

  /** Whether all are held back; read without the lock, as a hint. */
  private volatile boolean complete;

  public SpareDescriptors() {
    Arrays.fill(spares, -1);
    takeBack();
  }

  /** Whether there are descriptors for what can do without. */
  public boolean areComplete() {
    return complete;
  }

  /** Makes room for others. */
  public synchronized void letGo() {
    complete = false;
    for (int i = 0; i < COUNT; i++) {
      if (spares[i] >= 0) {
        Posix.close(spares[i]);
        spares[i] = -1;
      }
    }
  }

  /** Holds descriptors back again, as far as there are any; true if that is all of them. */
  public synchronized boolean takeBack() {
    try {
      for (int i = 0; i < COUNT; i++) {
        if (spares[i] < 0) {
          spares[i] = Posix.eventfd();
        }
      }
      complete = true;
      return true;
    } catch (IOException e) {
      Log.debug(() -> "shm: no spare descriptors: " + Log.cause(e));
      return false;
    }
  }
}
