package io.twinport.shm.connection;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Those who wait for a peer, the first first. A peer that is stopped lets nobody wait for ever:
 * where there are many, those who have given up in the meantime make room. Guarded by whoever has
 * it.
 */
public final class WaitingQueue<T extends WaitingQueue.Waiter> implements Iterable<T> {
  /** Who waits. No lambda tells this: the first connect of a process would pay for linking it. */
  public interface Waiter {
    /** Whether it still waits. */
    boolean isWanted();
  }

  /** So many may wait before those who have given up are looked for. */
  private static final int LEAST_TO_PURGE = 64;

  private final ArrayDeque<T> waiting = new ArrayDeque<>();
  private int purgeAt = LEAST_TO_PURGE;

  public void add(T one) {
    if (waiting.size() >= purgeAt) {
      waiting.removeIf(other -> !other.isWanted());
      purgeAt = Math.max(LEAST_TO_PURGE, 2 * waiting.size());
    }
    waiting.add(one);
  }

  int size() {
    return waiting.size();
  }

  /** The first, who stays; null if there is none. */
  T peek() {
    return waiting.peek();
  }

  /** Takes the first; null if there is none. */
  T poll() {
    return waiting.poll();
  }

  void remove(T one) {
    waiting.remove(one);
  }

  @Override
  public Iterator<T> iterator() {
    return waiting.iterator();
  }
}
