package io.twinport.shm.connection;

import io.twinport.posix.Memory;
import io.twinport.shm.link.EventLoop;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The connects of this process that somebody waits for: each gets an answer in its time. */
public final class Connects implements EventLoop.Timed {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final EventLoop loop;
  private final long patienceNanos;
  private final Set<ShmConnection> connecting = ConcurrentHashMap.newKeySet();

  private volatile boolean looking;

  /** Of the node's thread. */
  private long nextLook;

  /**
   * @param millis the most that a connect waits
   */
  public Connects(EventLoop loop, int millis) {
    this.loop = loop;
    this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** How long a connect waits for its answer. */
  long patienceNanos() {
    return patienceNanos;
  }

  /**
   * Sees to it that a connect gets an answer in its time. The thread looks from time to time while
   * there are connects, so that it need not be woken for each. It says that it stops before it
   * looks for the last time, and whoever adds one looks behind that whether it has.
   */
  void watch(ShmConnection connection) {
    if (connecting.add(connection) && !looking) {
      looking = true;
      loop.stir();
    }
  }

  /** Ends connects whose time is over. */
  @Override
  public long look(long now) {
    if (!looking) {
      return Long.MAX_VALUE;
    }
    if (nextLook == 0) {
      nextLook = now + LOOK_NANOS;
    } else if (now - nextLook >= 0) {
      boolean any = !connecting.isEmpty();
      connecting.removeIf(connection -> connection.expire(now));
      nextLook = now + LOOK_NANOS;
      if (!any) {
        looking = false;
        Memory.fullFence();
        if (connecting.isEmpty()) {
          nextLook = 0;
          return Long.MAX_VALUE;
        }
        looking = true;
      }
    }
    return nextLook - now;
  }
}
