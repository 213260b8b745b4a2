package io.twinport.shm.stream;

import io.twinport.config.Hints;
import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.shm.link.Links;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.PeerChunks;
import io.twinport.stream.ProtocolViolation;
import java.nio.ByteBuffer;

/**
 * The receiving half of a connection. Single consumer: the switch lets one thread read at a time.
 * All that is read from the peer's half is checked before it is used, and loaded once.
 */
public final class InStream {
  /** A byte whose segment had not arrived when it was to be read. */
  private record Stuck(long at, int segment) {}

  /** Says where the stream lies. */
  private final ShmStreams slot;

  // of the reading thread; the switch's read lock orders one after the other
  private long head;
  private long tail;

  /** Up to where the writer was told; behind the head only after an Error. */
  private long told;

  private long extent = -1;
  private ByteBuffer view;
  private int base;
  private int size;
  private long start;
  private long end = Long.MAX_VALUE;

  /** An Error has kept the reader from telling the writer. */
  private volatile boolean owed;

  /** Where the last read stopped for that; else null. */
  private volatile Stuck stuck;

  // for people; of the node's thread, but that a reader sets moving

  /**
   * Whether bytes may have been read lately. A reader that comes to a new chunk says so, as a
   * writer that was idle begins with one; a sweep takes it back.
   */
  private volatile boolean moving;

  /** The lower half of it. */
  private int headAtLastSweep;

  /** How many extents there were when the last of them was found mapped. A hint, of any thread. */
  private volatile long mappedExtents;

  InStream(ShmStreams slot) {
    this.slot = slot;
  }

  /** Copies what is there into {@code dst}; returns the number of bytes, 0 if there are none. */
  int read(ByteBuffer dst) throws ProtocolViolation {
    return read(dst, null, dst.position(), dst.remaining());
  }

  /** As {@link #read(ByteBuffer)}, into {@code length} bytes of an array. */
  int read(byte[] dst, int offset, int length) throws ProtocolViolation {
    return read(null, dst, offset, length);
  }

  /**
   * Copies into the buffer, from its position {@code offset} on, or into the array if that is not
   * null. What was copied when something is thrown counts as read, and is not thrown for: what
   * stopped it comes again.
   */
  private int read(ByteBuffer buffer, byte[] array, int offset, int length)
      throws ProtocolViolation {
    if (tail - head < length && !refreshTail()) { // As TCP's, a read returns all that has come.
      return 0;
    }
    int total = 0;
    try {
      while (total < length && head < tail) {
        if (!locate()) {
          break;
        }
        int at = (int) (head - start) & (size - 1);
        int count = (int) Math.min(Math.min(tail, end) - head, Math.min(size - at, length - total));
        if (array != null) {
          view.get(base + at, array, offset + total, count);
        } else {
          buffer.put(offset + total, view, base + at, count);
          buffer.position(offset + total + count);
        }
        head += count;
        total += count;
      }
      if (total > 0) {
        consumed();
      }
    } catch (Throwable e) {
      if (total == 0) {
        throw e;
      }
      // a head that moves unpublished would step over the writer's arm unseen
      consumedAfter(e);
    }
    return total;
  }

  private void consumedAfter(Throwable stopped) {
    owed = true;
    try {
      consumed();
      Log.debug(() -> "shm: a read stops: " + Log.cause(stopped));
    } catch (Throwable again) {
      slot.link.links.owed = true;
    }
  }

  /** Looks for new bytes. */
  private boolean refreshTail() throws ProtocolViolation {
    long now = Memory.getLongAcquire(slot.theirs() + LinkLayout.TAIL);
    if (now < tail || now - head > LinkLayout.MAX_UNREAD) {
      throw new ProtocolViolation("tail at " + now + " after " + tail + ", read up to " + head);
    }
    tail = now;
    return now != head;
  }

  /** Finds the chunk that byte {@code head} lies in; false if its segment has not arrived yet. */
  private boolean locate() throws ProtocolViolation {
    // the count is loaded after the tail: extents that bytes before the tail lie in are counted
    long count = Memory.getLongAcquire(slot.theirs() + LinkLayout.EXTENT_COUNT);
    while (true) {
      if (end == Long.MAX_VALUE && extent >= 0 && extent + 1 < count) {
        end = Memory.getLong(entry(extent + 1));
        // no chunk is empty, so a peer cannot send us round this loop for ever
        if (end < head || end <= start) {
          throw new ProtocolViolation(
              "extent " + (extent + 1) + " begins at " + end + ", read up to " + head);
        }
      }
      if (extent >= 0 && head < end) {
        return true;
      }
      if (extent + 1 >= count) {
        throw new ProtocolViolation("no extent for byte " + head);
      }
      long begin = Memory.getLong(entry(extent + 1));
      long reference = Memory.getLong(entry(extent + 1) + 8);
      int id = LinkLayout.segment(reference);
      if (id < 1 || begin != head) {
        throw new ProtocolViolation("extent in data segment " + id + " at " + begin);
      }
      PeerChunks.Segment data = slot.link.peerChunks().get(id);
      if (data == null) {
        stuck = new Stuck(head, id);
        return false;
      }
      int log2 = LinkLayout.log2(reference);
      long offset = LinkLayout.offset(reference);
      if (log2 < LinkLayout.MIN_CHUNK_LOG2
          || log2 > LinkLayout.MAX_CHUNK_LOG2
          || offset + (1L << log2) > data.bytes()) {
        throw new ProtocolViolation("extent " + Long.toHexString(reference) + " at " + begin);
      }
      if (stuck != null) {
        stuck = null;
      }
      if (!moving) {
        moving = true;
        slot.link.links.wantSweep();
      }
      extent++;
      view = data.view();
      base = (int) offset;
      size = 1 << log2;
      start = begin;
      end = Long.MAX_VALUE;
    }
  }

