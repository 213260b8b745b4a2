package io.twinport.shm.link;

import io.twinport.config.Log;
import io.twinport.posix.Epoll;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.shm.memory.Bound;
import io.twinport.shm.memory.ChunkPool;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.shm.memory.OwnMemory;
import io.twinport.shm.memory.PeerChunks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One end of a link: this process's half of what it shares with one other process, in one direction
 * of connecting. The client's end asks for segments and permits, the server's end grants them. A
 * process that connects to itself has both ends.
 *
 * <p>Everything that belongs to a link lives until the link is dead <em>and</em> its last
 * connection has been closed, so that what a peer published before it died can be read.
 */
public abstract class Link implements EventLoop.Handler, ChunkPool.Announcer {
  /**
   * So often a message may be cut although there are descriptors again right behind it, for ten
   * seconds about; then it is not this process that lacks them.
   */
  private static final int MOST_CUTS = 500;

  /** So long what a peer has sent before its end waits for descriptors. */
  private static final long MOST_NANOS_BEHIND_END = TimeUnit.SECONDS.toNanos(10);

  /** Messages that are handled before others get their turn. */
  private static final int MESSAGES_AT_A_TIME = 64;

  /** All links of this process. */
  public final Links links;

  private final PeerBells peerBells;
  private final LinkSocket socket;
  private final SentBells sentBells;

  /** The own wire of seat 0's bell. */
  private final OwnWire ownWire;

  private final ChunkPool chunks;
  private final PeerChunks peerChunks;

  /** Replaced, never changed; read without a lock by all who poll. */
  private volatile ControlSegment[] segments = {};

  /** How many of the peer's pushes are certainly out of the rings; now and then a smaller one. */
  private volatile long pushesTaken;

  private volatile boolean dead;

  /** Stored before {@link #doomed}; never where the peer has closed its end of the socket. */
  private volatile boolean broken;

  /** The link is to die: the node's thread sees to it. */
  private volatile boolean doomed;

  // guarded by this; connections, and threads that are about to wake the peer
  private int uses;

  // of the node's thread: how far dying and ending have come, where an Error has stopped them
  private boolean buried;
  private boolean ended;
  private boolean told;

  /** The last count of pushes that {@link #rest} saw. Of the node's thread. */
  private long pushesSeen = -1;

  /** What the peer is told by {@link LinkLayout#RESTING}. Changed by the node's thread. */
  private volatile boolean resting;

