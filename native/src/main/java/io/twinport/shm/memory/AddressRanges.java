package io.twinport.shm.memory;

import io.twinport.posix.Posix;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Address ranges of control segments. A thread that polls may look at a segment's ring without a
 * lock just when the segment is dropped, so a range is never unmapped: zeroes take its place, which
 * costs no memory, and the next segment of that size is mapped over it. A look at the wrong ring is
 * harmless: what it finds is checked again under a lock. So is one at the wrong count of pushes:
 * the link that it was of has ended.
 */
public final class AddressRanges {
  // guarded by this
  private final Map<Integer, Deque<Long>> free = new HashMap<>();

  /** Maps a memfd of our own to write. */
  public synchronized long mapReadWrite(int fd, int bytes) throws IOException {
    Long range = first(bytes);
    if (range == null) {
      return Posix.mapReadWrite(fd, 0, bytes);
    }
    Posix.mapReadWriteOver(range, fd, 0, bytes);
    return free.get(bytes).remove();
  }

  /** Maps a peer's memfd to read. */
  public synchronized long mapReadOnly(int fd, int bytes) throws IOException {
    Long range = first(bytes);
    if (range == null) {
      return Posix.mapReadOnly(fd, 0, bytes);
    }
    Posix.mapReadOnlyOver(range, fd, 0, bytes);
    return free.get(bytes).remove();
  }

  /** A range that is free, and stays so if nothing can be mapped over it; null if there is none. */
  private Long first(int bytes) {
    Deque<Long> ranges = free.get(bytes);
    return ranges == null ? null : ranges.peek();
  }

  /** Gives the memory back and keeps the range. */
  public synchronized void retire(long address, int bytes) throws IOException {
    Posix.mapZeroesOver(address, bytes);
    free.computeIfAbsent(bytes, size -> new ArrayDeque<>()).add(address);
  }
}
