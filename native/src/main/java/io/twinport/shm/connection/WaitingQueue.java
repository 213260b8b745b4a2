package io.twinport.shm.connection;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * Those who wait for a peer, the first first. A peer that is stopped lets nobody wait for ever:
 * where there are many, those who have given up in the meantime make room. Guarded by whoever has
 * it.
 */
public final class WaitingQueue<T> implements Iterable<T> {
  /** So many may wait before those who have given up are looked for. */
  private static final int LEAST_TO_PURGE = 64;

  private final Predicate<T> isWanted;
  private final ArrayDeque<T> waiting = new ArrayDeque<>();
  private int purgeAt = LEAST_TO_PURGE;

  /**
   * @param isWanted whether somebody still waits
   */
  public WaitingQueue(Predicate<T> isWanted) {
    this.isWanted = isWanted;
  }

  public void add(T one) {
    if (waiting.size() >= purgeAt) {
      waiting.removeIf(other -> !isWanted.test(other));
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
