package io.twinport.shm.memory;

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
public final class ChunkPool {
  /**
   * The first segment of a link; the next ones are four times as large, up to the largest chunk.
   */
  private static final int FIRST_SEGMENT_LOG2 = 18;

  /**
   * As {@link #FIRST_SEGMENT_LOG2}, where there should be none at all: the next ones are twice as
   * large.
   */
  private static final int FIRST_PAST_BOUND_LOG2 = 14;

  private static final String NAME = "twinport-data";

  /** A leased piece of a segment. */
  public static final class Chunk {
    /** Names it to the peer; see {@link LinkLayout#reference}. */
    public final long reference;

    /** The whole segment; only absolute accesses. */
    public final ByteBuffer view;

    /** Where its first byte is. */
    public final long address;

    /** Where it begins in {@link #view}. */
    public final int base;

    /** In bytes, a power of two. */
    public final int size;

    private final Segment segment;
    private final int node;

    // the stream's that has leased it

    /** The stream position of the chunk's first byte. */
    public long start;

    /** The chunk in which the stream goes on; null if it is in this one. */
    public Chunk next;

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
    final OwnMemory memory;
    final long address;
    final ByteBuffer view;
    private final byte[] largest;
    private int leased;
    private boolean emptyAtLastSweep;

    /** Whether the peer was told that it is no more. */
    private boolean dropped;

    private boolean mapped = true;

    Segment(int id, int log2, OwnMemory memory, long address) {
      this.id = id;
      this.log2 = log2;
      this.memory = memory;
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
      if (largest[1] < want || dropped) {
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
  public interface Announcer {
    /** Hands {@code fd} over: it is closed by the callee. */
    void announce(int id, int bytes, int fd) throws IOException;

    /** Does it, or throws. */
    void drop(int id);
  }

  private final Bounds bounds;
  private final Announcer announcer;
  private final SpareDescriptors spares;

  // guarded by this
  private final List<Segment> segments = new ArrayList<>();

  /** What was given up, and is not gone. */
  private final List<OwnMemory> kept = new ArrayList<>();

  private int nextId = 1;
  private boolean closed;

  public ChunkPool(Bounds bounds, SpareDescriptors spares, Announcer announcer) {
    this.bounds = bounds;
    this.spares = spares;
    this.announcer = announcer;
  }

  /**
   * Leases a chunk of {@code 1 << log2} bytes.
   *
   * @return null if that would go past a bound. The smallest size always goes, so that no
   *     connection stands still.
   */
  public synchronized Chunk lease(int log2) throws IOException {
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
    if (!bounds.takeMemory(1L << size)) {
      if (log2 > LinkLayout.MIN_CHUNK_LOG2) {
        return null;
      }
      size = Math.min(FIRST_PAST_BOUND_LOG2 + segments.size(), FIRST_SEGMENT_LOG2);
      bounds.memory.reserve(1L << size);
    }
    return add(size).lease(log2);
  }

  /** Adds a segment whose bytes count already. */
  private Segment add(int log2) throws IOException {
    try {
      return add(log2, bounds.files.tryReserve(1));
    } catch (ErrnoException e) {
      // It takes a descriptor until it is sent, which is there, and nobody watches what becomes of
      // it: it stays until the link ends. An application may rely on what a stream can hold.
      spares.letGo();
      bounds.memory.reserve(1L << log2);
      return add(log2, false);
    } finally {
      spares.takeBack();
    }
  }

  /** Adds a segment whose bytes and whose watch count already; an error gives them back. */
  private Segment add(int log2, boolean watched) throws IOException {
    OwnMemory memory = OwnMemory.of(bounds, NAME, 1 << log2, watched);
    long address = 0;
    boolean added = false;
    try {
      address = Posix.mapReadWrite(memory.file(), 0, 1L << log2);
      memory.seal();
      Segment segment = new Segment(freeId(), log2, memory, address);
      announcer.announce(segment.id, 1 << log2, memory.takePeers());
      segments.add(segment);
      added = true;
      return segment;
    } finally {
      if (!added) {
        if (address != 0) {
          Posix.unmap(address, 1L << log2);
        }
        memory.giveUp();
      }
    }
  }

  /** The next segment has this id, or the first behind it that is free. For tests of the last. */
  public synchronized void startIdsAt(int id) {
    nextId = id;
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

  /** Ends a lease. */
  public synchronized void free(Chunk chunk) {
    chunk.segment.free(chunk);
  }

  /**
   * Gives back the segments that have been empty since the last sweep, unless the peer still has
   * some that it was told to drop: however often that is done, it does not have more and more. Nor
   * are those given back of which that is not known.
   *
   * @return whether anything is left to sweep later
   */
  public synchronized boolean sweep() throws IOException {
    kept.removeIf(OwnMemory::isGone);
    if (!kept.isEmpty()) {
      return true;
    }
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      if (segment.leased > 0 || !segment.memory.isWatched()) {
        continue;
      }
      if (segment.emptyAtLastSweep) {
        drop(segment);
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

  /** What an Error has stopped, the next sweep goes on with. */
  private void drop(Segment segment) throws IOException {
    if (!segment.dropped) {
      announcer.drop(segment.id);
      segment.dropped = true;
    }
    unmap(segment);
    kept.add(segment.memory);
    segments.remove(segment);
    segment.memory.giveUp();
  }

  private static void unmap(Segment segment) throws IOException {
    if (segment.mapped) {
      Posix.unmap(segment.address, 1L << segment.log2);
      segment.mapped = false;
    }
  }

  /** Unmaps everything. No connection holds a chunk any more. */
  public synchronized void close() throws IOException {
    closed = true;
    while (!segments.isEmpty()) {
      Segment last = segments.get(segments.size() - 1);
      unmap(last);
      segments.remove(last);
      last.memory.giveUp();
    }
  }
}
