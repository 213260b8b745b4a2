package io.twinport.shm;

import io.twinport.posix.Memory;
import io.twinport.posix.PipeEnds;
import io.twinport.posix.Posix;
import io.twinport.spi.Bell;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A seat for one thread that waits for one target, as the switch's blocked threads do. */
final class PipeSeat extends Seat implements AutoCloseable {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private record PipeBell(int number, PipeEnds pipe) implements Bell {
    @Override
    public int writeFd() {
      return pipe.write();
    }
  }

  private final SanProvider provider;
  private final PipeBell bell;
  private final long scratch = Memory.allocate(8);
  private volatile boolean posted;

  static PipeSeat of(SanProvider provider) throws IOException {
    return new PipeSeat(provider, new PipeBell(NUMBERS.incrementAndGet(), Posix.pipe()));
  }

  private PipeSeat(SanProvider provider, PipeBell bell) {
    super(bell);
    this.provider = provider;
    this.bell = bell;
  }

  @Override
  public void post(SanTarget target) {
    posted = true;
    Posix.ring(bell.pipe.write());
  }

  /** Whether anything was posted since the last call. */
  boolean takePosted() {
    boolean was = posted;
    posted = false;
    return was;
  }

  /** Waits, without spinning, until one of {@code interest} is ready; 0 after the time-out. */
  int await(SanTarget target, int interest, int timeoutMillis) {
    long end = System.nanoTime() + timeoutMillis * 1_000_000L;
    while (true) {
      int ready = target.arm(interest, this);
      if (ready != 0) {
        return ready;
      }
      provider.announceSleep(bell);
      ready = target.readyEvents(interest);
      long left = (end - System.nanoTime()) / 1_000_000;
      if (ready == 0 && left > 0) {
        Posix.poll(bell.pipe.read(), Posix.POLLIN, (int) left, scratch);
      }
      provider.announceAwake(bell);
      Posix.drain(bell.pipe.read());
      provider.poll(true);
      ready = target.readyEvents(interest);
      if (ready != 0 || left <= 0) {
        return ready;
      }
    }
  }

  @Override
  public void close() {
    Posix.close(bell.pipe.read());
    Posix.close(bell.pipe.write());
    Memory.free(scratch);
  }
}
