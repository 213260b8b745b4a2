package io.twinport.nio;

import io.twinport.config.Log;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.io.IOException;
import sun.nio.ch.Net;
import sun.nio.ch.SanAccess;
import sun.nio.ch.SanEventFd;

/**
 * Stands for a SAN connection, or a listener, in a selector that is not ours, which knows only of
 * descriptors: it is readable while the connection may have something for that selector. Such
 * selectors come from a time before the agent was attached, or from code that makes them without
 * asking the provider.
 *
 * <p>It is set by whatever may make the connection ready, and reset only by the selecting thread,
 * when a look has found nothing; the connection is armed after that, and arming looks again. So
 * what happens before the reset is seen by that second look, and what happens after it sets the
 * descriptor again. While the connection stays ready the descriptor stays set, as level-triggered
 * selectors need it. Serves one such selector at a time.
 */
final class ReadinessDescriptor extends Seat {
  private static final int NONE = -1;

  private final SanChannel channel;
  private final SanEventFd event;

  /** What is readable if the event is set or TCP's socket is readable; else none. */
  private final int both;

  // -- Protected by the lock of this object
  private boolean set;
  private boolean closed;

  /**
   * Makes the descriptor, which is not set.
   *
   * @throws IOException if the process has no descriptor left
   */
  ReadinessDescriptor(SanChannel channel) throws IOException {
    super(null);
    this.channel = channel;
    this.event = new SanEventFd();
    this.both = NONE;
  }

  /** As the other, of a listener: readable if TCP's socket is, too. */
  ReadinessDescriptor(SanChannel channel, int tcp) throws IOException {
    super(null);
    this.channel = channel;
    this.event = new SanEventFd();
    int epoll = NONE;
    boolean made = false;
    try {
      epoll = SanAccess.newEpoll();
      SanAccess.addToEpoll(epoll, event.fd(), Net.POLLIN);
      SanAccess.addToEpoll(epoll, tcp, Net.POLLIN);
      made = true;
    } finally {
      if (!made) {
        close(event, epoll);
      }
    }
    this.both = epoll;
  }

  int number() {
    return both != NONE ? both : event.fd();
  }

  /**
   * The events to wait for at the descriptor so that the selector learns of {@code interestOps}.
   */
  int translateInterest(int interestOps) {
    if (interestOps == 0) {
      return 0;
    }
    if (channel.sanKeys().armForeign(channel, interestOps)) {
      set();
    }
    return Net.POLLIN;
  }

  /**
   * What of {@code interestOps} is ready, in poll's bits; asked when the descriptor was readable.
   */
  int ready(int interestOps) {
    int ready = channel.sanReady(interestOps);
    if (ready == 0) {
      reset();
      if (channel.sanKeys().armForeign(channel, interestOps)) {
        set();
        ready = channel.sanReady(interestOps);
      }
    }
    return ready;
  }

  @Override
  public void post(SanTarget target) {
    set();
  }

  private synchronized void set() {
    if (!set && !closed) {
      try {
        event.set();
        set = true;
      } catch (IOException e) {
        Log.warn("a selector can't be told of a SAN connection: " + Log.cause(e));
      }
    }
  }

  private synchronized void reset() {
    if (set && !closed) {
      try {
        event.reset();
        set = false;
      } catch (IOException e) {
        // It stays set: the selector looks more often than it has to.
        Log.debug(() -> "a descriptor can't be reset: " + Log.cause(e));
      }
    }
  }

  private static void close(SanEventFd event, int epoll) throws IOException {
    try {
      event.close();
    } finally {
      if (epoll != NONE) {
        SanAccess.close(epoll);
      }
    }
  }

  /** Closes the descriptor once no selector has a key for it. Idempotent. */
  synchronized void close() throws IOException {
    if (!closed) {
      closed = true; // Nobody may write to the number when it is another's.
      close(event, both);
    }
  }
}
