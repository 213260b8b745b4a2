package io.twinport.shm.memory;

import io.twinport.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The peer's data segments, mapped to read.
 *
 * <p>A segment that the peer drops is not unmapped but replaced by zeroes, in one step: a peer that
 * drops what is still being read harms its own connection and cannot make this process fault. The
 * address range is used again for the next segment of the same peer, and unmapped with the link,
 * when no connection is left.
 */
public final class PeerChunks {
  /**
   * More than a process with a sensible {@code max-bytes} has. Each costs one of the 65,530
   * mappings of a process.
   */
  private static final int MOST_SEGMENTS = 1024;

  /** A mapped segment. */
  public record Segment(long address, int bytes, ByteBuffer view) {}

  private final Map<Integer, Segment> segments = new ConcurrentHashMap<>();

  private final Bound mappings;

  // guarded by this
  private final Map<Integer, Deque<Segment>> dropped = new ConcurrentHashMap<>();
  private final List<Segment> all = new ArrayList<>();

  /**
   * @param mappings what all links together may have
   */
  public PeerChunks(Bound mappings) {
    this.mappings = mappings;
  }

  /** How many mappings there are. */
  public synchronized int mappings() {
    return all.size();
  }

  /** The segment, or null if the peer's message about it has not been handled yet. */
  public Segment get(int id) {
    return segments.get(id);
  }

  /**
   * Maps a segment that the peer sent.
   *
   * @param fd stays the caller's
   */
  public synchronized void add(int id, int bytes, int fd) throws IOException {
    if (id < 1
        || all.size() >= MOST_SEGMENTS
        || bytes < 1 << LinkLayout.MIN_CHUNK_LOG2
        || bytes > 1 << LinkLayout.MAX_CHUNK_LOG2
        || (bytes & (bytes - 1)) != 0
        || segments.containsKey(id)
        || !Posix.isSharable(fd, bytes)) {
      throw new IOException(
          "data segment " + id + " of " + bytes + " bytes is not what it has to be");
    }
    Deque<Segment> free = dropped.get(bytes);
    Segment segment = free == null ? null : free.poll();
    if (segment != null) {
      Posix.mapReadOnlyOver(segment.address, fd, 0, bytes);
    } else {
      segment = map(fd, bytes);
    }
    segments.put(id, segment);
  }

  private Segment map(int fd, int bytes) throws IOException {
    long address = Posix.mapReadOnly(fd, 0, bytes);
    boolean done = false;
    try {
      Segment segment = new Segment(address, bytes, Posix.view(address, bytes));
      all.add(segment);
      mappings.reserve(1);
      done = true;
      return segment;
    } finally {
      if (!done) {
        Posix.unmap(address, bytes);
      }
    }
  }

  /** The peer has dropped a segment: zeroes take its place. */
  public synchronized void drop(int id) throws IOException {
    Segment segment = segments.get(id);
    if (segment == null) {
      throw new IOException("data segment " + id + " was never there");
    }
    Posix.mapZeroesOver(segment.address, segment.bytes);
    segments.remove(id);
    dropped.computeIfAbsent(segment.bytes, size -> new ArrayDeque<>()).add(segment);
  }

  /** Unmaps everything. No connection reads any more. */
  public synchronized void close() throws IOException {
    segments.clear();
    dropped.clear();
    while (!all.isEmpty()) {
      Segment segment = all.remove(all.size() - 1);
      mappings.release(1);
      Posix.unmap(segment.address, segment.bytes);
    }
  }
}
