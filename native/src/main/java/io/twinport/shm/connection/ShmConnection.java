package io.twinport.shm.connection;

import io.twinport.host.Faults;
import io.twinport.host.Headroom;
import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Link;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.stream.ShmStreams;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;

/**
 * One end of a connection: how it comes to be and how it ends.
 *
 * <p>The monitor guards the phase and every store to the own half of the slot but those of the
 * streams; it is held for a few instructions, never while waiting.
 */
public final class ShmConnection extends ShmStreams implements WaitingQueue.Waiter {
  /**
   * Phases grow, but for a request that came too late to a listener, which is looked up again once.
   */
  private enum Phase {
    /** A client's end that has no slot yet: the link or a segment is being set up. */
    DIALLING,
    /** The request stands in shared memory, and has no verdict yet. */
    REQUESTED,
    /** The connect has failed, with {@code failure}. */
    FAILED,
    /**
     * Connected by a place in the listener's queue that was granted before; the server has not been
     * seen to have taken the request up.
     */
    GRANTED,
    CONNECTED,
    /** Closed here; the slot may still be needed by the peer. */
    CLOSED,
    /** Nothing of this connection is left in shared memory. */
    ENDED
  }

  /** A client's end: who watches the connect. Null while the provider is starting. */
  private volatile Connects connects;

  private final InetSocketAddress remote;

  /** The address the application has bound, or null. */
  private final InetSocketAddress bound;

  /** Nanoseconds; set when the node begins to dial, so that the provider's start does not count. */
  private volatile long connectDeadline;

  // guarded by this for writing
  private volatile Phase phase = Phase.DIALLING;
  private IOException failure;
  private boolean lookedUpAgain;
  private volatile InetSocketAddress local;

  // set anew for each request, before the phase leaves DIALLING
  private ClientPermit permit;

  /** A client's end: whether the slot is to be given back. Guarded by this. */
  private boolean holdsSlot;

  /** A server's end: whether the listener's queue has had it. Guarded by the listener. */
  boolean entered;

  /** Whether the peer has been told that no more bytes will come. Guarded by this. */
  private boolean ended;

  // who waits; written under the monitor
  private volatile Seat connectSeat;

  /**
   * A client's end.
   *
   * @param bound the address the application has bound, or null
   */
  public ShmConnection(InetSocketAddress remote, InetSocketAddress bound) {
    this.remote = remote;
    this.bound = bound;
  }

  /** A server's end, which begins connected. Resets its half of the slot. */
  public ShmConnection(
      Link link,
      ControlSegment segment,
      int slot,
      int generation,
      InetSocketAddress local,
      InetSocketAddress remote) {
    this.remote = remote;
    this.bound = null;
    this.local = local;
    take(link, segment, slot, generation, true);
    Memory.putLongRelease(own + LinkLayout.STATE, LinkLayout.word(generation, LinkLayout.OPEN));
    phase = Phase.CONNECTED;
  }

  // -- connecting

  /**
   * The provider has started: from now on the connect's time counts. A server that is stopped
   * leaves the request without an answer for longer, and the connect then goes on over TCP; one
   * that is busy does not, because a thread of its own answers.
   */
  public void dialledBy(Connects watcher) {
    connectDeadline = System.nanoTime() + watcher.patienceNanos();
    connects = watcher;
    Seat waiter = connectSeat;
    if (waiter != null) {
      // Armed before there was a node: nothing watches it, and what it has said of its sleep was
      // heard by nobody. Told now, it looks again and says so again. It stored its seat before it
      // looked for the node to tell, and the node is there since before this look for its seat.
      watcher.watch(this);
      waiter.post(this);
    }
  }

  /** Whether it has no request in shared memory, and may get one. */
  @Override
  public boolean isWanted() {
    return phase == Phase.DIALLING;
  }

