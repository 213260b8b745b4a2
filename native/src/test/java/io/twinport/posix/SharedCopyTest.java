package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SharedCopyTest {
  private static final int SIZE = 200_000;
  private static final String LATE_ERRORS = "earlier JDKs throw errors of a copy behind it";

  private final long to = Memory.allocate(SIZE);
  private final byte[] bytes = new byte[SIZE];

  SharedCopyTest() {
    new Random(1).nextBytes(bytes);
  }

  @AfterEach
  void free() {
    Memory.free(to);
  }

  private void assertCopies(ByteBuffer from, int at) {
    // Lengths around that of a piece, and their neighbours untouched.
    for (int length : new int[] {0, 1, 8 << 10, 16 << 10, (16 << 10) + 1, 100_000}) {
      Memory.fill(to, SIZE, (byte) 7);
      assertTrue(SharedCopy.copy(from, 3, to + 1, length));
      byte[] copied = new byte[length + 2];
      Memory.copy(to, copied, 0, copied.length);
      byte[] expected = new byte[length + 2];
      Arrays.fill(expected, (byte) 7);
      System.arraycopy(bytes, at + 3, expected, 1, length);
      assertArrayEquals(expected, copied);
    }
  }

  @Test
  void copiesDirectBuffers() {
    ByteBuffer direct = ByteBuffer.allocateDirect(SIZE).put(bytes).clear();
    assertCopies(direct, 0);
    assertCopies(direct.asReadOnlyBuffer(), 0);
    assertCopies(direct.slice(1_001, 120_000), 1_001);
    assertEquals(0, direct.position());
  }

  @Test
  void copiesArrays() {
    ByteBuffer heap = ByteBuffer.wrap(bytes);
    assertCopies(heap, 0);
    assertCopies(heap.slice(1_001, 120_000), 1_001);
    assertFalse(SharedCopy.copy(heap.asReadOnlyBuffer(), 0, to, 10));
  }

  @Test
  void copiesNothingFromBeyondTheLimit() {
    ByteBuffer direct = ByteBuffer.allocateDirect(20_000).limit(10_000);
    assertFalse(SharedCopy.copy(direct, 1, to, 10_000));
    assertFalse(SharedCopy.copy(direct, -1, to, 10_000));
    assertFalse(SharedCopy.copy(direct, Integer.MAX_VALUE, to, 10_000));
    assertFalse(SharedCopy.copy(ByteBuffer.allocate(20_000).limit(10_000), 1, to, 10_000));
    assertThrows(IndexOutOfBoundsException.class, () -> SharedCopy.copy(new byte[100], 1, to, 100));
  }

  @Test
  void allocatesNothing() {
    ByteBuffer direct = ByteBuffer.allocateDirect(10_000);
    ByteBuffer heap = ByteBuffer.allocate(10_000);
    double perCall =
        Allocation.perCall(
            () -> {
              assertTrue(SharedCopy.copy(direct, 0, to, 10_000));
              assertTrue(SharedCopy.copy(heap, 0, to, 10_000));
            });
    assertEquals(0, perCall, 0.1);
  }

  private static boolean isAllocated(ByteBuffer buffer) {
    return DirectBuffers.isAllocated(buffer, DirectBuffers.address(buffer), buffer.capacity());
  }

  /** Which native code can be shown. */
  @Test
  void knowsWhatTheJdkHasAllocated() {
    ByteBuffer direct = ByteBuffer.allocateDirect(SIZE);
    ByteBuffer slice = direct.slice(1_001, 120_000);
    for (ByteBuffer same :
        List.of(direct, slice, slice.slice(), direct.duplicate(), direct.asReadOnlyBuffer())) {
      assertTrue(isAllocated(same));
    }
    long address = DirectBuffers.address(direct);
    assertFalse(DirectBuffers.isAllocated(direct, address - 1, 10));
    assertFalse(DirectBuffers.isAllocated(direct, address + SIZE, 1));
    long foreign = Memory.allocate(SIZE);
    ByteBuffer view = Posix.view(foreign, SIZE);
    assertFalse(isAllocated(view));
    assertFalse(isAllocated(view.slice()));
    Memory.free(foreign);
  }

  /** Memory that an application's native code has made a buffer of. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_19, disabledReason = LATE_ERRORS)
  void copiesBuffersOfMemoryThatTheJdkHasNotAllocated() {
    long foreign = Memory.allocate(SIZE);
    Memory.copy(bytes, 0, foreign, SIZE);
    ByteBuffer buffer = Posix.view(foreign, SIZE);
    assertCopies(buffer, 0);
    assertCopies(buffer.slice(1_001, 120_000), 1_001);
    Memory.free(foreign);
  }

  @Test
  void copiesMappedFilesAtMostInPieces(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("file");
    Files.write(file, bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, SIZE);
      for (ByteBuffer same : List.of(mapped, mapped.slice(), mapped.duplicate())) {
        assertFalse(isAllocated(same));
        if (Runtime.version().feature() >= 19) {
          assertCopies(same, 0);
        } else {
          assertFalse(SharedCopy.copy(same, 0, to, 10_000));
        }
      }
    }
  }

  /** An error, as of the JDK's own copies, and the process lives on: native code would end it. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_19, disabledReason = LATE_ERRORS)
  void filesThatOthersTruncateAreErrors(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("file");
    Files.write(file, bytes);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
      int fd = Posix.memfd("truncated", SIZE);
      long address = Posix.mapReadWrite(fd, 0, SIZE);
      ByteBuffer foreign = Posix.view(address, SIZE);
      channel.truncate(5_000);
      Path memory = Path.of("/proc/self/fd/" + fd);
      FileChannel.open(memory, StandardOpenOption.WRITE).truncate(5_000).close();
      for (ByteBuffer gone : List.of(mapped, mapped.slice(), foreign, foreign.duplicate())) {
        assertThrows(InternalError.class, () -> SharedCopy.copy(gone, 0, to, 100_000));
        assertTrue(SharedCopy.copy(gone, 0, to, 4_000)); // The piece is there again.
      }
      Posix.unmap(address, SIZE);
      Posix.close(fd);
    }
  }

  /** Of which another thread may close the arena. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_22, disabledReason = "earlier JDKs have no arenas")
  void leavesMemorySegmentsAlone() throws ReflectiveOperationException {
    Class<?> arenas = Class.forName("java.lang.foreign.Arena");
    Object arena = arenas.getMethod("ofShared").invoke(null);
    Method allocate = arenas.getMethod("allocate", long.class);
    Object segment = allocate.invoke(arena, (long) SIZE);
    ByteBuffer buffer =
        (ByteBuffer)
            Class.forName("java.lang.foreign.MemorySegment")
                .getMethod("asByteBuffer")
                .invoke(segment);
    for (ByteBuffer same : List.of(buffer, buffer.slice(), buffer.duplicate())) {
      assertFalse(SharedCopy.copy(same, 0, to, 10_000));
    }
    arenas.getMethod("close").invoke(arena);
  }

  /** They share what native code reads from, or go without. */
  @Test
  void manyThreadsCopyArraysAtOnce() throws InterruptedException {
    int many = 20;
    CountDownLatch done = new CountDownLatch(many);
    AtomicInteger copied = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    for (int i = 0; i < many; i++) {
      byte mine = (byte) i;
      new Thread(
              () -> {
                try {
                  rounds(mine, copied, wrong);
                } finally {
                  done.countDown();
                }
              })
          .start();
    }
    done.await();
    assertEquals(0, wrong.get());
    assertTrue(copied.get() > 0);
  }

  private static void rounds(byte mine, AtomicInteger copied, AtomicInteger wrong) {
    byte[] from = new byte[40_000];
    Arrays.fill(from, mine);
    byte[] back = new byte[from.length];
    long target = Memory.allocate(from.length);
    for (int round = 0; round < 500; round++) {
      if (SharedCopy.copy(from, 0, target, from.length)) {
        copied.incrementAndGet();
        Memory.copy(target, back, 0, back.length);
        wrong.addAndGet(Arrays.equals(from, back) ? 0 : 1);
        Memory.fill(target, from.length, (byte) -1);
      }
    }
    Memory.free(target);
  }
}
