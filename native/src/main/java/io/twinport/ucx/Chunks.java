package io.twinport.ucx;

import io.twinport.posix.Memory;

/** A bounded pool of chunks of one size. Guarded by the {@link Driver}'s lock. */
final class Chunks {
  private final int chunkBytes;
  private final int most;
  private int made;
  private Chunk free;

  /**
   * @param chunkBytes the capacity of a chunk
   * @param most how many chunks there may be
   */
  Chunks(int chunkBytes, int most) {
    this.chunkBytes = chunkBytes;
    this.most = most;
  }

  /** An empty chunk, or null if all are in use. */
  Chunk take() {
    Chunk chunk = free;
    if (chunk != null) {
      free = chunk.next;
      chunk.next = null;
      return chunk;
    }
    if (made == most) {
      return null;
    }
    made++;
    return new Chunk(this, Memory.allocate(chunkBytes), chunkBytes);
  }

  void giveBack(Chunk chunk) {
    chunk.next = free;
    free = chunk;
  }
}
