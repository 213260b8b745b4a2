package io.twinport.shm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory counts until no peer has it any more. */
class KeptMemoryTest {
  private static final int BYTES = 1 << 16;

  private final Bounds bounds = new Bounds(4 * BYTES, 1024, 65_530, 1L << 30);

  @BeforeAll
  static void load() throws IOException {
    Posix.load(null);
  }

  private OwnMemory memory() throws IOException {
    OwnMemory memory = OwnMemory.create(bounds, "test", BYTES);
    long address = Posix.mapReadWrite(memory.file(), 0, BYTES);
    memory.seal();
    Posix.unmap(address, BYTES);
    return memory;
  }

  /** How a peer keeps what it was given. */
  @SuppressWarnings("ImmutableEnumChecker") // The lambdas capture nothing.
  enum Keeping {
    DESCRIPTOR(fd -> () -> Posix.close(fd)),
    DUPLICATE(
        fd -> {
          int duplicate = Posix.duplicate(fd);
          Posix.close(fd);
          return () -> Posix.close(duplicate);
        }),
    MAPPING(
        fd -> {
          long address = Posix.mapReadOnly(fd, 0, BYTES);
          Posix.close(fd);
          return () -> Posix.unmap(address, BYTES);
        }),
    OPENED_AGAIN(
        fd -> {
          int again = Posix.reopen(fd);
          Posix.close(fd);
          return () -> Posix.close(again);
        }),
    OPENED_TO_WRITE(
        fd -> {
          RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw");
          Posix.close(fd);
          return file;
        }),
    IN_A_SOCKET(
        fd -> {
          int[] pair = UnixSocket.pair();
          UnixSocket.send(pair[0], ByteBuffer.allocate(1), fd);
          Posix.close(fd);
          return () -> {
            Posix.close(pair[0]);
            Posix.close(pair[1]);
          };
        });

    private final Way way;

    Keeping(Way way) {
      this.way = way;
    }
  }

  @FunctionalInterface
  private interface Way {
    AutoCloseable keep(int fd) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void whatIsKeptCounts(Keeping keeping) throws Exception {
    OwnMemory memory = memory();
    AutoCloseable kept = keeping.way.keep(memory.takePeers());
    assertEquals(BYTES, bounds.memory.used());
    assertEquals(0, bounds.kept.bytes());
    memory.giveUp();
    assertTrue(bounds.kept.sweep());
    assertFalse(memory.isGone());
    assertEquals(BYTES, bounds.memory.used());
    assertEquals(BYTES, bounds.kept.bytes());
    assertEquals(1, bounds.files.used());
    kept.close();
    assertFalse(bounds.kept.sweep());
    assertTrue(memory.isGone());
    assertEquals(0, bounds.memory.used());
    assertEquals(0, bounds.kept.bytes());
    assertEquals(0, bounds.files.used());
  }

  @Test
  void whatNobodyHasIsGoneAtOnce() throws IOException {
    OwnMemory memory = memory();
    Posix.close(memory.takePeers());
    memory.giveUp();
    assertTrue(memory.isGone());
    assertEquals(0, bounds.memory.used());
  }

  @Test
  void whatWasNeverSentIsGoneAtOnce() throws IOException {
    OwnMemory memory = OwnMemory.create(bounds, "test", BYTES);
    memory.giveUp();
    assertTrue(memory.isGone());
    assertEquals(0, bounds.memory.used());
    assertEquals(0, bounds.files.used());
  }

  /** Whoever needs memory looks whether there is some again. */
  @Test
  void roomIsFoundWhereItHasBecomeFree() throws IOException {
    int[] peers = new int[4];
    for (int i = 0; i < peers.length; i++) {
      OwnMemory memory = memory();
      peers[i] = memory.takePeers();
      memory.giveUp();
    }
    assertNull(OwnMemory.create(bounds, "test", BYTES));
    Posix.close(peers[2]);
    memory().giveUp();
    Posix.close(peers[0]);
    Posix.close(peers[1]);
    Posix.close(peers[3]);
    assertFalse(bounds.kept.sweep());
    assertEquals(0, bounds.memory.used());
  }

  /** A peer that keeps what it was told to drop does not get more and more of it. */
  @Test
  void linkDoesNotDropWhileWhatItDroppedIsKept() throws IOException {
    Bounds large = new Bounds(1L << 30, 1024, 65_530, 1L << 30);
    List<Integer> sent = new ArrayList<>();
    List<Integer> dropped = new ArrayList<>();
    ChunkPool pool =
        new ChunkPool(
            large,
            new SpareDescriptors(),
            new ChunkPool.Announcer() {
              @Override
              public void announce(int id, int bytes, int fd) {
                sent.add(fd);
              }

              @Override
              public void drop(int id) {
                dropped.add(id);
              }
            });
    for (int i = 0; i < 100; i++) {
      pool.free(pool.lease(LinkLayout.MAX_CHUNK_LOG2));
      pool.sweep();
      pool.sweep();
    }
    assertEquals(2, sent.size());
    assertEquals(1, dropped.size());
    assertEquals(2L << LinkLayout.MAX_CHUNK_LOG2, large.memory.used());
    sent.forEach(Posix::close);
    large.kept.sweep();
    assertEquals(1L << LinkLayout.MAX_CHUNK_LOG2, large.memory.used());
    pool.sweep();
    pool.sweep();
    assertEquals(2, dropped.size());
    assertEquals(0, large.memory.used());
    assertFalse(pool.sweep());
    pool.close();
  }

