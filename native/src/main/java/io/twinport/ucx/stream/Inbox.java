package io.twinport.ucx.stream;

import io.twinport.posix.Memory;
import io.twinport.stream.SpinLock;
import io.twinport.ucx.pipe.PipeDriver;
import java.nio.ByteBuffer;

/**
 * The bytes of one direction that have arrived and are not read: a list of blocks, so that it is as
 * large as they are. Single producer, who holds the {@link PipeDriver}'s lock; single consumer, who
 * does not: the switch lets one thread read at a time. The consumer gives a block back once it goes
 * on to the next.
 *
 * <p>The last block is the producer's, too. It is given back by {@link #sweep}, with the driver's
 * lock held and the consumer locked out for a few instructions.
 */
final class Inbox extends SpinLock {
  // the producer's
  private Blocks.Block last;
  private long tailAtLastSweep;

  /** Bytes that have arrived, ever. Stored by the producer. */
  private volatile long tail;

  /** Bytes that were read, ever. Stored by the consumer. */
  private volatile long head;

  /**
   * Where byte {@code head} is, or in the block behind it. The consumer's, but that the producer
   * stores the first one, before any tail that leads the consumer to it.
   */
  private Blocks.Block first;

  /**
   * Adds bytes. PipeDriver's lock held.
   *
   * @return whether there was no block before
   */
  boolean append(long address, int length) {
    long end = tail;
    boolean begun = last == null;
    int done = 0;
    while (done < length) {
      int at = last == null ? Blocks.BLOCK_BYTES : (int) (end + done - last.start);
      if (at == Blocks.BLOCK_BYTES) {
        Blocks.Block block = Blocks.take(end + done);
        if (last == null) {
          first = block;
        } else {
          last.next = block;
        }
        last = block;
        at = 0;
      }
      int count = Math.min(Blocks.BLOCK_BYTES - at, length - done);
      Memory.copy(address + done, last.address() + at, count);
      done += count;
    }
    tail = end + length;
    return begun;
  }

  /** Takes what is there; returns the number of bytes, 0 if there are none. Consumer. */
  int read(ByteBuffer dst) {
    int total = read(dst, null, dst.position(), dst.remaining());
    dst.position(dst.position() + total);
    return total;
  }

  /** As {@link #read(ByteBuffer)}, into {@code length} bytes of an array. */
  int read(byte[] dst, int offset, int length) {
    return read(null, dst, offset, length);
  }

  /** Copies into the buffer, whose position stays, or into the array if that is not null. */
  private int read(ByteBuffer buffer, byte[] array, int offset, int length) {
    if (tail == head) {
      return 0;
    }
    lock();
    try {
      long from = head;
      int wanted = (int) Math.min(tail - from, length);
      int total = 0;
      while (total < wanted) {
        Blocks.Block block = first;
        int at = (int) (from + total - block.start);
        if (at == Blocks.BLOCK_BYTES) {
          first = block.next;
          Blocks.giveBack(block);
          continue;
        }
        int count = Math.min(Blocks.BLOCK_BYTES - at, wanted - total);
        if (array != null) {
          block.view().get(at, array, offset + total, count);
        } else {
          buffer.put(offset + total, block.view(), at, count);
        }
        total += count;
      }
      head = from + wanted;
      return wanted;
    } finally {
      held = false;
    }
  }

  /** Bytes that a read would return. Any thread. */
  int unread() {
    // in this order, or bytes that are read in between would count below zero
    long read = head;
    return (int) (tail - read);
  }

  /** Bytes read so far. Any thread. */
  long head() {
    return head;
  }

  /**
   * Gives the last block back if all is read and nothing has arrived since the last sweep.
   * PipeDriver's lock held.
   *
   * @return whether there is no block
   */
  boolean sweep() {
    boolean idle = tail == tailAtLastSweep && head == tail;
    tailAtLastSweep = tail;
    if (idle && tryLock()) {
      try {
        releaseBlocks();
      } finally {
        held = false;
      }
    }
    return last == null;
  }

  /** Gives all back, read or not: nobody reads any more. PipeDriver's lock held. */
  void release() {
    lock();
    try {
      head = tail;
      releaseBlocks();
    } finally {
      held = false;
    }
  }

  private void releaseBlocks() {
    for (Blocks.Block block = first; block != null; ) {
      Blocks.Block next = block.next;
      Blocks.giveBack(block);
      block = next;
    }
    first = null;
    last = null;
  }
}
