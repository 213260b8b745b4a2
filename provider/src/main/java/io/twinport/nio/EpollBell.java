package io.twinport.nio;

import io.twinport.spi.Bell;
import io.twinport.spi.BellWire;
import java.io.IOException;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEventFd;

/**
 * A bell of this process: an epoll set, of an event descriptor for those inside the process and a
 * wire for each peer process. The set is itself something to poll. Nobody else has any of these
 * descriptors, so nobody can steal a ring, or have a reader or a ringer wait.
 */
final class EpollBell implements Bell {
  /** Wires that are looked at in one go; what is left rings on. */
  private static final int MOST_EVENTS = 32;

  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;

  private final int number;
  private final int epoll;
  private final SanEventFd inside;

  /** Room for what epoll finds, for good: as the bell itself. */
  private final long events;

  /** By descriptor, in pages; a page without wires may be missing. Guarded by this. */
  private BellWire[][] wires = {};

  private byte rungFrom;

  EpollBell(int number) throws IOException {
    this.number = number;
    inside = new SanEventFd();
    int set = -1;
    boolean done = false;
    try {
      set = SanAccess.newEpoll();
      SanAccess.addToEpoll(set, inside.fd());
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

  /** The epoll set, readable while the bell rings. */
  int fd() {
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
    SanAccess.addToEpoll(epoll, fd);
    wires[page][fd & (PAGE - 1)] = wire; // What rings before this finds nobody and rings on.
  }

  @Override
  public synchronized void remove(BellWire wire) {
    int fd = wire.fd();
    if (wire(fd) == wire) {
      SanAccess.removeFromEpoll(epoll, fd);
      wires[fd >>> PAGE_BITS][fd & (PAGE - 1)] = null;
    }
  }

  private BellWire wire(int fd) {
    int page = fd >>> PAGE_BITS;
    return page < wires.length && wires[page] != null ? wires[page][fd & (PAGE - 1)] : null;
  }

  /** Rings from inside the process. */
  void ring() {
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
  byte rungFrom() {
    return rungFrom;
  }

  /**
   * Waits until it rings or the time is over, and silences it as {@link #drain} does. It may have
   * rung before.
   *
   * @param nanos the longest wait; {@link Long#MAX_VALUE} for no end
   */
  void await(long nanos) throws IOException {
    silence(SanAccess.awaitEpoll(epoll, events, MOST_EVENTS, ThreadSeat.millis(nanos)));
  }

  /** Silences the bell, unless a peer goes on ringing. Returns whether it rang. */
  boolean drain() {
    try {
      return silence(SanAccess.awaitEpoll(epoll, events, MOST_EVENTS, 0));
    } catch (IOException e) {
      throw new AssertionError("own epoll set", e); // It stays open for ever.
    }
  }

  private boolean silence(int found) throws IOException {
    rungFrom = FROM_ANYWHERE;
    boolean rang = false;
    for (int i = 0; i < found; i++) {
      int fd = SanAccess.descriptor(events, i);
      if (fd == inside.fd()) {
        inside.reset();
        rang = true;
      } else {
        rang |= silenceWire(fd);
      }
    }
    return rang;
  }

  /** Under the lock under which wires are removed: else the descriptor could be another's. */
  private synchronized boolean silenceWire(int fd) {
    BellWire wire = wire(fd);
    int from = wire == null ? BellWire.NOTHING : wire.take();
    if (from >= 0) {
      rungFrom = (byte) from;
    } else if (from == BellWire.ENDED) {
      remove(wire);
    }
    return from >= 0;
  }
}
