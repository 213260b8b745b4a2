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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A listener whose requests stand in shared memory, whichever process they come from. */
public final class ShmListener extends QueueListener<ShmConnection> {
  private static final long BETWEEN_SEARCHES_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Directory directory;

  /** What a connection needs some of; whoever finds none goes by TCP. */
  private final Bound memory;

  private final AcceptCondition condition;

  // guarded by this
  private final Set<ServerPermit> permits = new LinkedHashSet<>();
  private final Grants grants;

  /** Somebody looks for requests that claims were made for, and are not there. */
  private boolean searching;

  /** Nanoseconds; no search begins before. */
  private long nextSearch = System.nanoTime();

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
    this.grants = new Grants(backlog, permits);
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
   * Decides on a request, and stores the verdict. Called again where an Error has ended it, it goes
   * on with what it finds.
   *
   * @param claim the number of the claim, by which the request may have a place; 0 for none
   * @return whether it is confirmed
   */
  boolean admit(
      ServerPermit permit,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote,
      long claim) {
    synchronized (this) {
      if (segment.occupant(slot) instanceof ShmConnection begun && begun.entered) {
        confirm(segment, slot, generation);
        return true;
      }
      long denial = denial(permit, segment, slot, generation, remote, claim);
      if (denial == 0) {
        if (confirm(permit, segment, slot, generation, remote, claim)) {
          return true;
        }
        withdrawn();
        denial = Request.verdict(generation, Request.DROPPED);
      }
      deny(permit, segment, slot, denial, claim);
      return false;
    }
  }

  /** Why there is no place for a request: the verdict. 0 if there is one. */
  private long denial(
      ServerPermit permit,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote,
      long claim) {
    if (Request.isWithdrawn(segment.peerSlot(slot))) {
      withdrawn();
      return Request.verdict(generation, Request.DROPPED);
    }
    if (isClosed()) {
      return Request.verdict(generation, Request.NO_LISTENER);
    }
    if (permit.grant().covers(claim)) {
      return 0; // Its client is connected already.
    }
    Reason tcp = refusal();
    if (tcp == null && !memory.hasRoomFor(1)) {
      tcp = Reason.MEMORY;
      grants.takeAllBack();
    }
    if (tcp != null) {
      return refused(generation, tcp);
    }
    if (room() - grants.total > 0 || grants.takeBack()) {
      return 0;
    }
    tcp = overflow();
    condition.backlogFull(remote, tcp);
    long full = refused(generation, tcp);
    if (grants.total > 0) {
      search(permit.link());
    }
    return full;
  }

  /**
   * Denies a request, and gives up the place that it may have had. Both in one step, and both
   * before anything is granted behind the claims that have got no place: who finds no verdict takes
   * a later grant for its own.
   */
  synchronized void deny(
      ServerPermit permit, ControlSegment segment, int slot, long verdict, long claim) {
    Grant grant = permit.grant();
    boolean open = true;
    if (segment.occupant(slot) instanceof ShmConnection begun) {
      open = !begun.entered;
      begun.drop();
    }
    boolean covered = open && grant.covers(claim);
    boolean beyond = open && claim > grant.granted;
    Request.deny(segment.ownSlot(slot), verdict);
    // Once, for no call is left that an Error could stop; and a verdict is given once.
    if (covered) {
      grant.reserved--;
      grants.total--;
    } else if (beyond) {
      grant.beyond++;
    }
    grantAgain(permit);
  }

  /** Gives a client places for those that it has used. */
  private void grantAgain(ServerPermit permit) {
    if (!memory.hasRoomFor(1)) {
      grants.takeAllBack();
    } else if (permits.contains(permit)) {
      grants.topUp(permit.grant(), roomToGrant());
    }
  }