  /**
   * Puts the request into shared memory, on a slot of the client's end of a link. The caller has
   * retained the link.
   *
   * @return false if the connect was given up meanwhile, or the link is dead; the slot is then free
   */
  synchronized boolean request(
      Link aLink, ControlSegment aSegment, int aSlot, int aGeneration, ClientPermit to) {
    if (phase != Phase.DIALLING) {
      return false;
    }
    take(aLink, aSegment, aSlot, aGeneration, false);
    permit = to;
    Request.write(own, to.id(), bound);
    boolean anyAddress = bound == null || bound.getAddress().isAnyLocalAddress();
    local =
        new InetSocketAddress(
            anyAddress ? to.localHost() : bound.getAddress(),
            bound == null ? aSegment.portBase + aSlot : bound.getPort());
    if (connectSeat != null) {
      Request.arm(own, generation, link.sentBells().seatNumber(connectSeat));
    }
    if (!retainLink()) {
      return false;
    }
    Headroom.ensure(); // A claim must not be made by halves.
    holdsSlot = true;
    aSegment.occupant(aSlot, this);
    // whether an address may be had, and what becomes of those who find no memory, is the server's
    // to say
    boolean mayClaim = bound == null && link.links.bounds().memory.hasRoomFor(1);
    boolean granted = to.claims().put(own, peer, aGeneration, mayClaim);
    phase = granted ? Phase.GRANTED : Phase.REQUESTED;
    return true;
  }

  /** Whether it is, or was, connected: by a verdict, or by a place that was granted. */
  public boolean wasConnected() {
    return phase.compareTo(Phase.GRANTED) >= 0;
  }

  /** Tells whoever has begun to wait before there was a request that it is connected. */
  void tellConnected() {
    post(connectSeat);
  }

  /**
   * Takes a request back that an Error has ended before it stood in shared memory.
   *
   * @return false if it stands there
   */
  synchronized boolean takeBack(ControlSegment aSegment, int aSlot) {
    if (phase != Phase.DIALLING) {
      return false;
    }
    if (aSegment == segment && aSlot == slot) {
      holdsSlot = false;
      leave();
    }
    return true;
  }

  /** A server's end whose request was not confirmed. */
  void drop() {
    if (entered) {
      abort();
      return;
    }
    synchronized (this) {
      phase = Phase.ENDED;
      leave();
    }
  }

  /** Ends a connect that has no request in shared memory. */
  public void fail(IOException why) {
    synchronized (this) {
      if (phase != Phase.DIALLING) {
        return;
      }
      failure = Faults.forSwitch(why);
      phase = Phase.FAILED;
    }
    post(connectSeat);
  }

  /**
   * Looks whether the server has decided, and takes its verdict; see {@link Request}. Only the
   * first caller after the verdict changes the phase.
   */
  private void takeVerdict() {
    Phase before = phase;
    if (before == Phase.GRANTED) {
      takeUp();
      return;
    }
    if (before != Phase.REQUESTED || (verdictCode() == Request.NONE && !link.isDead())) {
      return;
    }
    boolean again = false;
    synchronized (this) {
      if (phase != Phase.REQUESTED) {
        return;
      }
      int code = verdictCode();
      if (!Request.isFinal(code)) {
        if (!link.isDead()) {
          return;
        }
        // a link may die before its server does: once withdrawn, the request can't be taken any
        // more
        code = Request.withdraw(own, peer, generation, link);
      }
      if (code == Request.CONFIRMED) {
        phase = Phase.CONNECTED;
      } else {
        again = Request.callsForAnotherLook(code) && !lookedUpAgain;
        if (again) {
          lookedUpAgain = true;
          local = null;
          phase = Phase.DIALLING;
        } else {
          failure = Request.failure(code, peer);
          phase = Phase.FAILED;
        }
        // the server will never accept this request
        leave();
      }
    }
    if (again) {
      ((ClientLink) link).holder().lookUpAgain(this);
    } else {
      // whoever takes the verdict tells those who wait for it: its event, if it is still to come,
      // finds nothing to tell
      post(connectSeat);
    }
  }

