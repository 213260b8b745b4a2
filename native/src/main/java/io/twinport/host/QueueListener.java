package io.twinport.host;

import io.twinport.config.Log;
import io.twinport.config.Settings.BacklogFull;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener as the application sees it: one bounded queue of connections that are admitted and not
 * accepted yet, and what becomes of requests that find it full (SPEC L7). How requests come in is
 * the provider's.
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

  // guarded by this
  private final ArrayDeque<C> queue = new ArrayDeque<>();
  private Reason refusal;
  private boolean warned;
  private long refused;
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
    queue.add(connection);
    queued = queue.size();
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

  /** There is room again in a queue that was full. */
  protected void roomAgain() {}

  /** Closes the queue; returns what was in it, which is to be reset. Idempotent. */
  protected final List<C> shut() {
    closed = true;
    List<C> rejected = new ArrayList<>(queue);
    queue.clear();
    queued = 0;
    return rejected;
  }

  // -- accepting

  @Override
  public final synchronized SanConnection accept() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    boolean wasFull = queued == backlog;
    C oldest = queue.poll();
    queued = queue.size();
    if (wasFull) {
      roomAgain();
    }
    return oldest;
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
  public int arm(int interest, Seat seat) {
    event.select(this, seat);
    return readyEvents(interest);
  }

  @Override
  public final synchronized void refuse(Reason reason) {
    refusal = reason;
  }

  @Override
  public final String toString() {
    return "listener " + local;
  }
}