  /** The messages; looked at by the node's thread. */
  private final UnixSocket.Inbox inbox =
      new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS);

  /** The first message in the socket was begun with; after an Error it is still there. */
  private boolean begun;

  /** Whether the message was begun with before. */
  private boolean again;

  /** How often in a row that was, although there were some right behind it. */
  private int cuts;

  /** Whether the peer has ended, and since when that is known. */
  private boolean endIsNear;

  private long endNanos;

  /** Takes over all that it is given, once it is made. */
  protected Link(Links links, int socket, PeerBells peerBells, OwnWire ownWire) {
    this.links = links;
    this.peerBells = peerBells;
    this.socket = new LinkSocket(this, links, socket);
    this.sentBells = new SentBells(links, this.socket, peerBells);
    this.ownWire = ownWire;
    ownWire.belongsTo(this);
    this.chunks = new ChunkPool(links.bounds(), links.spares(), this);
    this.peerChunks = new PeerChunks(links.bounds().segments);
  }

  /** The peer's process, as this process's pid namespace numbers it; 0 if it is not visible. */
  public int peerPid() {
    return 0;
  }

  /** By which the peer is woken. */
  public final PeerBells peerBells() {
    return peerBells;
  }

  /** By which the peer wakes seats of this process. */
  public final SentBells sentBells() {
    return sentBells;
  }

  /** What this side's streams are in. */
  public final ChunkPool chunks() {
    return chunks;
  }

  /** What the peer's streams are in. */
  public final PeerChunks peerChunks() {
    return peerChunks;
  }

  /** The size of a stream's first chunk, log2 bytes. */
  public final int firstChunkLog2() {
    return links.firstChunkLog2();
  }

  /** Whether it ends, or has ended, although the peer has not: its connections are reset. */
  public final boolean isBroken() {
    return broken;
  }

  /** Whether the peer is gone, or as good as: nothing that it publishes from now on counts. */
  public final boolean isDead() {
    return dead;
  }

  /** All control segments; never changed. */
  public final ControlSegment[] segments() {
    return segments;
  }

  /** The control segment of an id; null if there is none. */
  public final ControlSegment segment(int id) {
    for (ControlSegment segment : segments) {
      if (segment.id == id) {
        return segment;
      }
    }
    return null;
  }

  /** From here on what the peer pushes into the segment is taken. By the node's thread. */
  public final void addSegment(ControlSegment segment) {
    links.lookAt(this); // Nothing that follows can fail once the segment is there.
    synchronized (this) {
      ControlSegment[] more = Arrays.copyOf(segments, segments.length + 1);
      more[more.length - 1] = segment;
      if (segments.length == 0) {
        peerBells.sayingAt(segment.peer + LinkLayout.RESTING);
      }
      segments = more;
    }
  }

  protected final synchronized void removeSegment(ControlSegment segment) {
    segments = Arrays.stream(segments).filter(s -> s != segment).toArray(ControlSegment[]::new);
  }

  /** Keeps memory and descriptors until {@link #release}; false if the link is dead. */
  public final synchronized boolean retain() {
    if (dead) {
      return false;
    }
    uses++;
    return true;
  }

  /** The caller never touches shared memory again, and rings no bell. */
  public final void release() {
    boolean last;
    synchronized (this) {
      last = dead && uses == 1;
      uses--;
    }
    if (last) {
      links.loop().stir();
    }
  }

  /**
   * Takes what the peer has pushed. Who waits looks here again and again, so a look that finds
   * nothing costs the same however many segments there are: the peer counts its pushes, each behind
   * the push itself. A count is noted as taken only if it was read before all of the rings were,
   * and none was left to another thread that was at it already; so whatever was pushed up to that
   * count was in a ring when that was looked at. The segments are read behind the count: the peer
   * pushes into a segment only after it was added here.
   */
  public final void poll(boolean thoroughly) {
    ControlSegment[] some = segments;
    if (some.length == 0) {
      return;
    }
    long pushes = Memory.getLongAcquire(some[0].peer + LinkLayout.PUSHES);
    if (pushes == pushesTaken) {
      return;
    }
    if (drain(thoroughly)) {
      pushesTaken = pushes;
    }
  }

  /**
   * Has nobody look here any more, if the peer has not pushed anything since the last call: from
   * then on it rings this process's thread with each push. It pushes, makes a full fence and looks
   * at RESTING; here RESTING is stored, there is a full fence, and then a look at what it has
   * pushed. So either the peer rings, or this call finds the push, and the link is looked at as
   * before. Those who look at it still, by the list of before, do no harm. By the node's thread.
   *
   * <p>The other way: the link is on the list again before the node's thread looks at all that is
   * there. So a push that this look does not find finds a seat that has looked at the new list, or
   * will before it sleeps. Modelled in {@code resting.pml}.
   *
   * @return whether nobody need look
   */
  final boolean rest() {
    ControlSegment[] some = segments;
    if (some.length == 0 || dead) {
      return true; // Nobody pushes, or what was pushed before the death has been taken.
    }
    long pushes = Memory.getLongAcquire(some[0].peer + LinkLayout.PUSHES);
    boolean unused = pushes == pushesSeen && pushes == pushesTaken;
    pushesSeen = pushes;
    if (!unused) {
      isLookedAt(); // An Error may have stopped the last call behind the first store.
      return false;
    }
    resting = true;
    Memory.putLongRelease(some[0].own + LinkLayout.RESTING, 1);
    Memory.fullFence();
    if (Memory.getLongAcquire(some[0].peer + LinkLayout.PUSHES) != pushes) {
      isLookedAt();
      return false;
    }
    return true;
  }

  /** Whether nobody looks here, and the peer rings. */
  final boolean isResting() {
    return resting && !dead;
  }

  /** It is on the list of those that are looked at: the peer need not ring for it. */
  final void isLookedAt() {
    if (resting) {
      Memory.putLongRelease(segments[0].own + LinkLayout.RESTING, 0);
      resting = false;
    }
  }

  /**
   * The peer has rung the node's thread, by which this is called, and which then looks at all links
   * on the list.
   */
  final void rung() {
    if (isResting()) {
      links.lookAt(this);
    }
  }

  /** Looks into all rings; returns whether nothing was left there. */
  private boolean drain(boolean thoroughly) {
    boolean taken = true;
    for (ControlSegment segment : segments) {
      taken &= segment.drain(thoroughly);
    }
    return taken;
  }

  /**
   * An entry of the peer's event ring. Called under the segment's drain lock.
   *
   * @param again whether it may have been begun with before, by a thread that an Error has stopped
   */
  protected abstract void onEvent(ControlSegment segment, int slot, boolean again);

  /**
   * Looks at a slot that nobody may have pushed. Called under the segment's drain lock.
   *
   * @param again as for {@link #onEvent}
   */
  protected void onLook(ControlSegment segment, int slot, boolean again) {}

  /** Handles one message; the descriptors stay the caller's. Called by the node's thread. */
  protected abstract void onMessage(byte type, ByteBuffer message, int[] fds) throws IOException;

  /** Gives up what depends on the peer being there. Called by the node's thread. */
  protected abstract void onDeath();

  /**
   * Tells those who have no connection yet that there will be none. Where nobody has one, all
   * descriptors are given back by then: who is told may need them for TCP. Called by the node's
   * thread.
   */
  protected abstract void tellOfDeath();

  final void addOccupants(List<Occupant> found) {
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        Occupant occupant = segment.occupant(i);
        if (occupant != null) {
          found.add(occupant);
        }
      }
    }
  }

  /**
   * Called from time to time while there may be something to give back.
   *
   * @return whether there still may be
   */
  protected boolean sweep() throws IOException {
    boolean more = false;
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        Occupant occupant = segment.occupant(i);
        more |= occupant != null && occupant.sweep();
      }
    }
    return (chunks.sweep() || more) && !dead;
  }

  @Override
  public final void announce(int id, int bytes, int fd) {
    send(LinkMessages.numbers(LinkMessages.DATA, id, bytes), fd);
  }

  @Override
  public final void drop(int id) {
    send(LinkMessages.number(LinkMessages.DROP_DATA, id));
  }

  /**
   * Sends a message, or keeps it until there is room. Messages arrive in the order of the calls.
   *
   * @param fds closed once they are sent, or can't be sent any more
   */
  protected final void send(ByteBuffer message, int... fds) {
    socket.send(message, fds);
  }

  /** How many bytes of the heap's share it has, about. Any thread. */
  protected long heapBytes() {
    return socket.heapBytes();
  }

  @Override
  public final void ready(int events) {
    if ((events & Epoll.EPOLLOUT) != 0) {
      socket.writable();
    }
    if ((events & Epoll.EPOLLHUP) != 0 && !endIsNear) {
      endIsNear = true;
      endNanos = System.nanoTime();
    }
    if (!dead && !socket.isStarved() && receiveSome()) {
      doomed = true;
    }
    settle();
  }

  /** Goes on with what had to wait for descriptors. On the node's thread. */
  final void retry() {
    if (socket.isStarved() && !dead) {
      socket.starve(false);
      ready(0);
    }
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        Occupant occupant = segment.occupant(i);
        if (occupant != null) {
          occupant.retry();
        }
      }
    }
  }

  /** Handles what has come; true if the peer is gone, or breaks the rules. */
  private boolean receiveSome() {
    try {
      for (int i = 0; i < MESSAGES_AT_A_TIME && !dead; i++) {
        int length = LinkMessages.peek(inbox, socket.fd(), links.spares());
        cuts = 0;
        if (length < 0) {
          return false;
        }
        if (length == 0) {
          Log.debug(() -> "shm: " + this + " was closed by the peer");
          return true;
        }
        again = begun;
        begun = true;
        receive(inbox.message(), inbox.fds());
        inbox.skip(socket.fd());
        begun = false;
      }
      return false;
    } catch (LinkMessages.NoDescriptorsException e) {
      inbox.closeFds();
      cuts = links.spares().takeBack() ? cuts + 1 : 0;
      if (cuts < MOST_CUTS && !isTooLate()) {
        Log.debug(() -> "shm: " + this + " waits: " + Log.cause(e));
        socket.starve(true);
        links.retrySoon();
        return false;
      }
      begun = false;
      broken = true;
      return true;
    } catch (IOException | RuntimeException e) {
      begun = false; // It stays where it is, and nobody goes on with it.
      broken = true;
      Log.debug(() -> "shm: " + this + " fails: " + Log.cause(e));
      return true;
    } finally {
      // What nobody has kept are duplicates: of what is mapped, or still in the socket.
      inbox.closeFds();
      links.spares().takeBack();
    }
  }

  /** Whether nobody is there any more, and those who read have waited for long. */
  private boolean isTooLate() {
    return endIsNear && System.nanoTime() - endNanos > MOST_NANOS_BEHIND_END;
  }

  /** Whether what is being handled was begun with before, so that a part of it may be done. */
  protected final boolean isRepeated() {
    return again;
  }

  private void receive(ByteBuffer message, int[] fds) throws IOException {
    byte type = message.get();
    switch (type) {
      case LinkMessages.DATA -> {
        int id = LinkMessages.number(message);
        int bytes = LinkMessages.number(message);
        if (!again || peerChunks.get(id) == null) {
          addChunks(id, bytes, fds[0]);
        }
        // between the segment and the seats of those who wait for it: see InStream.isReadable
        Memory.fullFence();
        for (ControlSegment segment : segments) {
          for (int i = 0; i < segment.slots; i++) {
            Occupant occupant = segment.occupant(i);
            if (occupant != null) {
              occupant.segmentsArrived();
            }
          }
        }
      }
      case LinkMessages.DROP_DATA -> {
        int id = LinkMessages.number(message);
        if (!again || peerChunks.get(id) != null) {
          peerChunks.drop(id);
        }
      }
      case LinkMessages.BELL -> {
        // it would keep a spare descriptor; without it the peer's own thread is rung for that seat
        boolean kept =
            peerBells.add(LinkMessages.number(message), fds[0], links.spares().areComplete());
        int wire = fds[0];
        fds[0] = -1;
        if (!kept) {
          Posix.close(wire);
        }
      }
      default -> onMessage(type, message, fds);
    }
  }

  /**
   * Takes a data segment of the peer's. All links share what mappings there are: where there are no
   * more, the link goes that has most of them.
   */
  private void addChunks(int id, int bytes, int fd) throws IOException {
    Bound segments = links.bounds().segments;
    if (segments.tryReserve(1)) {
      segments.release(1); // Counted with each mapping.
    } else {
      links.breakLargest(segments, link -> link.peerChunks().mappings(), "data segments");
    }
    peerChunks.add(id, bytes, fd);
  }

  /** The peer wrote what cannot be true: the link ends. Any thread. */
  protected final void violated(String what) {
    if (!doomed) {
      broken = true;
      Log.debug(() -> "shm: " + this + ": the peer broke the rules: " + what);
      doom();
    }
  }

  /** Has the link die. Any thread. */
  void doom() {
    doomed = true;
    links.loop().stir();
  }

  /**
   * Dies, if that is to be, and gives all back once nobody uses it. Called by the node's thread
   * whenever it is stirred, until {@link #isOver}: what an Error has stopped goes on.
   */
  final void settle() {
    if (begun && !dead && !socket.isStarved() && receiveSome()) {
      doomed = true;
    }
    socket.settle();
    if (doomed && !buried) {
      die();
    }
    if (buried && !ended) {
      boolean unused;
      synchronized (this) {
        unused = uses == 0;
      }
      if (unused) {
        end();
      }
    }
    if (buried && !told) {
      tellOfDeath();
      told = true;
    }
  }

  /** Whether nothing is left of it. */
  final boolean isOver() {
    return ended && told;
  }

  /**
   * Ends the link: the peer is gone, or as good as. On the node's thread; every step may be done
   * again.
   */
  private void die() {
    if (!broken && !dead) {
      // what the peer has pushed before its end counts as if it still lived: clients need not wait
      // for anybody to be connected
      drain(true);
    }
    if (broken && !dead) {
      // the peer, which lives, is told before it finds the socket closed: else it would take what
      // has come for all there was
      for (ControlSegment segment : segments) {
        for (int i = 0; i < segment.slots; i++) {
          Occupant occupant = segment.occupant(i);
          if (occupant != null) {
            occupant.linkBreaks();
          }
        }
      }
    }
    synchronized (this) {
      dead = true;
    }
    socket.close();
    // requests and events that were pushed before the death count, be they counted or not
    drain(true);
    onDeath();
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        Occupant occupant = segment.occupant(i);
        if (occupant != null) {
          occupant.onEvent();
        }
      }
    }
    buried = true;
  }

  /** Gives all memory and descriptors back: nobody is left who uses them. On the node's thread. */
  private void end() {
    // All of them first: a thread that still handles what it took out of one may push into it,
    // and that is counted in the first.
    for (ControlSegment segment : segments) {
      segment.close();
    }
    sentBells.close(); // They look at the peer's board.
    closeOwnWire();
    peerBells.close();
    inbox.close();
    try {
      for (ControlSegment segment : segments) {
        removeSegment(segment);
        retire(segment);
      }
      chunks.close();
      peerChunks.close();
    } catch (IOException e) {
      Log.warn("shm: memory of a link could not be given back: " + Log.cause(e));
    }
    ended = true;
    links.bounds().giveLinkBack();
  }

  private void closeOwnWire() {
    if (!ownWire.isClosed()) { // Then its number may be somebody else's.
      links.loop().forget(ownWire.fd());
      ownWire.close();
    }
  }

  /**
   * Makes memory for a half of a control segment, maps it to write and seals it.
   *
   * @param address receives the address
   * @return null if there may not be more
   */
  protected final OwnMemory newHalf(int bytes, long[] address) throws IOException {
    OwnMemory memory = OwnMemory.create(links.bounds(), "twinport-control", bytes);
    if (memory == null) {
      return null;
    }
    boolean mapped = false;
    boolean sealed = false;
    try {
      address[0] = links.ranges().mapReadWrite(memory.file(), bytes);
      mapped = true;
      memory.seal();
      sealed = true;
      return memory;
    } finally {
      if (!sealed) {
        if (mapped) {
          links.ranges().retire(address[0], bytes);
        }
        memory.giveUp();
      }
    }
  }

  /** Gives up own memory that is mapped at {@code address}. */
  protected final void giveUp(OwnMemory memory, long address) throws IOException {
    links.ranges().retire(address, memory.bytes());
    memory.giveUp();
    links.loop().stir(); // As long as the peer has it.
  }

  /** Gives a segment's memory back, when no connection is left in it and none can begin. */
  protected void retire(ControlSegment segment) throws IOException {
    segment.close();
    int bytes = LinkLayout.halfBytes(segment.slots);
    links.ranges().retire(segment.peer, bytes);
    giveUp(segment.memory, segment.own);
  }
}
