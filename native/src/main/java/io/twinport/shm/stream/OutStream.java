package io.twinport.shm.stream;

import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.posix.SharedCopy;
import io.twinport.shm.link.Links;
import io.twinport.shm.memory.ChunkPool;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.stream.ProtocolViolation;
import io.twinport.stream.SpinLock;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The sending half of a connection: a ring that is leased when there is something to send, grows
 * with unread bytes, and is given back when all has been read for a while.
 *
 * <p>Single producer: the thread that holds the stream itself, which is the lock (an object less
 * for each of many idle connections). The switch lets one thread write at a time; the lock keeps
 * out the sweeper, which never holds it for longer than a few instructions.
 */
public final class OutStream extends SpinLock {
  /** Says where the stream lies. */
  private final ShmStreams slot;

  // guarded by the lock
  private long tail;
  private long head;

  /** Up to where the reader was told; behind the tail only after an Error. */
  private long told;

  /** The oldest chunk with bytes that are unread; each leads to the next, the last is current. */
  private ChunkPool.Chunk oldest;

  /** Leased for the stream to go on with, but an Error came before it did; or null. */
  private ChunkPool.Chunk unplaced;

  private long extentCount;

  /** The lower half of it. Where that is the same by accident, a stream is taken to be idle. */
  private int tailAtLastSweep;

  /** In which sweep the tail was last seen to have moved, see {@link Links#sweptAt}. */
  private int movedAt;

  private int smallWrites;

  // written under the lock, read by anybody
  private volatile ChunkPool.Chunk current;
  private volatile boolean noMemory;

  /** Nothing can be written until {@link #retry}, for want of descriptors. */
  private volatile boolean starved;

  OutStream(ShmStreams slot) {
    this.slot = slot;
  }

  /**
   * Copies as much of {@code src} as there is room for, and {@link LinkLayout#MAX_UNREAD} at most:
   * a reader that keeps up makes room without end, and the writer has to hear of other things.
   *
   * @return the bytes taken, 0 if there is no room
   * @throws ProtocolViolation if the peer's position can't be true
   */
  int write(ByteBuffer src) throws IOException {
    int position = src.position(); // Each is read once: nobody keeps others from changing them.
    return write(src, null, position, src.limit() - position);
  }

  /** As {@link #write(ByteBuffer)}, from {@code length} bytes of an array. */
  int write(byte[] src, int offset, int length) throws IOException {
    return write(null, src, offset, length);
  }

  /**
   * Copies from the buffer, from its position {@code offset} on, or from the array if that is not
   * null. What was taken when something is thrown counts as written, and is not thrown for: what
   * stopped it comes again.
   */
  private int write(ByteBuffer buffer, byte[] array, int offset, int length) throws IOException {
    int total = 0;
    lock();
    try {
      if (told != tail) {
        publish();
      }
      shrinkIfSmall(length);
      int wanted = Math.min(length, LinkLayout.MAX_UNREAD);
      while (total < wanted) {
        int room = room(current);
        if (room == 0) {
          refreshHead();
          room = room(current);
          if (room == 0) {
            if (!grow()) {
              break;
            }
            continue;
          }
        }
        int count = Math.min(room, wanted - total);
        copy(buffer, array, offset + total, count);
        if (buffer != null) {
          buffer.position(offset + total + count);
        }
        tail += count;
        total += count;
        publish();
      }
      unlock();
    } catch (Throwable e) {
      if (told != tail) {
        publishAfter(e);
      }
      held = false;
      if (total == 0) {
        throw e;
      }
    }
    return total;
  }

  private void publishAfter(Throwable stopped) {
    try {
      publish();
      Log.debug(() -> "shm: a write stops: " + Log.cause(stopped));
    } catch (Throwable again) {
      slot.link.links.owed = true;
    }
  }

  /**
   * Free bytes of the chunk as far as the last known head tells, within the limit on unread bytes.
   */
  private int room(ChunkPool.Chunk chunk) {
    if (chunk == null) {
      return 0;
    }
    int inChunk = chunk.size - (int) (tail - Math.max(head, chunk.start));
    return Math.min(inChunk, LinkLayout.MAX_UNREAD - (int) (tail - head));
  }