  /** Looks whether the server has taken up, or has denied, what is connected already. */
  private void takeUp() {
    if (isTakenUp() || isTurnedAway()) {
      synchronized (this) {
        if (phase == Phase.GRANTED) {
          phase = Phase.CONNECTED;
        }
      }
    }
  }

  @Override
  protected boolean isConfirmed() {
    return verdictCode() == Request.CONFIRMED;
  }

  @Override
  protected boolean isDenied() {
    boolean dead = link.isDead(); // First: what a server has stored before its end counts.
    int code = verdictCode();
    return code != Request.CONFIRMED && (dead || Request.isFinal(code));
  }

  /**
   * Leaves the slot and lets the link go, as far as that was not done: after an Error a sweep goes
   * on with it. The caller holds the monitor; the phase says already that nothing here is used.
   */
  private void leave() {
    releaseLink();
    if (holdsSlot) {
      ((ClientLink) link).freeSlot(segment, slot);
      holdsSlot = false;
    }
    segment.leave(slot, this);
  }

  @Override
  public boolean finishConnect() throws IOException {
    if (connects != null) {
      decide(System.nanoTime());
    }
    Phase now = phase; // No switch: the compiler would make a class for it.
    if (now == Phase.DIALLING || now == Phase.REQUESTED) {
      return false;
    }
    if (now == Phase.GRANTED || now == Phase.CONNECTED) {
      return true;
    }
    // One that has failed is closed where the server confirms it later: its request was taken, so
    // it must not go to TCP.
    throw failure != null ? failure : new SanUnavailableException(Reason.TIMEOUT);
  }

  /** Withdraws the request; see {@link Request} for when it may go to TCP then. */
  @Override
  public boolean cancelConnect() {
    synchronized (this) {
      if (phase == Phase.DIALLING) {
        failure = new SanUnavailableException(Reason.TIMEOUT);
        phase = Phase.FAILED;
        return true;
      }
      if (phase == Phase.REQUESTED) {
        int code = Request.withdraw(own, peer, generation, link);
        if (code == Request.CONFIRMED) {
          Request.keep(own, generation);
          phase = Phase.CONNECTED;
          return false;
        }
        // a server that was stopped right between its two stores may still confirm, so this connect
        // must not go to TCP
        failure =
            code == Request.ADMITTED
                ? new ConnectException("Connection timed out")
                : new SanUnavailableException(Reason.TIMEOUT);
        phase = Phase.FAILED;
        if (!tryEnd()) {
          ((ClientLink) link).linger(this);
        }
        return true;
      }
      return !isUp();
    }
  }

  private int verdictCode() {
    return Request.code(peer, generation);
  }

  /**
   * Takes the verdict, or gives the connect up if there is none in its time, and tells whoever
   * waits. One that was granted is never given up.
   *
   * @return whether the connect has its outcome, and the server has to be reminded of nothing
   */
  boolean expire(long now) {
    boolean decided = decide(now);
    if (decided) {
      // the verdict's event, if it is still to come, finds it taken
      post(connectSeat);
    }
    Phase current = phase;
    if (current == Phase.REQUESTED || current == Phase.GRANTED) {
      remind();
    } else if (isUp()) {
      wakeBoth(); // It was armed before the server had taken it up, or has turned it away.
    }
    return decided && current != Phase.GRANTED;
  }

  /**
   * Whoever was rung for the request has not answered: stopped by an Error, perhaps. The server's
   * own thread takes what is left lying.
   */
  private synchronized void remind() {
    boolean open = phase == Phase.REQUESTED || phase == Phase.GRANTED || phase == Phase.CLOSED;
    if (open && !link.isDead()) {
      Memory.fullFence();
      segment.notifyPeer(slot, 0);
    }
  }

