package io.twinport.host;

import io.twinport.config.Log;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;

/**
 * A listener as the application sees it: one bounded queue of connections that are admitted and not
 * accepted yet, and what becomes of requests that find it full. How requests come in is the
 * provider's.
 *
 * <p>The monitor guards the queue; a provider guards by it what has to change in one step with
 * that.
 *
 * <p>Why no wakeup is lost: a connection enters the queue before the event is signalled, and
 * whoever waits stores its seat in the event before it looks at the queue.
 *
 * @param <C> the provider's connections
 */
public abstract class QueueListener<C extends SanConnection> extends SanListener {
  private final InetSocketAddress local;
  private final int backlog;
  private final BacklogFull full;
  private final SanEvent event = new SanEvent();

  /** A place in the queue. */
  private static final class Waiting<C> {
    final C connection;
    Waiting<C> next;

    Waiting(C connection) {
      this.connection = connection;
    }
  }

  // guarded by this; the queue is linked by hand, so that no Error can leave it half changed
  private Waiting<C> oldest;
  private Waiting<C> newest;
  private Reason refusal;
  private boolean warned;
  private long refused;
  private long accepted;
  private long givenUp;
  private boolean closed;

  // changed under the monitor, read without
  private volatile int queued;

  /**
   * @param backlog how many connections the queue holds
   * @param full what clients get that find it full
   */
  protected QueueListener(InetSocketAddress local, int backlog, BacklogFull full) {
    this.local = local;
    this.backlog = backlog;
    this.full = full;
  }

  @Override
  public final InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public final SanEvent event() {
    return event;
  }

  // -- what the provider decides on; the caller holds the monitor

  protected final boolean isClosed() {
    return closed;
  }

  /** Why new clients have to use TCP; null if they need not. */
  protected final Reason refusal() {
    return refusal;
  }

  /** How many more connections the queue takes. */
  protected final int room() {
    return backlog - queued;
  }

  /** Adds a connection, for which there is room. {@link #event} is signalled afterwards. */
  protected final void enter(C connection) {
    Waiting<C> last = new Waiting<>(connection);
    if (oldest == null) {
      oldest = last;
    } else {
      newest.next = last;
    }
    newest = last;
    int before = queued;
    queued = before + 1;
  }

  /**
   * What a client gets that finds no room: null for a refusal, or why it has to use TCP. Counts it.
   */
  protected final Reason overflow() {
    refused++;
    Reason tcp = full == BacklogFull.TCP ? Reason.BACKLOG_FULL : null;
    if (!warned) {
      warned = true;
      Log.warn(
          "the backlog of "
              + backlog
              + " on "
              + local
              + " is full; clients get "
              + (tcp == null
                  ? "'Connection refused' (twinport.backlog-full=tcp sends them to TCP instead)"
                  : "TCP (twinport.backlog-full=tcp)"));
    }
    return tcp;
  }

  /** A client has withdrawn its request before it was in the queue. */
  protected final void withdrawn() {
    givenUp++;
  }

  /** There is about to be room again in a queue that was full. */
  protected void roomAgain() {}

  /**
   * There may be places to give away: the last connection has been taken out of the queue, or new
   * clients are taken again. Nothing may depend on this being done: an Error that stops it is kept
   * from whoever has taken that connection.
   */
  protected void roomToSpare() {}

  /** New clients are about to be sent to TCP. */
  protected void refusing() {}

  /** Closes the queue. {@link #reject} follows, without the monitor. Idempotent. */
  protected final void shut() {
    closed = true;
    queued = 0;
  }

  /** Resets what is in the closed queue. Called again it goes on where an Error has stopped it. */
  protected final void reject() {
    for (Waiting<C> next = oldest; next != null; next = next.next) {
      next.connection.abort();
      oldest = next.next;
    }
  }

  // -- accepting

  @Override
  public final synchronized SanConnection accept() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    Waiting<C> first = oldest;
    if (first == null) {
      return null;
    }
    if (first.connection.readyEvents(NetworkEvent.CLOSE) != 0) {
      givenUp++; // It is accepted all the same, as TCP's are.
    }
    int before = queued;
    if (before == backlog) {
      roomAgain();
    }
    accepted++;
    oldest = first.next;
    queued = before - 1;
    if (before == 1) {
      try {
        roomToSpare();
      } catch (Throwable e) {
        return first.connection;
      }
    }
    return first.connection;
  }

  @Override
  public int readyEvents(int interest) {
    return queued > 0 ? interest & NetworkEvent.ACCEPT : 0;
  }

  @Override
  public final int queued() {
    return queued;
  }

  @Override
  public final synchronized long refused() {
    return refused;
  }

  @Override
  public final int backlog() {
    return backlog;
  }

  @Override
  public final synchronized long accepted() {
    return accepted;
  }

  @Override
  public final synchronized long givenUp() {
    return givenUp;
  }

  @Override
  public int arm(int interest, Seat seat) {
    event.select(this, seat);
    return readyEvents(interest);
  }

  @Override
  public final synchronized void refuse(Reason reason) {
    if (reason != null) {
      refusing();
    }
    refusal = reason;
    if (reason == null) {
      roomToSpare();
    }
  }

  @Override
  public final String toString() {
    return "listener " + local;
  }
}