  /** How many connections the queue takes, if places are granted at all now. */
  private int roomToGrant() {
    return isClosed() || refusal() != null || !memory.hasRoomFor(1) ? 0 : room();
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
  private boolean confirm(
      ServerPermit permit,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress remote,
      long claim) {
    ServerLink link = permit.link();
    if (!Request.admit(segment.ownSlot(slot), segment.peerSlot(slot), generation)) {
      return false;
    }
    ShmConnection connection;
    if (segment.occupant(slot) instanceof ShmConnection begun) {
      connection = begun;
    } else {
      connection = new ShmConnection(link, segment, slot, generation, permit.local(), remote);
      if (!segment.enter(slot, connection)) {
        return false; // Its client has just asked for a permit with the slot.
      }
    }
    if (!connection.retainLink()) {
      return false;
    }
    Grant grant = permit.grant();
    boolean covered = grant.covers(claim);
    boolean beyond = claim > grant.granted;
    enter(connection);
    connection.entered = true;
    // No call that an Error could stop: this is done if it has entered, and not again.
    if (covered) {
      grant.reserved--;
      grants.total--;
    } else if (beyond) {
      grant.beyond++;
    }
    confirm(segment, slot, generation);
    grantAgain(permit);
    return true;
  }

  private void confirm(ControlSegment segment, int slot, int generation) {
    if (room() == 0) {
      // what comes now is refused by this process's own thread; whoever waits here sleeps on
      tellSeat(null);
    }
    // confirmed before anybody can accept it: accept() takes the same monitor
    Request.confirm(segment.ownSlot(slot), generation);
  }

  // -- what clients have claimed, and do not use

  /**
   * Looks for the requests of all claims that hold places while others are refused. Whoever makes a
   * claim has put its request before: a client whose request is not there keeps others out.
   */
  private void search(ServerLink any) {
    if (!searching && System.nanoTime() - nextSearch >= 0) {
      searching = true;
      boolean asked = false;
      try {
        any.links.loop().execute(new Search());
        asked = true;
      } finally {
        searching = asked;
      }
    }
  }

  /**
   * On the node's thread, which has others to serve: a link is looked at once, however many permits
   * it has, and some time goes by before the next search.
   */
  private final class Search implements Runnable {
    @Override
    public void run() {
      Map<ServerPermit, Long> suspects = suspects();
      Set<ServerLink> links = new LinkedHashSet<>();
      for (ServerPermit suspect : suspects.keySet()) {
        links.add(suspect.link());
      }
      for (ServerLink link : links) {
        link.handleAll();
      }
      for (Map.Entry<ServerPermit, Long> suspect : suspects.entrySet()) {
        if (owes(suspect.getKey(), suspect.getValue())) {
          suspect.getKey().link().claimsInVain();
        }
      }
      searched();
    }
  }

  /** Those who hold places, and how many claims each has made. */
  private synchronized Map<ServerPermit, Long> suspects() {
    Map<ServerPermit, Long> some = new LinkedHashMap<>();
    for (ServerPermit permit : permits) {
      if (permit.grant().reserved > 0) {
        some.put(permit, permit.grant().mostClaimed());
      }
    }
    return some;
  }

  private synchronized void searched() {
    nextSearch = System.nanoTime() + BETWEEN_SEARCHES_NANOS;
    searching = false;
  }

  /** Whether not all requests of the first {@code claimed} claims have been there. */
  private synchronized boolean owes(ServerPermit permit, long claimed) {
    Grant grant = permit.grant();
    return !isClosed()
        && permits.contains(permit)
        && grant.reserved > grant.granted - Math.max(0, Math.min(claimed, grant.granted));
  }

  // -- accepting

  @Override
  protected void roomAgain() {
    tellSeat(event().seat());
  }

  @Override
  protected void roomToSpare() {
    grants.feed(roomToGrant());
  }

  @Override
  protected void refusing() {
    grants.takeAllBack();
  }

  /**
   * Selects the seat for the event, and tells the clients to ring it. A client pushes its event,
   * makes a full fence and looks for the seat; whoever sleeps on a seat makes a full fence behind
   * this, and looks at the rings. So a client that still rings the seat of before has pushed what
   * is then found.
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
    permit.grant().tell(0);
    permits.add(permit);
    grants.add(permit.grant(), roomToGrant());
    permit.link().permitted(permit);
    return true;
  }

  /** The client is gone. */
  synchronized void forget(ServerPermit permit) {
    grants.forget(permit.grant());
    permits.remove(permit);
  }

  /** Goes on where an Error has stopped it, if it is called again. */
  @Override
  public void close() {
    Headroom.ensure();
    directory.remove(this);
    synchronized (this) {
      grants.takeAllBack();
      shut();
    }
    for (ServerPermit next = any(); next != null; next = any()) {
      next.link().revoke(next);
      if (isOwed(next)) {
        next.link().handleAllSoon(); // Who waits here does not look any more.
      }
      forget(next);
    }
    reject();
  }

  /** Whether connections of the client are on their way that it has a place for. */
  private synchronized boolean isOwed(ServerPermit permit) {
    return permit.grant().reserved > 0;
  }

  private synchronized ServerPermit any() {
    return permits.isEmpty() ? null : permits.iterator().next();
  }
}
