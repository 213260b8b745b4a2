package io.twinport.shm;

import io.twinport.posix.ErrnoException;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory in which one side of a link keeps bytes in flight: data segments of its own, carved
 * into chunks whose sizes are powers of two. The lowest segment is filled first, so that others
 * become empty and go back to the kernel whole.
 */
final class ChunkPool {
  /**
   * The first segment of a link; the next ones are four times as large, up to the largest chunk.
   */
  private static final int FIRST_SEGMENT_LOG2 = 18;

  /** A leased piece of a segment. */
  static final class Chunk {
    final long reference;
    final ByteBuffer view;
    final long address;
    final int base;
    final int size;
    private final Segment segment;
    private final int node;

    // the stream's that has leased it

    /** The stream position of the chunk's first byte. */
    long start;

    /** The chunk in which the stream goes on; null if it is in this one. */
    Chunk next;

    Chunk(Segment segment, int node, int offset, int log2) {
      this.segment = segment;
      this.node = node;
      this.reference = LinkLayout.reference(segment.id, offset, log2);
      this.view = segment.view;
      this.address = segment.address + offset;
      this.base = offset;
      this.size = 1 << log2;
    }
  }

  /**
   * A memfd of ours and its buddy tree: for each node the log2 of the largest free chunk below it,
   * or 0.
   */
  private static final class Segment {
    final int id;
    final int log2;
    final long address;
    final ByteBuffer view;
    private final byte[] largest;
    private int leased;
    private boolean emptyAtLastSweep;

    Segment(int id, int log2, long address) {
      this.id = id;
      this.log2 = log2;
      this.address = address;
      this.view = Posix.view(address, 1 << log2);
      this.largest = new byte[2 << (log2 - LinkLayout.MIN_CHUNK_LOG2)];
      int size = log2;
      for (int node = 1; node < largest.length; node++) {
        if ((node & (node - 1)) == 0 && node > 1) {
          size--;
        }
        largest[node] = (byte) size;
      }
    }

    Chunk lease(int want) {
      if (largest[1] < want) {
        return null;
      }
      int node = 1;
      for (int size = log2; size > want; size--) {
        node = largest[2 * node] >= want ? 2 * node : 2 * node + 1;
      }
      int depth = log2 - want;
      int offset = (node - (1 << depth)) << want;
      Chunk chunk = new Chunk(this, node, offset, want);
      // from here on nothing is called that could fail
      largest[node] = 0;
      for (int up = node >>> 1; up > 0; up >>>= 1) {
        byte left = largest[2 * up];
        byte right = largest[2 * up + 1];
        largest[up] = left > right ? left : right;
      }
      leased++;
      return chunk;
    }

    void free(Chunk chunk) {
      int size = LinkLayout.log2(chunk.reference);
      largest[chunk.node] = (byte) size;
      for (int up = chunk.node >>> 1; up > 0; up >>>= 1) {
        byte left = largest[2 * up];
        byte right = largest[2 * up + 1];
        largest[up] =
            left == size && right == size ? (byte) (size + 1) : left > right ? left : right;
        size++;
      }
      leased--;
    }
  }

  /** Tells the peer about a segment. */
  interface Announcer {
    /** Hands {@code fd} over: it is closed by the callee. */
    void segment(int id, int bytes, int fd) throws IOException;

    void drop(int id);
  }

  private final Bound budget;
  private final Announcer announcer;
  private final SpareDescriptors spares;

  // guarded by this
  private final List<Segment> segments = new ArrayList<>();
  int nextId = 1;
  private boolean closed;

  ChunkPool(Bound budget, SpareDescriptors spares, Announcer announcer) {
    this.budget = budget;
    this.spares = spares;
    this.announcer = announcer;
  }

  /**
   * Leases a chunk of {@code 1 << log2} bytes.
   *
   * @return null if that would go past the budget. The smallest size always goes, so that no
   *     connection stands still.
   */
  synchronized Chunk lease(int log2) throws IOException {
    if (closed) {
      return null;
    }
    for (Segment segment : segments) {
      Chunk chunk = segment.lease(log2);
      if (chunk != null) {
        segment.emptyAtLastSweep = false;
        return chunk;
      }
    }
    int size = Math.min(FIRST_SEGMENT_LOG2 + 2 * segments.size(), LinkLayout.MAX_CHUNK_LOG2);
    size = Math.max(size, log2);
    if (!budget.tryReserve(1L << size)) {
      if (log2 > LinkLayout.MIN_CHUNK_LOG2) {
        return null;
      }
      size = FIRST_SEGMENT_LOG2;
      budget.reserve(1L << size);
    }
    return add(size).lease(log2);
  }

  private Segment add(int log2) throws IOException {
    int fd = -1;
    long address = 0;
    boolean added = false;
    try {
      fd = newFile(1L << log2);
      address = Posix.mapReadWrite(fd, 0, 1L << log2);
      Posix.seal(fd, Posix.PEER_SEALS);
      Segment segment = new Segment(freeId(), log2, address);
      int handedOver = fd;
      fd = -1;
      announcer.segment(segment.id, 1 << log2, handedOver);
      segments.add(segment);
      added = true;
      return segment;
    } finally {
      if (fd >= 0) {
        Posix.close(fd);
      }
      if (!added) {
        budget.release(1L << log2);
        if (address != 0) {
          Posix.unmap(address, 1L << log2);
        }
      }
      spares.takeBack();
    }
  }

  /** Ids are positive, and behind the last comes the first that is free. */
  private int freeId() {
    int id = nextId;
    while (id < 1 || isUsed(id)) {
      id = id < 1 ? 1 : id + 1;
    }
    nextId = id + 1;
    return id;
  }

  private boolean isUsed(int id) {
    for (Segment segment : segments) {
      if (segment.id == id) {
        return true;
      }
    }
    return false;
  }

  /** Needs a descriptor only until it is sent. */
  private int newFile(long bytes) throws IOException {
    try {
      return Posix.memfd("twinport-data", bytes);
    } catch (ErrnoException e) {
      spares.letGo();
      return Posix.memfd("twinport-data", bytes);
    }
  }

  synchronized void free(Chunk chunk) {
    chunk.segment.free(chunk);
  }

  /**
   * Gives back the segments that have been empty since the last sweep.
   *
   * @return whether anything is left to sweep later
   */
  synchronized boolean sweep() throws IOException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      if (segment.leased > 0) {
        continue;
      }
      if (segment.emptyAtLastSweep) {
        segments.remove(i);
        release(segment);
        announcer.drop(segment.id);
      } else {
        segment.emptyAtLastSweep = true;
      }
    }
    return !segments.isEmpty();
  }

  synchronized long bytes() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += 1L << segment.log2;
    }
    return sum;
  }

  private void release(Segment segment) throws IOException {
    Posix.unmap(segment.address, 1L << segment.log2);
    budget.release(1L << segment.log2);
  }

  /** Unmaps everything. No connection holds a chunk any more. */
  synchronized void close() throws IOException {
    closed = true;
    while (!segments.isEmpty()) {
      release(segments.remove(segments.size() - 1));
    }
  }
}