  private long entry(long number) {
    return slot.theirs()
        + LinkLayout.EXTENT_TABLE
        + (number & (LinkLayout.EXTENTS - 1)) * LinkLayout.EXTENT_BYTES;
  }

  /**
   * Publishes the head and tells a writer that waits for room; the same argument as for the tail,
   * in the other way.
   */
  private void consumed() {
    Memory.putLongRelease(slot.own + LinkLayout.HEAD, head);
    Memory.fullFence();
    long theirs = slot.theirs();
    long arm = Memory.getLongAcquire(theirs + LinkLayout.SPACE_ARM);
    if (told <= arm && arm < head) {
      slot.notifyPeer((int) Memory.getLongAcquire(theirs + LinkLayout.SPACE_SEAT));
    }
    told = head;
  }

  /**
   * Does what an Error has kept the reader from: publishes its head and tells the writer. Any
   * thread; beside the reader, whose head only grows.
   */
  public void settle() {
    if (!owed) {
      return;
    }
    owed = false;
    boolean done = false;
    try {
      long reached = head;
      long word = slot.own + LinkLayout.HEAD;
      for (long before = Memory.getLongAcquire(word);
          before < reached && !Memory.compareAndSetLong(word, before, reached);
          before = Memory.getLongAcquire(word)) {
        Hints.onSpinWait();
      }
      Memory.fullFence();
      slot.notifyPeer((int) Memory.getLongAcquire(slot.theirs() + LinkLayout.SPACE_SEAT));
      done = true;
    } finally {
      if (!done) {
        owed = true;
      }
    }
  }

  /**
   * Notes whether bytes have been read since the last sweep.
   *
   * @return whether more may be read soon, so that the next sweep has to look again
   */
  public boolean sweep() {
    if (!moving) {
      return false;
    }
    Links links = slot.link.links;
    long now = Memory.getLongAcquire(slot.own + LinkLayout.HEAD);
    if ((int) now != headAtLastSweep) {
      headAtLastSweep = (int) now;
      slot.readAt = links.sweptAt();
      links.sawMove();
    } else if (links.sweptAt() - slot.readAt > Links.MOST_BETWEEN_MOVES) {
      moving = false;
    }
    return moving;
  }

  /** Bytes read so far. Any thread. */
  long moved() {
    return Memory.getLongAcquire(slot.own + LinkLayout.HEAD);
  }

  /** As {@link OutStream#quietNanos}. */
  long quietNanos() {
    long now = moved();
    return slot.link.links.quietNanos(now, headAtLastSweep, slot.readAt);
  }

  /**
   * Whether a read would return bytes. Any thread.
   *
   * <p>Bytes may lie in a segment that the peer's message has not brought yet. Whoever waits for
   * such bytes has stored his seat before he looks for the segment here; the link's thread adds the
   * segment and then looks for the seats of all who have unread bytes. So one of the two sees the
   * other.
   */
  boolean isReadable() {
    while (true) {
      long at = Memory.getLongAcquire(slot.own + LinkLayout.HEAD);
      if (Memory.getLongAcquire(slot.theirs() + LinkLayout.TAIL) == at) {
        return false;
      }
      Stuck last = stuck;
      if (last != null && last.at == at && slot.link.peerChunks().get(last.segment) == null) {
        // whatever a peer makes the extents say: nobody is sent round between this and a read that
        // finds nothing
        return false;
      }
      if (isMapped(at)) {
        return true;
      }
      // what was found is true only if nobody has read on meanwhile: extents before the head are
      // written anew
      if (Memory.getLongAcquire(slot.own + LinkLayout.HEAD) == at) {
        return false;
      }
    }
  }

  /**
   * Whether the segment of byte {@code at} has arrived. Looks closer only when there is a new
   * extent.
   */
  private boolean isMapped(long at) {
    long count = Memory.getLongAcquire(slot.theirs() + LinkLayout.EXTENT_COUNT);
    if (count == mappedExtents) {
      return true;
    }
    for (long i = count - 1; i >= 0 && i >= count - LinkLayout.EXTENTS; i--) {
      if (Memory.getLong(entry(i)) <= at) {
        int id = LinkLayout.segment(Memory.getLong(entry(i) + 8));
        if (id > 0 && slot.link.peerChunks().get(id) == null) {
          return false;
        }
        if (i == count - 1) {
          mappedExtents = count;
        }
        return true;
      }
    }
    // not what a peer writes that keeps the rules: the read says so
    return true;
  }

  /**
   * Bytes published by the peer and not read yet, whether or not their segment has arrived. Any
   * thread.
   */
  public int unread() {
    long count =
        Memory.getLongAcquire(slot.theirs() + LinkLayout.TAIL)
            - Memory.getLongAcquire(slot.own + LinkLayout.HEAD);
    return (int) Math.max(0, Math.min(count, LinkLayout.MAX_UNREAD));
  }

  /** The position to arm at: where nothing more was found. Any thread. */
  long position() {
    return Memory.getLongAcquire(slot.own + LinkLayout.HEAD);
  }
}
