package io.twinport.posix;

import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An {@code epoll(7)} instance and room for what it finds. Any thread may add and remove; one
 * thread at a time waits and reads the results. Waiting allocates nothing.
 */
public final class Epoll implements Closeable {
  public static final int EPOLLIN = 0x1;
  public static final int EPOLLOUT = 0x4;

  /** Always reported, asked for or not. */
  public static final int EPOLLERR = 0x8;

  /** Always reported, asked for or not. */
  public static final int EPOLLHUP = 0x10;

  public static final int EPOLLRDHUP = 0x2000;
  public static final int EPOLLONESHOT = 1 << 30;
  public static final int EPOLLET = 1 << 31;

  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;

  private final int fd;
  private final int capacity;
  private final long found;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param capacity the most events found by one {@link #await}
   */
  public Epoll(int capacity) throws IOException {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity);
    }
    fd = LibC.epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
      throw LibC.failed("epoll_create1");
    }
    this.capacity = capacity;
    found = Memory.allocate((long) capacity * KernelLayout.EPOLL_EVENT_SIZE);
  }

  /** Watches {@code fd}; its events come with {@code data}. */
  public void add(int fd, int events, long data) throws IOException {
    control(EPOLL_CTL_ADD, fd, events, data);
  }

  public void modify(int fd, int events, long data) throws IOException {
    control(EPOLL_CTL_MOD, fd, events, data);
  }

  /**
   * Stops watching. To be called before {@code fd} is closed: a duplicate elsewhere would keep it
   * watched.
   */
  public void remove(int fd) throws IOException {
    control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  /**
   * Waits for events.
   *
   * @param timeoutMillis -1 for no limit, 0 to look only
   * @return how many were found; 0 after the timeout or a signal
   */
  public int await(int timeoutMillis) throws IOException {
    int count = LibC.epoll_wait(fd, found, capacity, timeoutMillis);
    if (count >= 0) {
      return count;
    }
    if (LibC.errno() == Errno.EINTR) {
      return 0;
    }
    throw LibC.failed("epoll_wait(" + fd + ")");
  }

  /** The events of the {@code index}th found. */
  public int events(int index) {
    return Memory.getInt(event(index) + KernelLayout.EPOLL_EVENT_EVENTS);
  }

  /** What the {@code index}th found was added with. */
  public long data(int index) {
    return Memory.getLong(event(index) + KernelLayout.EPOLL_EVENT_DATA);
  }

  /** The descriptor, readable while there are events. */
  public int fd() {
    return fd;
  }

  /** Closes. Nobody may be waiting. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Posix.close(fd);
      Memory.free(found);
    }
  }

  private long event(int index) {
    return found + (long) Objects.checkIndex(index, capacity) * KernelLayout.EPOLL_EVENT_SIZE;
  }

  private void control(int operation, int target, int events, long data) throws IOException {
    long event = Memory.allocate(KernelLayout.EPOLL_EVENT_SIZE);
    try {
      Memory.putInt(event + KernelLayout.EPOLL_EVENT_EVENTS, events);
      Memory.putLong(event + KernelLayout.EPOLL_EVENT_DATA, data);
      if (LibC.epoll_ctl(fd, operation, target, event) < 0) {
        throw LibC.failed("epoll_ctl(" + fd + ", " + operation + ", " + target + ")");
      }
    } finally {
      Memory.free(event);
    }
  }
}
