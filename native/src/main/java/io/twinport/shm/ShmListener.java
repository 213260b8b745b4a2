package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.config.Settings.BacklogFull;
import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
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
 * A listener: one bounded queue of admitted requests, whichever process they come from. A request
 * that finds it full is refused without an event, so nobody wakes for it (SPEC L7).
 */
final class ShmListener extends SanListener {
  private final Node node;
  private final InetSocketAddress local;
  private final int backlog;
  private final AcceptCondition condition;
  private final SanEvent event = new SanEvent();

  // guarded by this
  private final ArrayDeque<ShmConnection> queue = new ArrayDeque<>();
  private final List<ServerLink.Attachment> attachments = new ArrayList<>();
  private boolean closed;
  private Reason refusal;
  private boolean warned;

  // changed under the monitor, read without
  private volatile int queued;

  ShmListener(Node node, InetSocketAddress local, int backlog, AcceptCondition condition) {
    this.node = node;
    this.local = local;
    this.backlog = backlog;
    this.condition = condition;
  }

  AcceptCondition condition() {
    return condition;
  }

  @Override
  public String provider() {
    return ShmProvider.NAME;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public SanEvent event() {
    return event;
  }

  // -- requests, on the thread that drains the link's events

  /**
   * Decides on a request.
   *
   * @return the verdict, which the caller stores
   */
  long admit(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    long verdict = decide(attachment, segment, slot, generation, remote);
    if (LinkLayout.code(verdict) == LinkLayout.CONFIRMED) {
      // without the monitor, because whoever is posted to may be about to arm
      event.signal(NetworkEvent.ACCEPT);
    }
    return verdict;
  }

  private long decide(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    boolean warn = false;
    synchronized (this) {
      if (closed) {
        return LinkLayout.verdict(generation, LinkLayout.NO_LISTENER, 0);
      }
      Reason tcp = refusal;
      if (tcp == null && !node.budget().hasRoom()) {
        tcp = Reason.MEMORY;
      }
      if (tcp == null && queue.size() >= backlog) {
        warn = !warned;
        warned = true;
        if (node.settings().backlogFull() == BacklogFull.TCP) {
          tcp = Reason.BACKLOG_FULL;
        }
      } else if (tcp == null) {
        return confirm(attachment, segment, slot, generation, remote);
      }
      if (warn) {
        warnOfFullBacklog(tcp);
      }
      return refused(generation, tcp);
    }
  }

  private static long refused(int generation, Reason tcp) {
    return tcp == null
        ? LinkLayout.verdict(generation, LinkLayout.REFUSED, 0)
        : LinkLayout.verdict(generation, LinkLayout.USE_TCP, Wire.number(tcp));
  }

  private void warnOfFullBacklog(Reason tcp) {
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

  /**
   * Puts the request into the queue, unless its client gives it up at this moment: store ADMITTED,
   * full fence, load the client's state; see {@link ShmConnection#cancelConnect}.
   */
  private long confirm(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    ServerLink link = attachment.link();
    long verdictWord = segment.ownSlot(slot) + LinkLayout.VERDICT;
    Memory.putLongRelease(verdictWord, LinkLayout.verdict(generation, LinkLayout.ADMITTED, 0));
    Memory.fullFence();
    long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
    if ((state & LinkLayout.CANCELLED) != 0
        || LinkLayout.generation(state) != generation
        || !link.retain()) {
      return LinkLayout.verdict(generation, LinkLayout.DROPPED, 0);
    }
    ShmConnection connection =
        new ShmConnection(link, segment, slot, generation, attachment.local(), remote);
    segment.connection(slot, connection);
    queue.add(connection);
    queued = queue.size();
    if (queued == backlog) {
      // what comes now is refused by this process's own thread; whoever waits here sleeps on
      tellSeat(null);
    }
    // confirmed before anybody can accept it: accept() takes the same monitor
    Memory.putLongRelease(verdictWord, LinkLayout.verdict(generation, LinkLayout.CONFIRMED, 0));
    return LinkLayout.verdict(generation, LinkLayout.CONFIRMED, 0);
  }

  // -- accepting

  @Override
  public SanConnection accept() throws IOException {
    synchronized (this) {
      if (closed) {
        throw new ClosedChannelException();
      }
      ShmConnection connection = queue.poll();
      if (queued == backlog) {
        tellSeat(event.seat());
      }
      queued = queue.size();
      return connection;
    }
  }

  @Override
  public int readyEvents(int interest) {
    return queued > 0 ? interest & NetworkEvent.ACCEPT : 0;
  }

  /**
   * Selects the seat for the event, and tells the clients to ring it. A client that rings the seat
   * of before rings one that looks at the rings before it sleeps, or, when that seat is gone, finds
   * no verdict and rings this process's own thread.
   */
  @Override
  public int arm(int interest, Seat seat) {
    synchronized (this) {
      if (!closed && seat != event.seat() && queued < backlog) {
        tellSeat(seat);
      }
      event.select(this, seat);
    }
    return readyEvents(interest);
  }

  /** Tells the clients whom to ring. The caller holds the monitor. */
  private void tellSeat(Seat seat) {
    for (ServerLink.Attachment attachment : attachments) {
      attachment.seat(seat == null ? 0 : attachment.link().seatNumber(seat));
    }
  }

  // -- clients

  /** Lets a client send requests; false if the listener is closed. */
  synchronized boolean attach(ServerLink.Attachment attachment) {
    if (closed) {
      return false;
    }
    Seat seat = queued < backlog ? event.seat() : null;
    attachment.seat(seat == null ? 0 : attachment.link().seatNumber(seat));
    attachments.add(attachment);
    attachment.link().attached(attachment);
    return true;
  }

  /** The client is gone. */
  synchronized void forget(ServerLink.Attachment attachment) {
    attachments.remove(attachment);
  }

  @Override
  public synchronized void refuse(Reason reason) {
    refusal = reason;
  }

  synchronized Reason refusal() {
    return refusal;
  }

  @Override
  public void close() {
    node.listeners().remove(this);
    List<ShmConnection> rejected;
    List<ServerLink.Attachment> detached;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      rejected = new ArrayList<>(queue);
      queue.clear();
      queued = 0;
      detached = new ArrayList<>(attachments);
      attachments.clear();
    }
    for (ServerLink.Attachment attachment : detached) {
      attachment.link().detach(attachment);
    }
    for (ShmConnection connection : rejected) {
      connection.abort();
    }
  }

  @Override
  public String toString() {
    return "listener " + local;
  }
}