  /**
   * Gives up a connect that has got no answer in its time; the application then goes on over TCP.
   */
  private boolean decide(long now) {
    takeVerdict();
    Phase current = phase;
    if (current != Phase.DIALLING && current != Phase.REQUESTED) {
      return true;
    }
    if (now - connectDeadline < 0) {
      return false;
    }
    cancelConnect();
    return true;
  }

  /** For tests. */
  Link link() {
    return link;
  }

  /** What the last request was sent to; null if there was none. */
  public ClientPermit lastPermit() {
    return permit;
  }

  // -- waiting

  @Override
  protected boolean isUp() {
    Phase now = phase;
    return now == Phase.CONNECTED || now == Phase.GRANTED;
  }

  @Override
  public int readyEvents(int interest) {
    Phase now = phase;
    if (now == Phase.REQUESTED || now == Phase.GRANTED) {
      takeVerdict();
      now = phase;
    }
    if (now == Phase.CONNECTED || now == Phase.GRANTED) {
      return (interest & NetworkEvent.CONNECT) | streamEvents(interest);
    }
    if (now == Phase.DIALLING || now == Phase.REQUESTED) {
      return 0;
    }
    return now == Phase.FAILED ? interest & NetworkEvent.CONNECT : interest;
  }

  @Override
  public int arm(int interest, Seat seat) {
    if ((interest & NetworkEvent.CONNECT) != 0 && phase.compareTo(Phase.GRANTED) < 0) {
      return armForConnect(interest, seat);
    }
    int ready;
    synchronized (this) {
      boolean takenUp;
      do {
        if (!isUp()) {
          return interest;
        }
        // An arm has to be where the peer's stream stands: see armStreams().
        takenUp = isTakenUp();
        armStreams(interest, seat);
        ready = readyEvents(interest);
      } while (ready == 0 && takenUp != isTakenUp());
    }
    Connects watcher = connects;
    if (ready == 0 && phase == Phase.GRANTED && watcher != null) {
      watcher.watch(this);
    }
    return ready;
  }

  private int armForConnect(int interest, Seat seat) {
    synchronized (this) {
      connectSeat = seat;
      if (phase == Phase.REQUESTED) {
        Request.arm(own, generation, link.sentBells().seatNumber(seat));
      }
    }
    int ready = readyEvents(interest);
    Connects watcher = connects;
    // if there is none yet, dialledBy() stores it and then looks for our seat
    if (ready == 0 && watcher != null) {
      watcher.watch(this);
    }
    return ready;
  }

  @Override
  public void onEvent() {
    Phase before = phase;
    if (before == Phase.REQUESTED) {
      takeVerdict();
      if (phase != Phase.REQUESTED) {
        post(connectSeat);
      }
      return;
    }
    if (before == Phase.GRANTED) {
      takeUp();
    }
    if (before == Phase.GRANTED || before == Phase.CONNECTED) {
      wakeBoth();
    } else {
      finish();
    }
  }

  // -- ending

  @Override
  public void shutdownOutput() {
    Headroom.ensure();
    synchronized (this) {
      if (isUp()) {
        ended = true;
        lastWords = LinkLayout.OPEN | LinkLayout.FIN;
        sayLastWords();
      }
    }
  }

  @Override
  public void linkBreaks() {
    synchronized (this) {
      if (isUp()) {
        say(LinkLayout.OPEN | LinkLayout.CLOSED | LinkLayout.RESET | (ended ? LinkLayout.FIN : 0));
      }
    }
  }

  @Override
  public void close() {
    close(false, false);
  }

  @Override
  public void closeBehindOutput() {
    close(true, false);
  }

  @Override
  public void abort() {
    close(false, true);
  }

