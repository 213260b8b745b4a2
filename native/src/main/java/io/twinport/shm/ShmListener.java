package io.twinport.shm;

import io.twinport.host.Headroom;
import io.twinport.host.QueueListener;
import io.twinport.posix.Memory;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.Seat;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;

/** A listener whose requests stand in shared memory, whichever process they come from. */
final class ShmListener extends QueueListener<ShmConnection> {
  private final Node node;
  private final AcceptCondition condition;

  // guarded by this
  private final Set<ServerLink.Attachment> attachments = new LinkedHashSet<>();

  ShmListener(Node node, InetSocketAddress local, int backlog, AcceptCondition condition) {
    super(local, backlog, node.settings().host().backlogFull());
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
   * Decides on a request. Called again where an Error has ended it, it goes on with what it finds.
   *
   * @return the verdict, which the caller stores
   */
  long admit(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    synchronized (this) {
      ShmConnection begun = segment.connection(slot);
      if (begun != null && begun.entered) {
        return confirm(segment, slot, generation);
      }
      long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
      if ((state & LinkLayout.CANCELLED) != 0) {
        return LinkLayout.verdict(generation, LinkLayout.DROPPED, 0);
      }
      if (isClosed()) {
        return LinkLayout.verdict(generation, LinkLayout.NO_LISTENER, 0);
      }
      Reason tcp = refusal();
      if (tcp == null && !node.bounds().memory.hasRoomFor(1)) {
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

  /**
   * Tells whoever waits that a connection was admitted. Without the monitor, because whoever is
   * posted to may be about to arm.
   *
   * @param again whether it may have been told before, or not to the end
   */
  void tellAdmitted(boolean again) {
    event().signal(NetworkEvent.ACCEPT);
    Seat waiting = event().seat();
    if (again && waiting != null) {
      waiting.post(this);
    }
  }

  private static long refused(int generation, Reason tcp) {
    return tcp == null
        ? LinkLayout.verdict(generation, LinkLayout.REFUSED, 0)
        : LinkLayout.verdict(generation, LinkLayout.USE_TCP, tcp.onWire());
  }

  /**
   * Puts the request into the queue, unless its client gives it up at this moment: store ADMITTED,
   * full fence, load the client's state; see {@link ShmConnection#cancelConnect} and {@code
   * accept.pml}.
   */
  private long confirm(
      ServerLink.Attachment attachment,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    ServerLink link = attachment.link();
    Memory.putLongRelease(
        segment.ownSlot(slot) + LinkLayout.VERDICT,
        LinkLayout.verdict(generation, LinkLayout.ADMITTED, 0));
    Memory.fullFence();
    long state = Memory.getLongAcquire(segment.peerSlot(slot) + LinkLayout.STATE);
    if ((state & LinkLayout.CANCELLED) != 0 || LinkLayout.generation(state) != generation) {
      return LinkLayout.verdict(generation, LinkLayout.DROPPED, 0);
    }
    ShmConnection connection = segment.connection(slot);
    if (connection == null) {
      connection = new ShmConnection(link, segment, slot, generation, attachment.local(), remote);
      segment.connection(slot, connection);
    }
    if (!connection.retainLink()) {
      return LinkLayout.verdict(generation, LinkLayout.DROPPED, 0);
    }
    enter(connection);
    connection.entered = true;
    return confirm(segment, slot, generation);
  }

  private long confirm(ControlSegment segment, int slot, int generation) {
    if (room() == 0) {
      // what comes now is refused by this process's own thread; whoever waits here sleeps on
      tellSeat(null);
    }
    // confirmed before anybody can accept it: accept() takes the same monitor
    long verdict = LinkLayout.verdict(generation, LinkLayout.CONFIRMED, 0);
    Memory.putLongRelease(segment.ownSlot(slot) + LinkLayout.VERDICT, verdict);
    return verdict;
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

  /** Goes on where an Error has stopped it, if it is called again. */
  @Override
  public void close() {
    Headroom.ensure();
    node.listeners().remove(this);
    synchronized (this) {
      shut();
    }
    for (ServerLink.Attachment next = any(); next != null; next = any()) {
      next.link().detach(next);
      forget(next);
    }
    reject();
  }

  private synchronized ServerLink.Attachment any() {
    return attachments.isEmpty() ? null : attachments.iterator().next();
  }
}
