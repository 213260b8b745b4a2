package io.twinport.ucx.pipe;

import io.twinport.posix.Posix;
import java.nio.ByteBuffer;

/** A block of native memory that bytes are sent from. */
public final class Chunk {
  private final Chunks pool;
  private final long address;
  private final int capacity;
  private final ByteBuffer view;

  /** How many bytes, from the beginning, are to be sent. */
  public int limit;

  /** For whoever has the chunk: the next in a list of his. */
  public Chunk next;

  Chunk(Chunks pool, long address, int capacity) {
    this.pool = pool;
    this.address = address;
    this.capacity = capacity;
    this.view = Posix.view(address, capacity);
  }

  public long address() {
    return address;
  }

  /** The whole block; only absolute puts. */
  public ByteBuffer view() {
    return view;
  }

  /** In bytes. */
  public int capacity() {
    return capacity;
  }

  /** To be called once by whoever has the chunk, with the driver's lock held. */
  public void giveBack() {
    limit = 0;
    next = null;
    pool.giveBack(this);
  }
}
