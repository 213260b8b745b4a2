package io.twinport.shm.connection;

import io.twinport.host.BacklogFull;
import io.twinport.host.Headroom;
import io.twinport.host.QueueListener;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.memory.Bound;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.Seat;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;

/** A listener whose requests stand in shared memory, whichever process they come from. */
public final class ShmListener extends QueueListener<ShmConnection> {
  private final Directory directory;

  /** What a connection needs some of; whoever finds none goes by TCP. */
  private final Bound memory;

  private final AcceptCondition condition;

  // guarded by this
  private final Set<ServerPermit> permits = new LinkedHashSet<>();

  /**
   * @param directory where it is found
   * @param memory of which a request that is admitted has to find some left
   */
  public ShmListener(
      Directory directory,
      Bound memory,
      InetSocketAddress local,
      int backlog,
      BacklogFull full,
      AcceptCondition condition) {
    super(local, backlog, full);
    this.directory = directory;
    this.memory = memory;
    this.condition = condition;
  }

  AcceptCondition condition() {
    return condition;
  }

  @Override
  public String provider() {
    return ShmConnection.PROVIDER;
  }

  // -- requests, on the thread that drains the link's events

  /**
   * Decides on a request. Called again where an Error has ended it, it goes on with what it finds.
   *
   * @return the verdict, which the caller stores
   */
  long admit(
      ServerPermit permit,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    synchronized (this) {
      if (segment.occupant(slot) instanceof ShmConnection begun && begun.entered) {
        return confirm(segment, slot, generation);
      }
      if (Request.isWithdrawn(segment.peerSlot(slot))) {
        return Request.verdict(generation, Request.DROPPED);
      }
      if (isClosed()) {
        return Request.verdict(generation, Request.NO_LISTENER);
      }
      Reason tcp = refusal();
      if (tcp == null && !memory.hasRoomFor(1)) {
        tcp = Reason.MEMORY;
      }
      if (tcp != null) {
        return refused(generation, tcp);
      }
      return room() > 0
          ? confirm(permit, segment, slot, generation, remote)
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
        ? Request.verdict(generation, Request.REFUSED)
        : Request.useTcp(generation, tcp);
  }

  /**
   * Puts the request into the queue, unless its client gives it up at this moment; see {@link
   * Request}.
   */
  private long confirm(
      ServerPermit permit,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote) {
    ServerLink link = permit.link();
    if (!Request.admit(segment.ownSlot(slot), segment.peerSlot(slot), generation)) {
      return Request.verdict(generation, Request.DROPPED);
    }
    ShmConnection connection = (ShmConnection) segment.occupant(slot);
    if (connection == null) {
      connection = new ShmConnection(link, segment, slot, generation, permit.local(), remote);
      segment.occupant(slot, connection);
    }
    if (!connection.retainLink()) {
      return Request.verdict(generation, Request.DROPPED);
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
    return Request.confirm(segment.ownSlot(slot), generation);
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
    for (ServerPermit permit : permits) {
      permit.seat(seat == null ? 0 : permit.link().sentBells().seatNumber(seat));
    }
  }

  // -- clients

  /** Lets a client send requests; false if the listener is closed. */
  synchronized boolean add(ServerPermit permit) {
    if (isClosed()) {
      return false;
    }
    Seat seat = room() > 0 ? event().seat() : null;
    permit.seat(seat == null ? 0 : permit.link().sentBells().seatNumber(seat));
    permits.add(permit);
    permit.link().permitted(permit);
    return true;
  }

  /** The client is gone. */
  synchronized void forget(ServerPermit permit) {
    permits.remove(permit);
  }

  /** Goes on where an Error has stopped it, if it is called again. */
  @Override
  public void close() {
    Headroom.ensure();
    directory.remove(this);
    synchronized (this) {
      shut();
    }
    for (ServerPermit next = any(); next != null; next = any()) {
      next.link().revoke(next);
      forget(next);
    }
    reject();
  }

  private synchronized ServerPermit any() {
    return permits.isEmpty() ? null : permits.iterator().next();
  }
}
