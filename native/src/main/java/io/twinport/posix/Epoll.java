package io.twinport.posix;

import java.io.Closeable;
import java.io.IOException;

/**
 * An {@code epoll(7)} instance and room for what it finds. Any thread may add and remove; one thread at a time waits and
 * reads the results. Waiting allocates nothing.
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

  /**
   * @param capacity the most events found by one {@link #await}
   */
  public Epoll(int capacity) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Watches {@code fd}; its events come with {@code data}. */
  public void add(int fd, int events, long data) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void modify(int fd, int events, long data) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Stops watching. To be called before {@code fd} is closed: a duplicate elsewhere would keep it watched. */
  public void remove(int fd) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Waits for events.
   *
   * @param timeoutMillis -1 for no limit, 0 to look only
   * @return how many were found; 0 after the timeout or a signal
   */
  public int await(int timeoutMillis) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The events of the {@code index}th found. */
  public int events(int index) {
    throw new UnsupportedOperationException();
  }

  /** What the {@code index}th found was added with. */
  public long data(int index) {
    throw new UnsupportedOperationException();
  }

  /** The descriptor, readable while there are events. */
  public int fd() {
    throw new UnsupportedOperationException();
  }

  /** Closes. Nobody may be waiting. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