  private void refreshHead() throws ProtocolViolation {
    long now = Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD);
    if (now < head || now > tail) {
      throw new ProtocolViolation("head at " + now + ", not from " + head + " to " + tail);
    }
    head = now;
    // a chunk is done with when the reader stands at or behind the start of the next one
    while (oldest != current && head >= oldest.next.start) {
      free(oldest);
    }
  }

  /** Gives the oldest chunk back; or throws, and then it is not free. */
  private void free(ChunkPool.Chunk first) {
    slot.link.chunks().free(first);
    oldest = first.next;
  }

  /** Continues the stream in a larger chunk. */
  private boolean grow() throws IOException {
    if (tail - head >= LinkLayout.MAX_UNREAD || liveChunks() >= LinkLayout.EXTENTS - 1) {
      return false;
    }
    ChunkPool.Chunk last = current;
    int log2 = slot.link.firstChunkLog2();
    if (last != null) {
      log2 = Math.max(log2, Integer.numberOfTrailingZeros(last.size));
      if (log2 == LinkLayout.MAX_CHUNK_LOG2) {
        return false;
      }
      log2 = Math.min(log2 + 2, LinkLayout.MAX_CHUNK_LOG2);
    }
    if (last == null) {
      slot.link.links.wantSweep();
    }
    if (unplaced == null) {
      unplaced = leaseMore(log2);
      noMemory = unplaced == null;
      if (unplaced == null && last == null) {
        unplaced = leaseLeast();
      }
    }
    ChunkPool.Chunk chunk = unplaced;
    if (chunk == null) {
      return false;
    }
    chunk.start = tail;
    long entry =
        slot.own
            + LinkLayout.EXTENT_TABLE
            + (extentCount & (LinkLayout.EXTENTS - 1)) * LinkLayout.EXTENT_BYTES;
    Memory.putLong(entry, chunk.start);
    Memory.putLong(entry + 8, chunk.reference);
    // With release: a reader that sees the count may look at the extent's start before it has seen
    // a tail beyond it.
    Memory.putLongRelease(slot.own + LinkLayout.EXTENT_COUNT, extentCount + 1);
    extentCount++; // From here on stores alone: an Error must not leave an extent that is not used.
    if (last == null) {
      oldest = chunk;
    } else {
      last.next = chunk;
    }
    current = chunk;
    unplaced = null;
    return true;
  }

  private int liveChunks() {
    int count = 0;
    for (ChunkPool.Chunk chunk = oldest; chunk != null; chunk = chunk.next) {
      count++;
    }
    return count;
  }

  /** The stream goes on with what it has, or with the least, if there is no descriptor for more. */
  private ChunkPool.Chunk leaseMore(int log2) {
    try {
      return slot.link.chunks().lease(log2);
    } catch (IOException e) {
      Log.debug(() -> "shm: a stream can't grow: " + Log.cause(e));
      return null;
    }
  }

  /**
   * Where the kernel gives not even the least, the stream has no room for a while, as if nothing
   * were read at the other end. What {@link #starved} says is stored before a retry is asked for,
   * so that the retry sees it.
   */
  private ChunkPool.Chunk leaseLeast() {
    ChunkPool.Chunk chunk = leaseMore(LinkLayout.MIN_CHUNK_LOG2);
    if (chunk == null) {
      starved = true;
      slot.link.links.retrySoon();
    }
    return chunk;
  }

  /**
   * Has the stream try again; true if it has waited for that. Nothing is stored if it has not: it
   * may begin to wait at this moment.
   */
  public boolean retry() {
    if (!starved) {
      return false;
    }
    starved = false;
    return true;
  }

  /** Takes {@link #retry} back. */
  public void waitAgain() {
    starved = true;
  }

  /**
   * A stream that grew for a burst and is used for small messages since goes back to a small ring.
   */
  private void shrinkIfSmall(int bytes) throws ProtocolViolation {
    ChunkPool.Chunk chunk = current;
    if (chunk == null || chunk.size <= 1 << slot.link.firstChunkLog2()) {
      return;
    }
    if (bytes > 1 << (slot.link.firstChunkLog2() - 2)) {
      smallWrites = 0;
    } else if (++smallWrites > 256) {
      refreshHead();
      if (head == tail) {
        releaseAll();
      }
    }
  }

  private void copy(ByteBuffer buffer, byte[] array, int offset, int count) {
    ChunkPool.Chunk chunk = current;
    int at = (int) (tail - chunk.start) & (chunk.size - 1);
    int first = Math.min(count, chunk.size - at);
    copy(buffer, array, offset, chunk, at, first);
    if (first < count) {
      copy(buffer, array, offset + first, chunk, 0, count - first);
    }
  }

  private static void copy(
      ByteBuffer buffer, byte[] array, int offset, ChunkPool.Chunk chunk, int at, int count) {
    boolean shared = count >= SharedCopy.LEAST_BYTES;
    if (array != null) {
      if (!shared || !SharedCopy.copy(array, offset, chunk.address + at, count)) {
        chunk.view.put(chunk.base + at, array, offset, count);
      }
    } else if (!shared || !SharedCopy.copy(buffer, offset, chunk.address + at, count)) {
      chunk.view.put(chunk.base + at, buffer, offset, count);
    }
  }

  /**
   * Publishes what was written: store the tail, full fence, load the peer's arm. The reader stores
   * its arm, makes a full fence and loads the tail again before it sleeps: at least one of the two
   * sees the other. An arm equals the position at which the reader found nothing, so exactly one
   * publish steps over it. Modelled in {@code wakeup.pml}.
   */
  private void publish() {
    Memory.putLongRelease(slot.own + LinkLayout.TAIL, tail);
    Memory.fullFence();
    long theirs = slot.theirs();
    long arm = Memory.getLongAcquire(theirs + LinkLayout.READ_ARM);
    if (told <= arm && arm < tail) {
      slot.notifyPeer((int) Memory.getLongAcquire(theirs + LinkLayout.READ_SEAT));
    }
    told = tail;
  }

  /**
   * Whether a write would take at least one byte. Any thread; a hint unless the caller is the
   * writer.
   */
  boolean isWritable() {
    long sent = Memory.getLongAcquire(slot.own + LinkLayout.TAIL);
    long unread = sent - Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD);
    if (unread >= LinkLayout.MAX_UNREAD) {
      return false;
    }
    ChunkPool.Chunk chunk = current;
    return chunk == null
        ? !starved
        : unread < 0
            || sent - chunk.start < chunk.size
            || unread < chunk.size
            || (!noMemory && chunk.size < LinkLayout.MAX_UNREAD);
  }

  /**
   * The head position that has to be passed before the writer is told of room: a quarter of what is
   * unread now, so that a writer that waits is not woken for every byte.
   */
  long spaceArm() {
    long seen = Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD);
    long unread = Memory.getLongAcquire(slot.own + LinkLayout.TAIL) - seen;
    return seen + Math.max(0, unread / 4 - 1);
  }

  /** An estimate of the bytes that the peer has not read, within what it may have unread. */
  public int unread() {
    long count =
        Memory.getLongAcquire(slot.own + LinkLayout.TAIL)
            - Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD);
    return (int) Math.max(0, Math.min(count, LinkLayout.MAX_UNREAD));
  }

  /** Bytes written so far. Any thread. */
  long moved() {
    return Memory.getLongAcquire(slot.own + LinkLayout.TAIL);
  }

  /** For how long, at least, no byte was written. Any thread. */
  long quietNanos() {
    return slot.link.links.quietNanos(moved(), tailAtLastSweep, movedAt);
  }

  /** Whether the peer has taken everything. */
  public boolean isDrained() {
    return Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD)
        == Memory.getLongAcquire(slot.own + LinkLayout.TAIL);
  }

  /**
   * Gives the memory back if nothing was written since the last sweep and all of it has been read.
   */
  public void sweep() {
    if (current == null || !tryLock()) {
      return;
    }
    try {
      if (told != tail) {
        publish();
      }
      if ((int) tail == tailAtLastSweep
          && Memory.getLongAcquire(slot.theirs() + LinkLayout.HEAD) == tail) {
        head = tail;
        releaseAll();
      }
      if ((int) tail != tailAtLastSweep) {
        tailAtLastSweep = (int) tail;
        Links links = slot.link.links;
        movedAt = links.sweptAt();
        links.sawMove();
      }
    } finally {
      held = false;
    }
  }

  /** Gives the memory back, whatever has been read: the peer does not read any more. */
  public void release() {
    lock();
    try {
      releaseAll();
    } finally {
      held = false;
    }
  }

  private void releaseAll() {
    ChunkPool.Chunk last = current;
    while (oldest != null) {
      free(
          oldest); // Where that throws, those from there to the current one are still the stream's.
    }
    if (unplaced != null) {
      slot.link.chunks().free(unplaced);
      unplaced = null;
    }
    if (last != null && last.start == tail) {
      extentCount--; // An Error has come before its first byte; the next chunk begins there.
    }
    current = null;
    smallWrites = 0;
    noMemory = false;
  }
}
