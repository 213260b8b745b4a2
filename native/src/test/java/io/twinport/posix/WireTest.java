package io.twinport.posix;

import static io.twinport.posix.SharedMemoryTest.assertErrno;
import static io.twinport.posix.SharedMemoryTest.closeAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What bells are rung by. */
@ExtendWith(OpenDescriptors.class)
class WireTest {
  private static final int AF_INET = 2;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;

  private WireEnds wire;
  private long scratch;

  @BeforeEach
  void open() throws IOException {
    wire = WireEnds.open();
    scratch = Memory.allocate(8);
  }

  @AfterEach
  void close() {
    Memory.free(scratch);
    closeAll(wire.read(), wire.write());
  }

  @Test
  void ringsWait() {
    assertEquals(-Errno.EAGAIN, wire.hear());
    assertEquals(1, UnixSocket.ring(wire.write(), (byte) 1));
    assertEquals(1, UnixSocket.ring(wire.write(), (byte) 200));
    assertEquals(1, wire.hear());
    assertEquals(200, wire.hear());
    assertEquals(-Errno.EAGAIN, wire.hear());
  }

  /** Whoever has the same socket open may have made it a blocking one. */
  @Test
  @Timeout(30)
  void fullWireNeverBlocks() throws IOException {
    Posix.setBlocking(wire.write(), true);
    int rings = 0;
    while (UnixSocket.ring(wire.write(), (byte) 1) == 1) {
      rings++;
    }
    assertTrue(rings > 0);
    assertEquals(-Errno.EAGAIN, UnixSocket.ring(wire.write(), (byte) 1));
    Posix.setBlocking(wire.read(), true);
    for (int i = 0; i < rings; i++) {
      assertEquals(1, wire.hear());
    }
    assertEquals(-Errno.EAGAIN, wire.hear());
    assertEquals(1, UnixSocket.ring(wire.write(), (byte) 1));
  }

  @Test
  void ringingWhereNobodyListensIsNoSignal() throws IOException {
    WireEnds broken = WireEnds.open();
    Posix.close(broken.read());
    assertEquals(-Errno.EPIPE, UnixSocket.ring(broken.write(), (byte) 1));
    Posix.close(broken.write());
    assertEquals(-Errno.EBADF, UnixSocket.ring(-1, (byte) 1));
  }

  @Test
  void endIsNotEmptiness() throws IOException {
    WireEnds ended = WireEnds.open();
    UnixSocket.ring(ended.write(), (byte) 1);
    Posix.close(ended.write());
    assertEquals(1, ended.hear());
    assertEquals(-Errno.EPIPE, ended.hear());
    Posix.close(ended.read());
  }

  @Test
  void onlySocketsOfThatKindPass() throws IOException {
    int memory = Posix.memfd("x", 4096);
    int event = Posix.eventfd();
    int tcp = LibC.socket(AF_INET, SOCK_STREAM, 0);
    int stream = LibC.socket(AF_UNIX, SOCK_STREAM, 0);
    assertTrue(UnixSocket.isSocket(wire.write()));
    assertTrue(UnixSocket.isSocket(wire.read()));
    for (int fd : new int[] {memory, event, tcp, stream, -1}) {
      assertFalse(UnixSocket.isSocket(fd));
    }
    closeAll(memory, event, tcp, stream);
  }

  @Test
  void madeByThisProcess() throws IOException {
    assertEquals(Posix.pid(), UnixSocket.peer(wire.write()).pid());
    assertEquals(Posix.effectiveUid(), UnixSocket.peer(wire.write()).uid());
  }

  @Test
  void descriptorsAreRefused() throws IOException {
    assumeTrue(
        UnixSocket.takesDescriptors(wire.read(), false),
        "this kernel (before 6.16) can't keep descriptors off a socket");
    ByteBuffer message = ByteBuffer.wrap("x".getBytes(UTF_8));
    int event = Posix.eventfd();
    assertErrno(Errno.EPERM, () -> UnixSocket.send(wire.write(), message, event));
    assertEquals(1, UnixSocket.ring(wire.write(), (byte) 1), "a ring passes");
    UnixSocket.takesDescriptors(wire.read(), true);
    assertTrue(UnixSocket.send(wire.write(), message, event));
    Posix.close(event);
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
    assertEquals(0, Posix.poll(wire.read(), Posix.POLLIN, 0, scratch));
    CompletableFuture<Integer> sleeper =
        CompletableFuture.supplyAsync(() -> Posix.poll(wire.read(), Posix.POLLIN, 10_000, scratch));
    assertEquals(1, UnixSocket.ring(wire.write(), (byte) 1));
    assertEquals(Posix.POLLIN, sleeper.get(10, TimeUnit.SECONDS));
    assertEquals(Posix.POLLIN, Posix.poll(wire.read(), Posix.POLLIN, -1, scratch));
  }

  @Test
  void ringingAndHearingAllocateNothing() {
    long rings = UnixSocket.newRings();
    double perCall =
        Allocation.perCall(
            () -> {
              UnixSocket.ring(wire.write(), (byte) 1);
              UnixSocket.hear(wire.read(), rings);
              UnixSocket.hear(wire.read(), rings);
              Posix.poll(wire.read(), Posix.POLLIN, 0, scratch);
            });
    Memory.free(rings);
    assertTrue(perCall < 0.1, () -> perCall + " bytes a call");
  }
}
