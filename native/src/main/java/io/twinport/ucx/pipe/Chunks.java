package io.twinport.ucx.pipe;

import io.twinport.posix.Memory;
import java.util.ArrayDeque;

/**
 * A bounded pool of chunks of one size. Any thread takes them; they are given back with the {@link
 * PipeDriver}'s lock held.
 */
public final class Chunks {
  /** Who has found the pool empty. */
  public interface Waiter {
    /** Called once, with the driver's lock held, when there is a chunk to be had. Takes none. */
    void chunkFree();
  }

  private final int chunkBytes;
  private final int most;

  // guarded by this
  private int made;
  private Chunk free;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

  /**
   * @param chunkBytes the capacity of a chunk
   * @param most how many chunks there may be
   */
  public Chunks(int chunkBytes, int most) {
    this.chunkBytes = chunkBytes;
    this.most = most;
  }

  /** An empty chunk, or null if all are in use. */
  public synchronized Chunk take() {
    Chunk chunk = free;
    if (chunk != null) {
      free = chunk.next;
      chunk.next = null;
      return chunk;
    }
    if (made == most) {
      return null;
    }
    Chunk another = new Chunk(this, Memory.allocate(chunkBytes), chunkBytes);
    made++;
    return another;
  }

  /**
   * As {@link #take()}. Where that is null, {@code waiter} is told of the next chunk that comes
   * back: both happen under one lock, so none comes back in between.
   */
  public synchronized Chunk take(Waiter waiter) {
    Chunk chunk = take();
    if (chunk == null) {
      waiting.add(waiter);
    }
    return chunk;
  }

  /**
   * Tells all who wait, not one for each chunk: one that is told may have nothing to send any more.
   */
  void giveBack(Chunk chunk) {
    while (true) {
      Waiter waiter;
      synchronized (this) {
        if (chunk != null) {
          chunk.next = free;
          free = chunk;
          chunk = null;
        }
        waiter = waiting.poll();
      }
      if (waiter == null) {
        return;
      }
      waiter.chunkFree();
    }
  }

  /** Chunks that somebody has. */
  public synchronized int inUse() {
    int there = 0;
    for (Chunk chunk = free; chunk != null; chunk = chunk.next) {
      there++;
    }
    return made - there;
  }
}
