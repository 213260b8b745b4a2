package io.twinport.core;

import io.twinport.spi.Bell;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import io.twinport.waiting.Announcer;
import io.twinport.waiting.Bells;
import io.twinport.waiting.EpollBell;
import io.twinport.waiting.Past;
import io.twinport.waiting.Sleep;
import io.twinport.waiting.VirtualThreads;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Where a thread blocks in {@code accept}: on TCP's listening socket and on the SAN at once. The
 * socket is in the epoll set of a bell.
 *
 * <p>Why no wakeup is lost: see {@link Sleep}. What is stored is {@link #posted}; TCP's arrivals
 * are a level in the kernel.
 */
final class AcceptWait extends Seat implements Sleep.Alarm {
  private final EpollBell bell;
  private final int listeningFd;
  private volatile boolean posted;
  private volatile Thread owner;
  private final Sleep sleep = new Sleep(this);

  static AcceptWait open(int listeningFd) throws IOException {
    EpollBell bell = Bells.take();
    if (bell == null) {
      throw new IOException("Too many open files");
    }
    try {
      return new AcceptWait(bell, listeningFd);
    } catch (IOException e) {
      Bells.give(bell);
      throw e;
    }
  }

  private AcceptWait(EpollBell bell, int listeningFd) throws IOException {
    super(bell);
    this.bell = bell;
    this.listeningFd = listeningFd;
    bell.addOther(listeningFd);
  }

  @Override
  public void post(SanTarget target) {
    posted = true;
    if (Thread.currentThread() == owner) {
      return; // Inside a provider's poll: the owner looks at posted before it sleeps.
    }
    sleep.end();
  }

  @Override
  public void sound() {
    bell.ring();
  }

  /** Forgets earlier posts. Before whoever closes the channel can find this seat. */
  void begin() {
    posted = false;
    owner = Thread.currentThread();
  }

  /**
   * Sleeps until there may be something to accept, somebody posts, or the time is over.
   *
   * @param nanos the longest sleep; {@link Long#MAX_VALUE} for no end
   * @return who has rung, see {@link Past#slept}
   */
  byte await(SanListeners listeners, Announcer peers, long nanos, BooleanSupplier isOpen)
      throws IOException {
    if (listeners.arm(this)) {
      return Bell.FROM_ANYWHERE;
    }
    byte from = Bell.FROM_ANYWHERE;
    try {
      peers.announceSleep(bell);
      sleep.begin();
      peers.poll(true);
      // A ring that comes too late for this sleep ends the next one early.
      if (!posted && !listeners.isReady()) {
        if (VirtualThreads.isCurrent()
            && VirtualThreads.awaitReadable(
                bell.fd(), nanos == Long.MAX_VALUE ? 0 : nanos, isOpen)) {
          bell.drain();
        } else {
          bell.await(nanos);
        }
        from = bell.rungFrom();
      }
    } finally {
      sleep.over();
      peers.announceAwake(bell);
      posted = false;
    }
    return from;
  }

  /** Called once nobody waits here, before TCP's socket is closed. */
  void close() {
    bell.removeOther(listeningFd);
    Bells.give(bell);
  }
}
