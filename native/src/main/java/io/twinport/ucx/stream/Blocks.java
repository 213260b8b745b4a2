package io.twinport.ucx.stream;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.nio.ByteBuffer;

/**
 * Blocks of memory for bytes that have arrived and are not read. How many there are is bounded by
 * the connections' windows; some that are free are kept. Any thread.
 */
public final class Blocks {
  public static final int BLOCK_BYTES = 64 << 10;
  private static final int MOST_KEPT = 128;

  // guarded by the class
  private static Block free;
  private static int kept;
  private static int inUse;

  static final class Block {
    private final long address = Memory.allocate(BLOCK_BYTES);
    private final ByteBuffer view = Posix.view(address, BLOCK_BYTES);

    /** The position in the stream of the block's first byte. */
    long start;

    Block next;

    long address() {
      return address;
    }

    /** The whole block; only absolute gets. */
    ByteBuffer view() {
      return view;
    }
  }

  private Blocks() {}

  static synchronized Block take(long start) {
    Block block = free;
    if (block == null) {
      block = new Block();
    } else {
      free = block.next;
      kept--;
    }
    inUse++;
    block.next = null;
    block.start = start;
    return block;
  }

  static synchronized void giveBack(Block block) {
    inUse--;
    if (kept == MOST_KEPT) {
      Memory.free(block.address);
      return;
    }
    kept++;
    block.next = free;
    free = block;
  }

  /** Blocks that somebody has. */
  public static synchronized int inUse() {
    return inUse;
  }
}
