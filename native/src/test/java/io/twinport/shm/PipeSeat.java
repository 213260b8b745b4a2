package io.twinport.shm;

import io.twinport.posix.Memory;
import io.twinport.posix.PipeEnds;
import io.twinport.posix.Posix;
import io.twinport.spi.Bell;
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
final class PipeSeat extends Seat implements AutoCloseable {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Map<SanProvider, Queue<PipeSeat>> FREE = new ConcurrentHashMap<>();

  private record PipeBell(int number, PipeEnds pipe) implements Bell {
    @Override
    public int writeFd() {
      return pipe.write();
    }
  }

  private final SanProvider provider;
  private final PipeBell bell;
  private final long scratch = Memory.allocate(8);

  /** A seat for the current thread. The provider has started. */
  static PipeSeat of(SanProvider provider) throws IOException {
    PipeSeat free = free(provider).poll();
    return free != null
        ? free
        : new PipeSeat(provider, new PipeBell(NUMBERS.incrementAndGet(), Posix.pipe()));
  }

  private static Queue<PipeSeat> free(SanProvider provider) {
    return FREE.computeIfAbsent(provider, key -> new ConcurrentLinkedQueue<>());
  }

  private PipeSeat(SanProvider provider, PipeBell bell) {
    super(bell);
    this.provider = provider;
    this.bell = bell;
  }

  @Override
  public void post(SanTarget target) {
    // The pipe remembers, so there is no moment at which a post is lost.
    Posix.ring(bell.pipe.write(), (byte) 1);
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
        rung = Posix.poll(bell.pipe.read(), Posix.POLLIN, (int) left, scratch) != 0;
      }
      provider.announceAwake(bell);
      while (Posix.drain(bell.pipe.read()) > 0) {
        // Nobody counts the rings.
      }
      ready = target.readyEvents(interest);
      if (ready != 0 && !rung && timeoutMillis >= Listening.MILLIS) {
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
