package io.twinport.nio;

import io.twinport.spi.Bell;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import sun.nio.ch.IOUtil;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;

/**
 * Where a thread blocks in {@code accept}: on TCP's listening socket and on the SAN at once. Both
 * descriptors, the socket and a bell, are in an epoll set, which is itself something to poll.
 *
 * <p>Why no wakeup is lost: as in {@link ThreadSeat}. TCP's arrivals are a level in the kernel.
 */
final class AcceptWait extends Seat {
  private static final int AWAKE = 0;
  private static final int ASLEEP = 1;
  private static final VarHandle SLEEP;

  static {
    try {
      SLEEP = MethodHandles.lookup().findVarHandle(AcceptWait.class, "sleep", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EpollBell bell;
  private final int epoll;
  private final FileDescriptor epollDescriptor;
  private volatile boolean posted;
  private volatile Thread owner;

  @SuppressWarnings("unused") // Through SLEEP.
  private volatile int sleep;

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
    this.epoll = SanAccess.newEpoll();
    this.epollDescriptor = IOUtil.newFD(epoll);
    try {
      SanAccess.addToEpoll(epoll, listeningFd);
      SanAccess.addToEpoll(epoll, bell.fd());
    } catch (IOException e) {
      SanAccess.close(epoll);
      throw e;
    }
  }

  @Override
  public void post(SanTarget target) {
    posted = true;
    if (Thread.currentThread() == owner) {
      return; // Inside a provider's poll: the owner looks at posted before it sleeps.
    }
    if (SLEEP.compareAndSet(this, ASLEEP, AWAKE)) {
      boolean rung = false;
      try {
        bell.ring();
        rung = true;
      } finally {
        if (!rung) {
          sleep = ASLEEP; // An Error has stopped it: whoever posts next rings.
        }
      }
    }
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
   * @return who has rung, see {@link WaitPolicy#slept}
   */
  byte await(SanListeners listeners, Providers providers, long nanos, BooleanSupplier isOpen)
      throws IOException {
    if (listeners.arm(this)) {
      return Bell.FROM_ANYWHERE;
    }
    try {
      providers.announceSleep(bell);
      SLEEP.setVolatile(this, ASLEEP);
      providers.poll(true);
      if (!posted && !listeners.isReady()) {
        if (!VirtualThreads.isCurrent()
            || !VirtualThreads.awaitReadable(epoll, nanos == Long.MAX_VALUE ? 0 : nanos, isOpen)) {
          SanAccess.poll(epollDescriptor, Net.POLLIN, ThreadSeat.millis(nanos));
        }
      }
    } finally {
      SLEEP.setVolatile(this, AWAKE);
      providers.announceAwake(bell);
      bell.drain();
      posted = false;
    }
    return bell.rungFrom();
  }

  /** Called once nobody waits here. */
  void close() throws IOException {
    try {
      SanAccess.close(epoll);
    } finally {
      Bells.give(bell);
    }
  }
}