  private void close(boolean endsOutput, boolean reset) {
    Headroom.ensure();
    synchronized (this) {
      if (phase.compareTo(Phase.GRANTED) < 0) {
        if (cancelConnect()) {
          return;
        }
      }
      if (isUp()) {
        // an end that the peer was told of before stays one, whatever comes after it
        if (reset && unreadByPeer() > MOST_UNREAD_BEFORE_END) {
          ended = false;
        }
        ended |= endsOutput;
        long flags = LinkLayout.OPEN | LinkLayout.CLOSED | (ended ? LinkLayout.FIN : 0);
        reset |= in.unread() > 0 || link.isBroken();
        flags |= reset ? LinkLayout.RESET : LinkLayout.FIN;
        lastWords = flags;
        phase = Phase.CLOSED;
      } else if (phase != Phase.CLOSED) {
        return;
      }
      link.links.wantSweep();
      if (!tryEnd() && link instanceof ClientLink client) {
        client.linger(this);
      }
    }
  }

  /**
   * Gives memory back that an idle connection, or one closed here, needs no more, and finishes what
   * an Error has stopped.
   *
   * @return whether the slot waits for the peer to close: it may do so without a ring
   */
  @Override
  public boolean sweep() {
    Phase now = phase;
    if (now == Phase.GRANTED) {
      takeUp();
      now = phase;
    }
    if (now == Phase.CONNECTED || now == Phase.GRANTED) {
      settle();
      out.sweep();
      boolean more = in.sweep();
      if (now == Phase.GRANTED) {
        remind(); // An Error may have kept it from the server.
      }
      return more || now == Phase.GRANTED;
    }
    boolean waits = finish();
    if (waits && phase == Phase.CLOSED && !isTakenUp()) {
      remind();
    }
    return waits;
  }

  /** Ends what is over; returns whether it waits for the peer. */
  private boolean finish() {
    return phase.compareTo(Phase.FAILED) >= 0 && !tryEnd();
  }

  /** Tells the peer what an Error has kept from it. */
  private void settle() {
    in.settle();
    if (lastWords != 0) {
      synchronized (this) {
        if (isUp()) {
          sayLastWords();
        }
      }
    }
  }

  /**
   * Ends a closed connection once the peer needs nothing of it. The client's end, which gives out
   * the slots, ends last. Whatever an Error stops here is done by the next call, of a sweep at the
   * latest.
   *
   * @return whether it has ended
   */
  synchronized boolean tryEnd() {
    if (phase == Phase.FAILED) {
      // a withdrawn request: the slot is free when the server has seen that
      if (segment == null || segment.occupant(slot) != this) {
        return true;
      }
      int code = holdsSlot ? verdictCode() : Request.DROPPED;
      if (code == Request.CONFIRMED && !link.isDead()) {
        // the server was stopped between admitting and confirming, for longer than we could wait
        lastWords = LinkLayout.OPEN | LinkLayout.CLOSED | LinkLayout.RESET;
        phase = Phase.CLOSED;
      } else if (!Request.isFinal(code) && !link.isDead()) {
        return false;
      } else {
        leave();
        return true;
      }
    }
    if (phase == Phase.ENDED) {
      leave();
      return true;
    }
    if (phase != Phase.CLOSED) {
      return false;
    }
    sayLastWords();
    long flags = peerFlags();
    if ((flags & LinkLayout.CLOSED) == 0 && !out.isDrained()) {
      return false;
    }
    out.release();
    if (link instanceof ServerLink server) {
      server.ended(remote, segment, slot);
      long state = Memory.getLong(own + LinkLayout.STATE);
      Memory.putLongRelease(own + LinkLayout.STATE, state | LinkLayout.DONE);
    } else if ((flags & LinkLayout.DONE) == 0 && !isTurnedAway() && !link.isDead()) {
      return false;
    }
    phase = Phase.ENDED;
    leave();
    return true;
  }

  /** Holds the monitor, under which what it reads is given back. */
  @Override
  public synchronized ConnectionNumbers numbers() {
    return isUp() || isClosing() ? numbers(link instanceof ServerLink, isClosing()) : null;
  }

  /** Whether it is closed here, and waits for the peer. */
  public boolean isClosing() {
    return phase == Phase.CLOSED;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public String toString() {
    return "connection " + local + " → " + remote;
  }
}
