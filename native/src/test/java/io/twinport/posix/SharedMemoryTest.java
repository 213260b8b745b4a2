package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(OpenDescriptors.class)
class SharedMemoryTest {
  private static final long SIZE = 4L * Posix.PAGE_SIZE;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_HUGETLB = 4;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  @Test
  void fileHasNameAndSize() throws IOException {
    int fd = Posix.memfd("twinport-named", SIZE);
    try {
      assertEquals(SIZE, Files.size(Path.of("/proc/self/fd/" + fd)));
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
      assertTrue(target.startsWith("/memfd:twinport-named"), target);
    } finally {
      Posix.close(fd);
    }
  }

  @Test
  void impossibleSizeIsAnErrorAndLeavesNoFile() {
    ErrnoException failure = assertThrows(ErrnoException.class, () -> Posix.memfd("x", -1));
    assertEquals(Errno.EINVAL, failure.errno());
    assertEquals("fallocate(x, -1): Invalid argument (22)", failure.getMessage());
  }

  @Test
  void ownerWritesAndOthersOnlyRead() throws IOException {
    int fd = Posix.memfd("twinport-half", SIZE);
    long own = Posix.mapReadWrite(fd, 0, SIZE);
    Posix.seal(fd, Posix.PEER_SEALS);
    long theirs = Posix.mapReadOnly(fd, 0, SIZE);
    try {
      assertTrue(Posix.isSharable(fd, SIZE));
      assertEquals(Posix.PEER_SEALS, Posix.seals(fd) & Posix.PEER_SEALS);

      Memory.putLongRelease(own + 64, 0x1122_3344_5566_7788L);
      assertEquals(0x1122_3344_5566_7788L, Memory.getLongAcquire(theirs + 64));

      assertErrno(Errno.EPERM, () -> Posix.unmap(Posix.mapReadWrite(fd, 0, SIZE), SIZE));
      assertEquals(-Errno.EPERM, Posix.write(fd, own, 8));
      assertThrows(IOException.class, () -> truncate(fd, 0));
      assertThrows(IOException.class, () -> truncate(fd, 2 * SIZE));
      assertEquals(-1, LibC.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE));
      assertEquals(Errno.EPERM, LibC.errno(), "no hole can be made");
      assertErrno(Errno.EPERM, () -> Posix.seal(fd, Posix.F_SEAL_GROW));
    } finally {
      Posix.unmap(own, SIZE);
      Posix.unmap(theirs, SIZE);
      Posix.close(fd);
    }
  }

  private static void truncate(int fd, long size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile("/proc/self/fd/" + fd, "rw")) {
      file.setLength(size);
    }
  }

  @Test
  void reopeningForWritingDoesNotGetAroundTheSeals() throws IOException {
    int fd = Posix.memfd("twinport-half", SIZE);
    Posix.seal(fd, Posix.PEER_SEALS);
    try (RandomAccessFile again = new RandomAccessFile("/proc/self/fd/" + fd, "rw")) {
      assertThrows(IOException.class, () -> again.write(1));
    } finally {
      Posix.close(fd);
    }
  }

  @Test
  void onlySealedWholeFilesInMemoryPass() throws IOException {
    int[] sockets = UnixSocket.pair();
    int event = Posix.eventfd();
    int unsealed = Posix.memfd("unsealed", SIZE);
    int partly = Posix.memfd("partly", SIZE);
    Posix.seal(partly, Posix.F_SEAL_SHRINK);
    int holes = Posix.memfd("holes", 4096);
    truncate(holes, SIZE);
    Posix.seal(holes, Posix.PEER_SEALS);
    int whole = Posix.memfd("whole", SIZE);
    Posix.seal(whole, Posix.PEER_SEALS);
    try {
      for (int fd : new int[] {sockets[0], event, unsealed, partly, holes, -1}) {
        assertFalse(Posix.isSharable(fd, SIZE));
      }
      assertTrue(Posix.isSharable(whole, SIZE));
      assertFalse(Posix.isSharable(whole, SIZE - 4096), "another size");
      assertFalse(Posix.isSharable(whole, SIZE + 4096), "another size");
      assertErrno(Errno.EINVAL, () -> Posix.seals(sockets[0]));
      assertErrno(Errno.EBADF, () -> Posix.seals(-1));
    } finally {
      closeAll(sockets[0], sockets[1], event, unsealed, partly, holes, whole);
    }
  }

  @Test
  void hugePagesDoNotPass() throws IOException {
    long name = Posix.cString("huge");
    int fd = LibC.memfd_create(name, MFD_ALLOW_SEALING | MFD_HUGETLB);
    Memory.free(name);
    assumeTrue(fd >= 0, "this kernel has no huge pages");
    truncate(fd, 2L << 20);
    try {
      Posix.seal(fd, Posix.PEER_SEALS);
      assertFalse(Posix.isSharable(fd, 2L << 20));
    } catch (IOException notSealed) {
      throw new AssertionError(notSealed);
    } finally {
      Posix.close(fd);
    }
  }

  @Test
  void mappingOutlivesTheDescriptor() throws IOException {
    int fd = Posix.memfd("twinport-half", SIZE);
    long mapped = Posix.mapReadWrite(fd, 0, SIZE);
    Posix.close(fd);
    Memory.putInt(mapped + SIZE - 4, 7);
    assertEquals(7, Memory.getInt(mapped + SIZE - 4));
    Posix.unmap(mapped, SIZE);
  }

  @Test
  void zeroesTakeThePlaceOfAMapping() throws IOException {
    int fd = Posix.memfd("twinport-gone", SIZE);
    long mapped = Posix.mapReadWrite(fd, 0, SIZE);
    Posix.close(fd);
    Memory.fill(mapped, SIZE, (byte) 9);
    assertTrue(maps().contains("twinport-gone"));

    Posix.mapZeroesOver(mapped, SIZE);
    assertFalse(maps().contains("twinport-gone"));
    for (long offset = 0; offset < SIZE; offset += 8) {
      assertEquals(0, Memory.getLong(mapped + offset));
    }
    Posix.unmap(mapped, SIZE);
  }

  @Test
  void filesAreMappedIntoAReservation() throws IOException {
    long reserved = Posix.reserve(2 * SIZE);
    int fd = Posix.memfd("twinport-placed", SIZE);
    Posix.mapReadWriteOver(reserved, fd, 0, SIZE);
    Posix.mapReadOnlyOver(reserved + SIZE, fd, Posix.PAGE_SIZE, Posix.PAGE_SIZE);
    Posix.close(fd);
    Memory.putLong(reserved + Posix.PAGE_SIZE, 5);
    assertEquals(5, Memory.getLong(reserved + SIZE));
    Posix.unmap(reserved, 2 * SIZE);
    assertFalse(maps().contains("twinport-placed"));
  }

  @Test
  void viewIsTheMemoryItself() throws IOException {
    int fd = Posix.memfd("twinport-view", SIZE);
    long mapped = Posix.mapReadWrite(fd, 0, SIZE);
    Posix.close(fd);
    ByteBuffer view = Posix.view(mapped, (int) SIZE);
    assertTrue(view.isDirect());
    assertEquals(SIZE, view.capacity());
    assertEquals(ByteOrder.BIG_ENDIAN, view.order());
    view.order(ByteOrder.LITTLE_ENDIAN).putLong(16, 0x0102L);
    assertEquals(0x0102L, Memory.getLong(mapped + 16));
    assertEquals(0, Posix.view(mapped, 0).remaining());
    Posix.unmap(mapped, SIZE);
  }

  @Test
  void impossibleMappingsAreErrors() throws IOException {
    assertErrno(Errno.EINVAL, () -> Posix.reserve(0));
    assertErrno(Errno.EBADF, () -> Posix.mapReadOnly(-1, 0, SIZE));
    assertErrno(Errno.EINVAL, () -> Posix.unmap(1, SIZE));
    int fd = Posix.memfd("x", SIZE);
    assertErrno(Errno.EINVAL, () -> Posix.mapReadOnly(fd, 1, SIZE));
    Posix.close(fd);
  }

  private static String maps() throws IOException {
    return Files.readString(Path.of("/proc/self/maps"));
  }

  static void assertErrno(int errno, Executable call) {
    assertEquals(errno, assertThrows(ErrnoException.class, call).errno());
  }

  static void closeAll(int... fds) {
    for (int fd : fds) {
      Posix.close(fd);
    }
  }
}
