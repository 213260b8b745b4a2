package io.twinport.core;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The lock of those who read, write or accept: a {@link java.util.concurrent.locks.ReentrantLock}
 * in one object instead of two, as every idle connection has two of them, and with a wait for only
 * so long, for sockets with timeouts.
 */
class ChannelLock extends AbstractQueuedSynchronizer {
  private static final long serialVersionUID = 1;

  final void lock() {
    acquire(1);
  }

  final void unlock() {
    release(1);
  }

  /** Whether anybody has it at this moment. */
  final boolean isHeld() {
    return getState() != 0;
  }

  /** Who has it at this moment, or null. */
  final Thread holder() {
    return getExclusiveOwnerThread();
  }

  /**
   * Takes the lock within a time. Interrupts are kept for later: the JDK's sockets ignore them, and
   * its channels close by other means.
   *
   * @return whether the current thread has the lock now
   */
  final boolean tryLock(long nanos) {
    if (tryAcquire(1)) {
      return true;
    }
    boolean interrupted = false;
    long start = System.nanoTime();
    try {
      for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
        try {
          if (tryAcquireNanos(1, left)) {
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

  // -- For the queue. The state is how often the owner has it.

  @Override
  protected final boolean tryAcquire(int once) {
    Thread current = Thread.currentThread();
    int held = getState();
    if (held == 0) {
      if (!compareAndSetState(0, once)) {
        return false;
      }
      setExclusiveOwnerThread(current);
      return true;
    }
    if (getExclusiveOwnerThread() != current) {
      return false;
    }
    setState(Math.addExact(held, once));
    return true;
  }

  @Override
  protected final boolean tryRelease(int once) {
    if (getExclusiveOwnerThread() != Thread.currentThread()) {
      throw new IllegalMonitorStateException();
    }
    int held = getState() - once;
    if (held == 0) {
      setExclusiveOwnerThread(null);
    }
    setState(held);
    return held == 0;
  }
}
