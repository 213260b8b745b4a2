package io.twinport.waiting;

import io.twinport.config.KernelFile;
import io.twinport.spi.Bell;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The seat of one blocked thread. A platform thread sleeps on a bell, so that a peer process wakes
 * it directly; a virtual thread, or one for which no bell is left, is unparked.
 *
 * <p>Why no wakeup is lost: see {@link Sleep}. What is stored is {@link #posted}; of what a peer
 * process stores the look at the target tells.
 */
public final class ThreadSeat extends Seat implements Sleep.Alarm {
  private static final ArrayDeque<ThreadSeat> FREE = new ArrayDeque<>();
  private static int bellsOut; // Under the monitor of FREE.
  private static int mostBells; // The same; 0 until it is asked for.

  private final EpollBell bell;
  private volatile Thread owner;
  private volatile boolean posted;
  private final Sleep sleep = new Sleep(this);

  private ThreadSeat(EpollBell bell) {
    super(bell);
    this.bell = bell;
  }

  /** Returns a seat for the current thread, to be given back with {@link #give}. */
  public static ThreadSeat take() {
    ThreadSeat seat = VirtualThreads.isCurrent() ? new ThreadSeat(null) : takeWithBell();
    seat.owner = Thread.currentThread();
    seat.posted = false;
    return seat;
  }

  /**
   * How many threads sleep on bells of their own; the others are woken by way of the provider's
   * thread. A bell has two descriptors, so that a server with a thread for each connection may need
   * a good part of what it is allowed: no more than an eighth of that.
   */
  private static int mostBells() {
    return Math.max(1, Math.min(256, KernelFile.mostDescriptors() / 16));
  }

  private static ThreadSeat takeWithBell() {
    synchronized (FREE) {
      ThreadSeat seat = FREE.pollFirst();
      if (seat != null) {
        return seat;
      }
      if (mostBells == 0) {
        mostBells = mostBells();
      }
      EpollBell bell = bellsOut < mostBells ? Bells.take() : null;
      if (bell != null) {
        bellsOut++;
      }
      return new ThreadSeat(bell);
    }
  }

  /**
   * Gives the seat back. A target that is still armed with it may post to it later: its next owner
   * then looks once more than it needs to.
   */
  public void give() {
    owner = null;
    if (bell != null) {
      synchronized (FREE) {
        FREE.addFirst(this);
      }
    }
  }

  @Override
  public void post(SanTarget target) {
    posted = true;
    sleep.end();
  }

  @Override
  public void sound() {
    if (bell != null) {
      bell.ring();
    } else {
      LockSupport.unpark(owner);
    }
  }

  /**
   * Sleeps until {@code target} may have one of {@code interest}, somebody posts, or the time is
   * over. The thread's interruption is somebody else's business: the channel's closing posts.
   *
   * @param nanos the longest sleep; {@link Long#MAX_VALUE} for no end
   * @return who has rung, see {@link Past#slept}
   */
  public byte await(SanTarget target, int interest, Announcer peers, long nanos)
      throws IOException {
    byte from = Bell.FROM_ANYWHERE;
    if (posted || target.arm(interest, this) != 0) {
      posted = false;
      return from;
    }
    if (bell == null) {
      park(target, interest, nanos);
    } else {
      from = sleepOnBell(target, interest, peers, nanos);
    }
    posted = false;
    return from;
  }

  private byte sleepOnBell(SanTarget target, int interest, Announcer peers, long nanos)
      throws IOException {
    byte from = Bell.FROM_ANYWHERE;
    try {
      peers.announceSleep(bell);
      sleep.begin();
      // A ring that comes too late for this sleep ends the next one early, as does a stale post.
      if (!posted && target.readyEvents(interest) == 0) {
        bell.await(nanos);
        from = bell.rungFrom();
      }
    } finally {
      sleep.over();
      peers.announceAwake(bell);
    }
    return from;
  }

  private void park(SanTarget target, int interest, long nanos) {
    // A platform thread that is interrupted would not park at all. What an interrupt means is told
    // by a
    // post, so it is put aside meanwhile. Virtual threads have to come back.
    boolean interrupted = !VirtualThreads.isCurrent() && Thread.interrupted();
    try {
      sleep.begin();
      // A permit left over from elsewhere ends the park early; the caller then looks and comes
      // again.
      if (!posted && target.readyEvents(interest) == 0) {
        if (nanos == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, nanos);
        }
      }
    } finally {
      sleep.over();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Milliseconds for {@code poll}, rounded up so that no wait ends early; -1 for no end. */
  public static long millis(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      return -1;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return nanos > TimeUnit.MILLISECONDS.toNanos(millis) ? millis + 1 : millis;
  }
}
