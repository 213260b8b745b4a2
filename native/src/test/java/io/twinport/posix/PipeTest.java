package io.twinport.posix;

import static io.twinport.posix.SharedMemoryTest.assertErrno;
import static io.twinport.posix.SharedMemoryTest.closeAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OpenDescriptors.class)
class PipeTest {
  private static final int O_NONBLOCK = 0x800;
  private static final int O_PATH = 0x200000;
  private static final int O_RDWR = 2;
  private static final int F_GETFD = 1;
  private static final int FD_CLOEXEC = 1;

  private PipeEnds pipe;
  private long scratch;

  @BeforeEach
  void open() throws IOException {
    pipe = Posix.pipe();
    scratch = Memory.allocate(8);
  }

  @AfterEach
  void close() {
    Memory.free(scratch);
    closeAll(pipe.read(), pipe.write());
  }

  @Test
  void ringsAreBytesThatWait() {
    assertEquals(-Errno.EAGAIN, Posix.drain(pipe.read()));
    assertEquals(1, Posix.ring(pipe.write(), (byte) 1));
    assertEquals(1, Posix.ring(pipe.write(), (byte) 1));
    assertEquals(2, Posix.drain(pipe.read()));
    assertEquals(-Errno.EAGAIN, Posix.drain(pipe.read()));
  }

  @Test
  void fullPipeSaysSoAndGoesOnWhenDrained() {
    int rings = 0;
    while (Posix.ring(pipe.write(), (byte) 1) == 1) {
      rings++;
    }
    assertEquals(-Errno.EAGAIN, Posix.ring(pipe.write(), (byte) 1));
    assertTrue(rings >= Posix.PAGE_SIZE, () -> "room for a page of bytes at least");
    int drained = 0;
    for (int read = Posix.drain(pipe.read()); read > 0; read = Posix.drain(pipe.read())) {
      drained += read;
    }
    assertEquals(rings, drained);
    assertEquals(1, Posix.ring(pipe.write(), (byte) 1));
  }

  @Test
  void ringingWhereNobodyListensIsNoSignal() throws IOException {
    PipeEnds broken = Posix.pipe();
    Posix.close(broken.read());
    assertEquals(-Errno.EPIPE, Posix.ring(broken.write(), (byte) 1));
    Posix.close(broken.write());
    assertEquals(-Errno.EBADF, Posix.ring(-1, (byte) 1));
  }

  @Test
  void endOfStreamIsNotEmptiness() throws IOException {
    PipeEnds ended = Posix.pipe();
    Posix.ring(ended.write(), (byte) 1);
    Posix.close(ended.write());
    assertEquals(1, Posix.drain(ended.read()));
    assertEquals(0, Posix.drain(ended.read()));
    assertEquals(Posix.POLLHUP, Posix.poll(ended.read(), Posix.POLLIN, 0, scratch));
    Posix.close(ended.read());
  }

  @Test
  void reopenedEndHasFlagsOfItsOwn() throws IOException {
    int bell = Posix.reopenToWrite(pipe.write());
    Posix.setBlocking(pipe.write(), true);
    assertEquals(0, Posix.flags(pipe.write()) & O_NONBLOCK);
    assertEquals(O_NONBLOCK, Posix.flags(bell) & O_NONBLOCK);
    assertEquals(FD_CLOEXEC, LibC.fcntl(bell, F_GETFD, 0));
    Posix.setBlocking(pipe.write(), false);
    assertEquals(O_NONBLOCK, Posix.flags(pipe.write()) & O_NONBLOCK);

    assertEquals(1, Posix.ring(bell, (byte) 1));
    assertEquals(1, Posix.drain(pipe.read()));
    Posix.close(bell);
    assertErrno(Errno.ENOENT, () -> Posix.reopenToWrite(bell));
    assertErrno(Errno.EBADF, () -> Posix.flags(bell));
  }

  @Test
  void ownerDecidesWhoReopens() throws IOException {
    Posix.chmod(pipe.write(), 0622);
    Path link = Path.of("/proc/self/fd/" + pipe.write());
    assertEquals(0622, (int) Files.getAttribute(link, "unix:mode") & 0777);
    assertErrno(Errno.EBADF, () -> Posix.chmod(-1, 0600));
  }

  @Test
  void onlyPipesOpenForWritingPass(@TempDir Path directory) throws Exception {
    Path fifo = directory.resolve("fifo");
    // Without pipes of its own, which would be closed whenever the JVM has heard of its end.
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor());
    int both = open(fifo, O_RDWR);
    int named = open(fifo, O_PATH);
    int file = open(Files.createFile(directory.resolve("file")), O_RDWR);
    int nothing = open(Path.of("/dev/null"), O_RDWR);
    int[] sockets = UnixSocket.pair();
    int memory = Posix.memfd("x", 4096);
    int event = Posix.eventfd();

    assertTrue(Posix.isPipeToWrite(pipe.write()));
    assertTrue(Posix.isPipeToWrite(both));
    for (int fd : new int[] {pipe.read(), named, file, nothing, sockets[0], memory, event, -1}) {
      assertFalse(Posix.isPipeToWrite(fd));
    }
    closeAll(both, named, file, nothing, sockets[0], sockets[1], memory, event);
  }

  @Test
  void eventDescriptorCounts() throws IOException {
    int event = Posix.eventfd();
    assertEquals(-Errno.EAGAIN, Posix.drain(event));
    assertEquals(8, Posix.signal(event));
    assertEquals(8, Posix.signal(event));
    assertEquals(8, Posix.read(event, scratch, 8));
    assertEquals(2, Memory.getLong(scratch));
    assertEquals(-Errno.EAGAIN, Posix.drain(event));
    Posix.close(event);
  }

  @Test
  void pollWakesWhenRung() throws Exception {
    assertEquals(0, Posix.poll(pipe.read(), Posix.POLLIN, 0, scratch));
    CompletableFuture<Integer> sleeper =
        CompletableFuture.supplyAsync(() -> Posix.poll(pipe.read(), Posix.POLLIN, 10_000, scratch));
    assertEquals(1, Posix.ring(pipe.write(), (byte) 1));
    assertEquals(Posix.POLLIN, sleeper.get(10, TimeUnit.SECONDS));
    assertEquals(Posix.POLLIN, Posix.poll(pipe.read(), Posix.POLLIN, -1, scratch));
  }

  @Test
  void ringingAndDrainingAllocateNothing() {
    double perCall =
        Allocation.perCall(
            () -> {
              Posix.ring(pipe.write(), (byte) 1);
              Posix.drain(pipe.read());
              Posix.drain(pipe.read());
              Posix.poll(pipe.read(), Posix.POLLIN, 0, scratch);
            });
    assertTrue(perCall < 0.1, () -> perCall + " bytes a call");
  }

  private static int open(Path path, int flags) {
    long name = Posix.cString(path.toString());
    int fd = LibC.open(name, flags, 0);
    Memory.free(name);
    assertTrue(fd >= 0, path::toString);
    return fd;
  }
}
