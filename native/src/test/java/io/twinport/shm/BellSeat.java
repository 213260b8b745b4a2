package io.twinport.shm;

import io.twinport.posix.Epoll;
import io.twinport.posix.Posix;
import io.twinport.spi.Bell;
import io.twinport.spi.BellWire;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A seat for one thread that waits for one target, as the switch's blocked threads do. It is used
 * again once it is closed, because peers keep its bell as long as this process lives.
 */
final class BellSeat extends Seat implements AutoCloseable {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Map<SanProvider, Queue<BellSeat>> FREE = new ConcurrentHashMap<>();

  /** An epoll set, of an event descriptor and what wires there are. */
  private static final class EpollBell implements Bell {
    private final int number = NUMBERS.incrementAndGet();
    private final int inside = Posix.eventfd();
    private final Epoll epoll = new Epoll(8);
    private final Map<Long, BellWire> wires = new ConcurrentHashMap<>();

    EpollBell() throws IOException {
      epoll.add(inside, Epoll.EPOLLIN, -1);
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public synchronized void add(BellWire wire) throws IOException {
      wires.put((long) wire.fd(), wire);
      epoll.add(wire.fd(), Epoll.EPOLLOUT | Epoll.EPOLLET, wire.fd());
    }

    @Override
    public synchronized void remove(BellWire wire) {
      if (wires.remove((long) wire.fd(), wire)) {
        try {
          epoll.remove(wire.fd());
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }

    /** Silences it; returns whether it rang. */
    private boolean await(int millis) {
      try {
        int found = epoll.await(millis);
        for (int i = 0; i < found; i++) {
          silence(epoll.data(i));
        }
        return found > 0;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    private synchronized void silence(long data) {
      BellWire wire = wires.get(data);
      if (data == -1) {
        Posix.drain(inside);
      } else if (wire != null) {
        wire.heard();
      }
    }
  }

  private final SanProvider provider;
  private final EpollBell bell;

  /** A seat for the current thread. The provider has started. */
  static BellSeat of(SanProvider provider) throws IOException {
    BellSeat free = free(provider).poll();
    return free != null ? free : new BellSeat(provider, new EpollBell());
  }

  private static Queue<BellSeat> free(SanProvider provider) {
    return FREE.computeIfAbsent(provider, key -> new ConcurrentLinkedQueue<>());
  }

  private BellSeat(SanProvider provider, EpollBell bell) {
    super(bell);
    this.provider = provider;
    this.bell = bell;
  }

  @Override
  public void post(SanTarget target) {
    // The descriptor remembers, so there is no moment at which a post is lost.
    Posix.signal(bell.inside);
  }

  /** Waits, without spinning, until one of {@code interest} is ready; 0 after the time-out. */
  int await(SanTarget target, int interest, int timeoutMillis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (true) {
      int ready = target.arm(interest, this);
      if (ready != 0) {
        return ready;
      }
      provider.announceSleep(bell);
      ready = target.readyEvents(interest);
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      boolean rung = ready != 0 || left <= 0;
      if (!rung) {
        rung = bell.await((int) left);
      }
      provider.announceAwake(bell);
      while (bell.await(0)) {
        // Nobody counts the rings.
      }
      ready = target.readyEvents(interest);
      // A wait that ends too soon was interrupted: the process was stopped, and goes on.
      boolean waited = !rung && System.nanoTime() - end >= 0;
      if (ready != 0 && waited && timeoutMillis >= Listening.MILLIS) {
        throw new AssertionError("lost wakeup: ready for " + ready + ", but nobody rang");
      }
      if (ready != 0 || left <= 0) {
        return ready;
      }
    }
  }

  /** Looks at most {@code looks} times, taking what peers have pushed, and then waits. */
  int spinThenAwait(SanTarget target, int interest, int looks, int timeoutMillis) {
    for (int i = 0; i < looks; i++) {
      int ready = target.readyEvents(interest);
      if (ready != 0) {
        return ready;
      }
      provider.poll(false);
      Thread.onSpinWait();
    }
    return await(target, interest, timeoutMillis);
  }

  @Override
  public void close() {
    free(provider).add(this);
  }
}
