package io.twinport.posix;

import static io.twinport.posix.SharedMemoryTest.assertErrno;
import static io.twinport.posix.SharedMemoryTest.closeAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OpenDescriptors.class)
class EpollTest {
  private static final long FIRST = 0xfedc_ba98_7654_3210L;
  private static final long SECOND = -1;

  private Epoll epoll;
  private int first;
  private int second;

  @BeforeEach
  void open() throws IOException {
    epoll = new Epoll(8);
    first = Posix.eventfd();
    second = Posix.eventfd();
  }

  @AfterEach
  void close() {
    epoll.close();
    closeAll(first, second);
  }

  @Test
  void eventsComeWithWhatTheyWereAddedWith() throws IOException {
    epoll.add(first, Epoll.EPOLLIN, FIRST);
    epoll.add(second, Epoll.EPOLLIN, SECOND);
    int third = Posix.duplicate(second);
    epoll.add(third, Epoll.EPOLLOUT, 3);
    assertEquals(Map.of(3L, Epoll.EPOLLOUT), look());
    Posix.signal(first);
    Posix.signal(second);
    assertEquals(Map.of(FIRST, Epoll.EPOLLIN, SECOND, Epoll.EPOLLIN, 3L, Epoll.EPOLLOUT), look());
    Posix.close(third);
  }

  @Test
  void moreThanFitsComesLater() throws IOException {
    try (Epoll small = new Epoll(1)) {
      small.add(first, Epoll.EPOLLIN | Epoll.EPOLLET, 1);
      small.add(second, Epoll.EPOLLIN | Epoll.EPOLLET, 2);
      Posix.signal(first);
      Posix.signal(second);
      assertEquals(1, small.await(0));
      long one = small.data(0);
      assertEquals(1, small.await(0));
      assertEquals(3, one + small.data(0));
      assertEquals(0, small.await(0));
      assertThrows(IndexOutOfBoundsException.class, () -> small.data(1));
    }
  }

  @Test
  void modifiedAndRemoved() throws IOException {
    epoll.add(first, 0, 1);
    Posix.signal(first);
    assertEquals(Map.of(), look());
    epoll.modify(first, Epoll.EPOLLIN | Epoll.EPOLLONESHOT, 2);
    assertEquals(Map.of(2L, Epoll.EPOLLIN), look());
    assertEquals(Map.of(), look());
    epoll.modify(first, Epoll.EPOLLIN, 3);
    assertEquals(Map.of(3L, Epoll.EPOLLIN), look());
    epoll.remove(first);
    assertEquals(Map.of(), look());
  }

  @Test
  void hangUpIsSeenUnasked() throws IOException {
    int[] pair = UnixSocket.pair();
    epoll.add(pair[0], 0, 7);
    assertEquals(Map.of(), look());
    Posix.close(pair[1]);
    assertEquals(Map.of(7L, Epoll.EPOLLHUP), look());
    Posix.close(pair[0]);
  }

  @Test
  void sleeperWakes() throws Exception {
    epoll.add(first, Epoll.EPOLLIN, FIRST);
    CompletableFuture<Integer> sleeper = CompletableFuture.supplyAsync(() -> await(10_000));
    Posix.signal(first);
    assertEquals(1, sleeper.get(10, TimeUnit.SECONDS));
    assertEquals(FIRST, epoll.data(0));
  }

  @Test
  void timeoutFindsNothing() throws IOException {
    epoll.add(first, Epoll.EPOLLIN, FIRST);
    long begin = System.nanoTime();
    assertEquals(0, epoll.await(20));
    assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(19));
  }

  @Test
  void wrongUseIsAnError() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> new Epoll(0).close());
    assertErrno(Errno.EBADF, () -> epoll.add(-1, Epoll.EPOLLIN, 0));
    assertErrno(Errno.ENOENT, () -> epoll.remove(first));
    epoll.add(first, Epoll.EPOLLIN, 0);
    assertErrno(Errno.EEXIST, () -> epoll.add(first, Epoll.EPOLLIN, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> epoll.events(-1));
  }

  @Test
  void closesOnce() throws IOException {
    Epoll closed = new Epoll(1);
    closed.close();
    int inItsPlace = Posix.eventfd();
    closed.close();
    assertEquals(8, Posix.signal(inItsPlace));
    Posix.close(inItsPlace);
    assertErrno(Errno.EBADF, () -> closed.add(first, 0, 0));
  }

  @Test
  void waitingAllocatesNothing() throws IOException {
    epoll.add(first, Epoll.EPOLLIN, FIRST);
    Posix.signal(first);
    double perCall =
        Allocation.perCall(
            () -> {
              if (await(0) != 1 || epoll.data(0) != FIRST) {
                throw new AssertionError();
              }
            });
    assertTrue(perCall < 0.1, () -> perCall + " bytes a call");
  }

  private int await(int timeoutMillis) {
    try {
      return epoll.await(timeoutMillis);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Map<Long, Integer> look() throws IOException {
    Map<Long, Integer> found = new HashMap<>();
    int count = epoll.await(0);
    for (int i = 0; i < count; i++) {
      found.put(epoll.data(i), epoll.events(i));
    }
    return found;
  }
}
