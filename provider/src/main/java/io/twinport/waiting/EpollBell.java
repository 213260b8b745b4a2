package io.twinport.waiting;

import io.twinport.spi.Bell;
import io.twinport.spi.BellWire;
import java.io.IOException;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEventFd;

/**
 * A bell of this process: an epoll set, of an event descriptor for those inside the process and a
 * wire for each peer process. Nobody else has any of these descriptors, so nobody can steal a ring,
 * or have a reader or a ringer wait. Edges are watched, so nothing has to be read to silence it.
 *
 * <p>Whoever has an epoll set of his own to sleep in has the descriptors in that, too, instead of
 * this set in his: the kernel wakes a sleeper faster who is not behind a second set.
 */
public final class EpollBell implements Bell {
  /** Whoever sleeps elsewhere than in {@link #await}. */
  public interface Watcher {
    /** Wakes, from now on, for {@code events} of {@code fd}, as {@code epoll} has them. */
    void watch(int fd, int events) throws IOException;

    /** Takes {@link #watch} back, if it was called. */
    void unwatch(int fd);
  }

  /** Wires that are heard in one go; the others are found by the next. */
  private static final int MOST_EVENTS = 32;

  private static final int EPOLLIN = 0x1;
  private static final int EPOLLOUT = 0x4;
  private static final int EPOLLET = 1 << 31;
  private static final int FROM_INSIDE = EPOLLIN | EPOLLET;
  private static final int FROM_A_PEER = EPOLLOUT | EPOLLET;

  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;

  private final int number;
  private final int epoll;
  private final SanEventFd inside;

  /** Room for what epoll finds, for good: as the bell itself. */
  private final long events;

  /** By descriptor, in pages; a page without wires may be missing. Guarded by this. */
  private BellWire[][] wires = {};

  /** Who has the descriptors in a set of his own; or null. Guarded by this. */
  private Watcher watcher;

  /**
   * The watcher's set is told once of wires that have ever been rung; nobody is to wonder why it
   * woke. Of whoever sleeps.
   */
  private boolean isNew;

  private byte rungFrom;

  EpollBell(int number) throws IOException {
    this.number = number;
    inside = new SanEventFd();
    int set = -1;
    boolean done = false;
    try {
      set = SanAccess.newEpoll();
      SanAccess.addToEpoll(set, inside.fd(), FROM_INSIDE);
      // Behind what fails, again and again, in a process without descriptors: nobody gives it back.
      events = SanAccess.newEvents(MOST_EVENTS);
      done = true;
    } finally {
      if (!done) {
        inside.close();
        if (set >= 0) {
          SanAccess.close(set);
        }
      }
    }
    epoll = set;
  }

  @Override
  public int number() {
    return number;
  }

  /** The epoll set, readable once the bell rings, until that is heard. */
  public int fd() {
    return epoll;
  }

  @Override
  public synchronized void add(BellWire wire) throws IOException {
    int fd = wire.fd();
    int page = fd >>> PAGE_BITS;
    if (page >= wires.length) {
      BellWire[][] more = new BellWire[page + 1][];
      System.arraycopy(wires, 0, more, 0, wires.length);
      wires = more;
    }
    if (wires[page] == null) {
      wires[page] = new BellWire[PAGE];
    }
    boolean done = false;
    try {
      SanAccess.addToEpoll(epoll, fd, FROM_A_PEER);
      if (watcher != null) {
        watcher.watch(fd, FROM_A_PEER);
      }
      wires[page][fd & (PAGE - 1)] = wire;
      done = true;
    } finally {
      if (!done) {
        forget(fd);
      }
    }
  }

  private void forget(int fd) {
    SanAccess.removeFromEpoll(epoll, fd);
    if (watcher != null) {
      watcher.unwatch(fd);
    }
  }

  /**
   * Has {@code newWatcher} wake when it rings, until {@link #leave}; nobody {@linkplain #await
   * waits} here meanwhile.
   */
  public synchronized void sleepIn(Watcher newWatcher) throws IOException {
    boolean done = false;
    try {
      inside.reset();
      newWatcher.watch(inside.fd(), FROM_INSIDE);
      for (BellWire[] page : wires) {
        for (int i = 0; page != null && i < PAGE; i++) {
          if (page[i] != null) {
            newWatcher.watch(page[i].fd(), FROM_A_PEER);
          }
        }
      }
      watcher = newWatcher;
      isNew = true;
      done = true;
    } finally {
      if (!done) {
        unwatch(newWatcher);
      }
    }
  }

  /** Takes {@link #sleepIn} back, if it was called. */
  public synchronized void leave() {
    if (watcher != null) {
      Watcher old = watcher;
      watcher = null;
      unwatch(old);
    }
  }

  private void unwatch(Watcher old) {
    old.unwatch(inside.fd());
    for (BellWire[] page : wires) {
      for (int i = 0; page != null && i < PAGE; i++) {
        if (page[i] != null) {
          old.unwatch(page[i].fd());
        }
      }
    }
  }

  /** Has {@link #await} end, too, while {@code fd}, which is no wire, is readable. */
  public void addOther(int fd) throws IOException {
    SanAccess.addToEpoll(epoll, fd, EPOLLIN);
  }

  /** Takes {@link #addOther} back. If it was closed before, its number may be a wire's by now. */
  public synchronized void removeOther(int fd) {
    if (wire(fd) == null) {
      SanAccess.removeFromEpoll(epoll, fd);
    }
  }

  @Override
  public synchronized void remove(BellWire wire) {
    int fd = wire.fd();
    if (wire(fd) == wire) {
      forget(fd);
      wires[fd >>> PAGE_BITS][fd & (PAGE - 1)] = null;
    }
  }

  private BellWire wire(int fd) {
    int page = fd >>> PAGE_BITS;
    return page < wires.length && wires[page] != null ? wires[page][fd & (PAGE - 1)] : null;
  }

  /** Rings from inside the process. */
  public void ring() {
    try {
      inside.set();
    } catch (IOException e) {
      throw new AssertionError("own event descriptor", e); // It stays open for ever.
    }
  }

  /**
   * Where the last ring came from that the last {@link #drain} or {@link #await} has found; see
   * {@link Bell#from}.
   */
  public byte rungFrom() {
    return rungFrom;
  }

  /**
   * Waits until it rings or the time is over. It may have rung before.
   *
   * @param nanos the longest wait; {@link Long#MAX_VALUE} for no end
   */
  public void await(long nanos) throws IOException {
    hearAll(SanAccess.awaitEpoll(epoll, events, MOST_EVENTS, ThreadSeat.millis(nanos)));
  }

  /**
   * Hears what has rung since the last {@link #await} or {@code drain}. Returns whether anything
   * has.
   */
  public boolean drain() {
    try {
      return hearAll(SanAccess.awaitEpoll(epoll, events, MOST_EVENTS, 0));
    } catch (IOException e) {
      throw new AssertionError("own epoll set", e); // It stays open for ever.
    }
  }

  private boolean hearAll(int found) {
    boolean rang = found > 0 || isNew;
    isNew = false;
    rungFrom = FROM_ANYWHERE;
    for (int i = 0; i < found; i++) {
      hear(SanAccess.descriptor(events, i));
    }
    return rang;
  }

  /** Under the lock under which wires are removed: else the descriptor could be another's. */
  private synchronized void hear(int fd) {
    BellWire wire = wire(fd);
    if (wire != null) {
      rungFrom = (byte) wire.heard();
    }
  }
}
