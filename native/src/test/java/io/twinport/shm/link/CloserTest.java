package io.twinport.shm.link;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.LingeringSocket;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sockets in which there is something that may take for ever to close. */
@Timeout(60)
class CloserTest {
  private static final int SECONDS = 10;

  private final Closer closer = new Closer();
  private final List<LingeringSocket> lingering = new ArrayList<>();

  @BeforeAll
  static void load() throws IOException {
    Posix.load(null);
  }

  @AfterEach
  void endAll() throws Exception {
    for (LingeringSocket each : lingering) {
      each.close();
    }
  }

  /** A socket in which {@code fd} lies. */
  private static int socketWith(int fd) throws IOException {
    int[] pair = UnixSocket.pair();
    UnixSocket.send(pair[1], ByteBuffer.allocate(1), fd);
    Posix.close(pair[1]);
    return pair[0];
  }

  /** Has it closed; the latch is open once that is done. */
  private CountDownLatch close(int socket) {
    CountDownLatch closed = new CountDownLatch(1);
    closer.close(socket, closed::countDown);
    return closed;
  }

  private CountDownLatch closeQuick() throws IOException {
    int[] pair = UnixSocket.pair();
    int socket = socketWith(pair[0]);
    Posix.close(pair[0]);
    Posix.close(pair[1]);
    return close(socket);
  }

  private CountDownLatch closeThatHangs() throws Exception {
    LingeringSocket inside = new LingeringSocket();
    lingering.add(inside);
    int socket = socketWith(inside.fd());
    inside.closeOwnNow();
    return close(socket);
  }

  private static void assertOpens(CountDownLatch closed) throws InterruptedException {
    assertTrue(closed.await(SECONDS, TimeUnit.SECONDS), "it waits behind one that hangs");
  }

  @Test
  void theNextDoesNotWaitBehindOneThatHangs() throws Exception {
    for (int i = 0; i < 3; i++) { // With the last there is one thread that does not hang.
      assertOpens(closeQuick()); // That thread is idle now, or about to be.
      closeThatHangs();
      CountDownLatch next = closeQuick();
      CountDownLatch last = closeQuick();
      assertOpens(next);
      assertOpens(last);
    }
  }

  @Test
  void isStuckWhenAllHangAndGoesOnWhenOneEnds() throws Exception {
    List<CountDownLatch> hanging = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      hanging.add(closeThatHangs());
    }
    CountDownLatch next = closeQuick();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!closer.isStuck()) {
      assertTrue(System.nanoTime() - end < 0, "it is not stuck");
      if (next.getCount() == 0) {
        next = closeQuick(); // The last thread has taken this one first.
      }
    }
    assertTrue(next.getCount() > 0);
    lingering.get(2).close();
    assertOpens(hanging.get(2));
    assertOpens(next);
    assertFalse(closer.isStuck());
  }
}
