package io.twinport.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
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

  @Test
  void fileHasNameAndSize() throws IOException {
    int fd = Posix.memfd("twinport-named", SIZE);
    try {
      assertEquals(SIZE, Posix.size(fd));
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
    assertEquals("ftruncate(x, -1): Invalid argument (22)", failure.getMessage());
  }

  @Test
  void ownerWritesAndOthersOnlyRead() throws IOException {
    int fd = Posix.memfd("twinport-half", SIZE);
    long own = Posix.mapReadWrite(fd, 0, SIZE);
    Posix.seal(fd, Posix.PEER_SEALS);
    long theirs = Posix.mapReadOnly(fd, 0, SIZE);
    try {
      assertTrue(Posix.isSealedMemory(fd, Posix.PEER_SEALS));
      assertEquals(Posix.PEER_SEALS, Posix.seals(fd) & Posix.PEER_SEALS);

      Memory.putLongRelease(own + 64, 0x1122_3344_5566_7788L);
      assertEquals(0x1122_3344_5566_7788L, Memory.getLongAcquire(theirs + 64));

      assertErrno(Errno.EPERM, () -> Posix.unmap(Posix.mapReadWrite(fd, 0, SIZE), SIZE));
      assertEquals(-Errno.EPERM, Posix.write(fd, own, 8));
      assertEquals(-1, LibC.ftruncate(fd, 0));
      assertEquals(Errno.EPERM, LibC.errno());
      assertEquals(-1, LibC.ftruncate(fd, 2 * SIZE));
      assertErrno(Errno.EPERM, () -> Posix.seal(fd, Posix.F_SEAL_GROW));
    } finally {
      Posix.unmap(own, SIZE);
      Posix.unmap(theirs, SIZE);
      Posix.close(fd);
    }
  }

  @Test
  void reopeningForWritingDoesNotGetAroundTheSeals() throws IOException {
    int fd = Posix.memfd("twinport-half", SIZE);
    Posix.seal(fd, Posix.PEER_SEALS);
    int again = Posix.reopenToWrite(fd);
    long bytes = Memory.allocate(8);
    try {
      assertEquals(-Errno.EPERM, Posix.write(again, bytes, 8));
    } finally {
      Memory.free(bytes);
      Posix.close(again);
      Posix.close(fd);
    }
  }

  @Test
  void onlySealedFilesInMemoryPass() throws IOException {
    PipeEnds pipe = Posix.pipe();
    int[] sockets = UnixSocket.pair();
    int event = Posix.eventfd();
    int unsealed = Posix.memfd("unsealed", SIZE);
    int partly = Posix.memfd("partly", SIZE);
    Posix.seal(partly, Posix.F_SEAL_SHRINK);
    try {
      for (int fd : new int[] {pipe.read(), pipe.write(), sockets[0], event, unsealed, partly}) {
        assertFalse(Posix.isSealedMemory(fd, Posix.PEER_SEALS));
      }
      assertTrue(Posix.isSealedMemory(partly, Posix.F_SEAL_SHRINK));
      assertFalse(Posix.isSealedMemory(-1, Posix.F_SEAL_SHRINK));
      assertFalse(Posix.isSealedMemory(pipe.read(), 0), "whatever the seals: not in memory");
      assertErrno(Errno.EINVAL, () -> Posix.seals(pipe.read()));
      assertErrno(Errno.EBADF, () -> Posix.seals(-1));
    } finally {
      closeAll(pipe.read(), pipe.write(), sockets[0], sockets[1], event, unsealed, partly);
    }
  }

  @Test
  void hugePagesDoNotPass() {
    long name = Posix.cString("huge");
    int fd = LibC.memfd_create(name, MFD_ALLOW_SEALING | MFD_HUGETLB);
    Memory.free(name);
    assumeTrue(fd >= 0, "this kernel has no huge pages");
    assertEquals(0, LibC.ftruncate(fd, 2L << 20));
    try {
      Posix.seal(fd, Posix.PEER_SEALS);
      assertFalse(Posix.isSealedMemory(fd, Posix.PEER_SEALS));
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
