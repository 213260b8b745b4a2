package io.twinport.nio;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Locks that a thread waits for only so long, for sockets with timeouts. */
final class Locks {
  private Locks() {}

  /**
   * Takes the lock within a time. Interrupts are kept for later: the JDK's sockets ignore them, and
   * its channels close by other means.
   *
   * @return whether the current thread has the lock now
   */
  static boolean tryLock(ReentrantLock lock, long nanos) {
    if (lock.tryLock()) {
      return true;
    }
    boolean interrupted = false;
    long start = System.nanoTime();
    try {
      for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
        try {
          if (lock.tryLock(left, TimeUnit.NANOSECONDS)) {
            return true;
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
