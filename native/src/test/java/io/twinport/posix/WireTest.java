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

/** What bells are rung by, also if whoever has the other end means harm. */
@ExtendWith(OpenDescriptors.class)
class WireTest {
  private static final int EDGES = Epoll.EPOLLOUT | Epoll.EPOLLET;
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;

  private int wire;
  private Epoll epoll;
  private long scratch;

  @BeforeEach
  void open() throws IOException {
    wire = Posix.wire();
    epoll = new Epoll(4);
    epoll.add(wire, EDGES, 7);
    scratch = Memory.allocate(8);
  }

  @AfterEach
  void close() {
    Memory.free(scratch);
    epoll.close();
    Posix.close(wire);
  }

  @Test
  void eachRingIsHeardOnce() throws IOException {
    assertEquals(0, epoll.await(0), "nobody has rung");
    for (int i = 0; i < 1000; i++) {
      assertEquals(8, Posix.ring(wire));
      assertEquals(1, epoll.await(0));
      assertEquals(7, epoll.data(0));
      assertEquals(0, epoll.await(0));
    }
    Posix.ring(wire);
    Posix.ring(wire);
    assertEquals(1, epoll.await(0));
    assertEquals(0, epoll.await(0));
  }

  @Test
  void whoSleepsIsWoken() throws Exception {
    CompletableFuture<Integer> sleeper = CompletableFuture.supplyAsync(this::await);
    TimeUnit.MILLISECONDS.sleep(20); // Whether it sleeps by then is all the same to the outcome.
    Posix.ring(wire);
    assertEquals(1, sleeper.get(10, TimeUnit.SECONDS));
  }

  private int await() {
    try {
      return epoll.await(10_000);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The peer may have made it a blocking one, and have counted it down to nothing. */
  @Test
  @Timeout(30)
  void ringNeverWaits() throws IOException {
    int peers = Posix.duplicate(wire);
    Posix.setBlocking(peers, true);
    assertEquals(8, Posix.ring(wire));
    int empty = LibC.eventfd(0, 0);
    assertEquals(-Errno.EAGAIN, Posix.ring(empty));
    closeAll(peers, empty);
  }

  /** The peer may have counted it up, so that nobody could write: nobody does. */
  @Test
  @Timeout(30)
  void fullWireIsWatchedAndRungAllTheSame() throws IOException {
    int full = Posix.wire();
    Posix.setBlocking(full, true);
    epoll.add(full, EDGES, 8);
    assertEquals(0, epoll.await(0));
    assertEquals(8, Posix.ring(full));
    assertEquals(1, epoll.await(0));
    Posix.close(full);
  }

  @Test
  void ringingWhatIsClosedIsAnError() {
    assertEquals(-Errno.EBADF, Posix.ring(-1));
  }

  @Test
  void onlyEventDescriptorsPass() throws IOException {
    int memory = Posix.memfd("x", 4096);
    int tcp = LibC.socket(AF_INET, SOCK_STREAM, 0);
    int[] pair = UnixSocket.pair();
    assertTrue(Posix.isEventfd(wire));
    for (int fd : new int[] {memory, tcp, pair[0], epoll.fd()}) {
      assertFalse(Posix.isEventfd(fd));
    }
    closeAll(memory, tcp, pair[0], pair[1]);
  }

  @Test
  void descriptorsAreRefused() throws IOException {
    int[] pair = UnixSocket.pair();
    assumeTrue(
        UnixSocket.takesDescriptors(pair[0], false),
        "this kernel (before 6.16) can't keep descriptors off a socket");
    ByteBuffer message = ByteBuffer.wrap("x".getBytes(UTF_8));
    assertErrno(Errno.EPERM, () -> UnixSocket.send(pair[1], message, wire));
    UnixSocket.takesDescriptors(pair[0], true);
    assertTrue(UnixSocket.send(pair[1], message, wire));
    closeAll(pair[0], pair[1]);
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
  void pollWakesWhenSignalled() throws Exception {
    int event = Posix.eventfd();
    assertEquals(0, Posix.poll(event, Posix.POLLIN, 0, scratch));
    CompletableFuture<Integer> sleeper =
        CompletableFuture.supplyAsync(() -> Posix.poll(event, Posix.POLLIN, 10_000, scratch));
    assertEquals(8, Posix.signal(event));
    assertEquals(Posix.POLLIN, sleeper.get(10, TimeUnit.SECONDS));
    assertEquals(Posix.POLLIN, Posix.poll(event, Posix.POLLIN, -1, scratch));
    Posix.close(event);
  }

  @Test
  void ringingAllocatesNothing() {
    double perCall =
        Allocation.perCall(
            () -> {
              Posix.ring(wire);
              Posix.poll(wire, Posix.POLLIN, 0, scratch);
            });
    assertTrue(perCall < 0.1, () -> perCall + " bytes a call");
  }
}
