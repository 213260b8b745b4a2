package io.twinport.shm.rendezvous;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Processes that were told at the door to use TCP. They come over TCP then, and only this says why.
 * Those that were refused last are kept; an old process's id may be another's by now.
 */
final class RefusedPeers {
  private static final int MOST = 64;

  // -- Guarded by this
  private final Map<Long, Reason> byPid = new LinkedHashMap<>();
  private boolean told;

  /**
   * Notes a process, and tells of the first one.
   *
   * @param pid as the kernel says it is seen here; 0 if it can't be seen
   */
  void note(int pid, Reason reason) {
    boolean first;
    synchronized (this) {
      byPid.remove((long) pid);
      byPid.put((long) pid, reason);
      if (byPid.size() > MOST) {
        byPid.remove(byPid.keySet().iterator().next());
      }
      first = !told;
      told = true;
    }
    String text = "shm: process " + pid + " connects by TCP: " + reason.text();
    if (first) {
      Log.info(text);
    } else {
      Log.debug(() -> text);
    }
  }

  /** Those that are known, and why. */
  synchronized Map<Long, Reason> all() {
    return Map.copyOf(byPid);
  }
}