  /** What exists goes on past the bounds, by as little as it can. */
  @Test
  void smallChunksGoPastTheBound() throws IOException {
    Bounds none = new Bounds(0, 1024, 65_530, 1L << 30);
    ChunkPool pool = new ChunkPool(none, new SpareDescriptors(), new Dropped());
    assertNull(pool.lease(LinkLayout.MIN_CHUNK_LOG2 + 1));
    for (long chunks = 1; chunks <= 1000; chunks++) {
      pool.lease(LinkLayout.MIN_CHUNK_LOG2);
      assertTrue(
          none.memory.used() <= Math.max(1 << 14, (3 * chunks) << LinkLayout.MIN_CHUNK_LOG2),
          "for " + chunks + " chunks " + none.memory.used());
    }
    pool.close();
    assertEquals(0, none.memory.used());
  }

  /**
   * A descriptor that is still open here, as where a start has failed half-way, is nobody else's.
   */
  @Test
  void whatWasNeverSealedIsGoneAtOnce() throws IOException {
    OwnMemory memory = OwnMemory.create(bounds, "test", BYTES);
    int before = new File("/proc/self/fd").list().length;
    int again = Posix.reopen(memory.file());
    Posix.close(again);
    memory.giveUp();
    assertTrue(memory.isGone());
    assertEquals(before - 1, new File("/proc/self/fd").list().length);
    assertEquals(0, bounds.memory.used());
  }

  /** Counts what the peer is told to drop; the first times it has no memory for that. */
  private static final class Dropped implements ChunkPool.Announcer {
    int failures;
    final List<Integer> ids = new ArrayList<>();

    @Override
    public void announce(int id, int bytes, int fd) {
      Posix.close(fd);
    }

    @Override
    public void drop(int id) {
      if (failures-- > 0) {
        throw new OutOfMemoryError("of a test");
      }
      ids.add(id);
    }
  }

  @Test
  void segmentIsDroppedOnceThoughMemoryIsShort() throws IOException {
    Bounds few = new Bounds(1L << 30, 1024, 65_530, 1L << 30);
    Dropped dropped = new Dropped();
    dropped.failures = 2;
    ChunkPool pool = new ChunkPool(few, new SpareDescriptors(), dropped);
    pool.free(pool.lease(LinkLayout.MIN_CHUNK_LOG2));
    assertTrue(pool.sweep());
    assertThrows(OutOfMemoryError.class, pool::sweep);
    assertThrows(OutOfMemoryError.class, pool::sweep);
    assertTrue(few.memory.used() > 0);
    assertFalse(pool.sweep());
    assertEquals(List.of(1), dropped.ids);
    assertEquals(0, few.memory.used());
    pool.close();
  }

  /** In whatever order they become free, none is forgotten. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 11, 299})
  void allOfManyAreFound(int step) throws IOException {
    Bounds many = new Bounds(300L * 4096, 300 * 8, 65_530, 1L << 30);
    int[] peers = new int[300];
    for (int i = 0; i < peers.length; i++) {
      OwnMemory memory = OwnMemory.create(many, "test", 4096);
      memory.seal();
      peers[i] = memory.takePeers();
      memory.giveUp();
    }
    assertNull(OwnMemory.create(many, "test", 4096));
    for (int i = 0; i < peers.length; i++) {
      Posix.close(peers[i * step % peers.length]);
      many.kept.sweep();
      many.kept.sweep();
      assertEquals(4096L * (peers.length - 1 - i), many.memory.used());
    }
    assertEquals(0, many.files.used());
  }

  /** A page for each, as far as descriptors go. */
  @Test
  void descriptorsAreBounded() throws IOException {
    Bounds few = new Bounds(1L << 30, 16, 65_530, 1L << 30);
    OwnMemory first = OwnMemory.create(few, "test", 4096);
    OwnMemory second = OwnMemory.create(few, "test", 4096);
    assertNull(OwnMemory.create(few, "test", 4096));
    assertEquals(2 * 4096, few.memory.used());
    first.giveUp();
    second.giveUp();
    few.memory.reserve(4096);
    OwnMemory unwatched = OwnMemory.of(few, "test", 4096, false);
    assertEquals(0, few.files.used());
    assertEquals(4096, few.memory.used());
    unwatched.giveUp();
    assertEquals(0, few.memory.used());
  }
}
