package io.twinport.shm;

import io.twinport.host.QueueListener;
import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.Seat;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A listener whose requests stand in shared memory, whichever process they come from. */
final class ShmListener extends QueueListener<ShmConnection> {
  private final Node node;
  private final AcceptCondition condition;

  // guarded by this
  private final List<ServerLink.Attachment> attachments = new ArrayList<>();

  ShmListener(Node node, InetSocketAddress local, int backlog, AcceptCondition condition) {
    super(local, backlog, node.settings().backlogFull());
    this.node = node;
    this.condition = condition;
  }

  AcceptCondition condition() {
    return condition;
  }

  @Override
  public String provider() {
    return ShmProvider.NAME;
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
      event().signal(NetworkEvent.ACCEPT);
    }
    return verdict;
  }

  private long decide(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    synchronized (this) {
      if (isClosed()) {
        return LinkLayout.verdict(generation, LinkLayout.NO_LISTENER, 0);
      }
      Reason tcp = refusal();
      if (tcp == null && !node.budget().hasRoom()) {
        tcp = Reason.MEMORY;
      }
      if (tcp != null) {
        return refused(generation, tcp);
      }
      return room() > 0
          ? confirm(attachment, segment, slot, generation, remote)
          : refused(generation, overflow());
    }
  }

  private static long refused(int generation, Reason tcp) {
    return tcp == null
        ? LinkLayout.verdict(generation, LinkLayout.REFUSED, 0)
        : LinkLayout.verdict(generation, LinkLayout.USE_TCP, Wire.number(tcp));
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
    enter(connection);
    if (room() == 0) {
      // what comes now is refused by this process's own thread; whoever waits here sleeps on
      tellSeat(null);
    }
    // confirmed before anybody can accept it: accept() takes the same monitor
    Memory.putLongRelease(verdictWord, LinkLayout.verdict(generation, LinkLayout.CONFIRMED, 0));
    return LinkLayout.verdict(generation, LinkLayout.CONFIRMED, 0);
  }

  // -- accepting

  @Override
  protected void roomAgain() {
    tellSeat(event().seat());
  }

  /**
   * Selects the seat for the event, and tells the clients to ring it. A client that rings the seat
   * of before rings one that looks at the rings before it sleeps, or, when that seat is gone, finds
   * no verdict and rings this process's own thread.
   */
  @Override
  public int arm(int interest, Seat seat) {
    synchronized (this) {
      if (!isClosed() && seat != event().seat() && room() > 0) {
        tellSeat(seat);
      }
      return super.arm(interest, seat);
    }
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
    if (isClosed()) {
      return false;
    }
    Seat seat = room() > 0 ? event().seat() : null;
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
  public void close() {
    node.listeners().remove(this);
    List<ShmConnection> rejected;
    List<ServerLink.Attachment> detached;
    synchronized (this) {
      rejected = shut();
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
}
