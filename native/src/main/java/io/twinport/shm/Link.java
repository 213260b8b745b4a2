package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.posix.Epoll;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.spi.Bell;
import io.twinport.spi.Seat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * One end of a link: this process's half of what it shares with one other process, in one direction
 * of connecting. The client's end asks for segments and attachments, the server's end grants them.
 * A process that connects to itself has both ends.
 *
 * <p>Everything that belongs to a link lives until the link is dead <em>and</em> its last
 * connection has been closed, so that what a peer published before it died can be read.
 */
abstract class Link implements Node.Handler, ChunkPool.Announcer {
  /** A peer that leaves so many messages lying is as good as gone. */
  private static final int MOST_OUTGOING = 4096;

  /** So many may be kept for each peer also where others have all of their share of the heap. */
  private static final int FEW_OUTGOING = 64;

  /**
   * So often a message may be cut although there are descriptors again right behind it, for ten
   * seconds about; then it is not this process that lacks them.
   */
  private static final int MOST_CUTS = 500;

  /** So long what a peer has sent before its end waits for descriptors. */
  private static final long MOST_NANOS_BEHIND_END = TimeUnit.SECONDS.toNanos(10);

  /** Messages that are handled before others get their turn. */
  private static final int MESSAGES_AT_A_TIME = 64;

  private static final class Outgoing {
    final ByteBuffer message;
    final int[] fds;

    Outgoing(ByteBuffer message, int[] fds) {
      this.message = message;
      this.fds = fds;
    }
  }

  /** A bell of this process, and the wire by which the peer may ring it; nulls if it can't. */
  private record SentBell(Bell bell, OwnWire wire) {
    static final SentBell NONE = new SentBell(null, null);

    void close() {
      if (wire != null && !wire.isClosed()) {
        bell.remove(wire);
        wire.close();
      }
    }
  }

  final Node node;
  final Peer peer;
  private final int socket;

  /** The own wire of seat 0's bell. */
  private final OwnWire ownWire;

  private final ChunkPool chunks;
  private final PeerChunks peerChunks;
  private final int firstChunkLog2;

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

  /** The messages; looked at by the node's thread. */
  private final UnixSocket.Inbox inbox =
      new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS);

  /** The first message in the socket was begun with; after an Error it is still there. */
  private boolean begun;

  /** Whether the message was begun with before. */
  private boolean again;

  /** Whether the next message has to wait, because there are no descriptors for what it brings. */
  private volatile boolean starved;

  /** How often in a row that was, although there were some right behind it. */
  private int cuts;

  /** Whether the peer has ended, and since when that is known. */
  private boolean endIsNear;

  private long endNanos;

  private final Object sendLock = new Object();
  // guarded by sendLock
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();
  private SentBell[] bellsSent = {}; // by number
  private boolean socketClosed;

  /** Whether there is something in the outbox. Read without the lock, as a hint. */
  private volatile boolean unsent;

  /** Takes over all that it is given, once it is made. */
  Link(Node node, int socket, Peer peer, OwnWire ownWire) {
    this.node = node;
    this.socket = socket;
    this.peer = peer;
    this.ownWire = ownWire;
    this.chunks = new ChunkPool(node.bounds(), node.spares(), this);
    this.peerChunks = new PeerChunks(node.bounds().segments);
    this.firstChunkLog2 = 31 - Integer.numberOfLeadingZeros(node.settings().ringBytes());
  }

  final ChunkPool chunks() {
    return chunks;
  }

  final PeerChunks peerChunks() {
    return peerChunks;
  }

  final int firstChunkLog2() {
    return firstChunkLog2;
  }

  /** Whether it ends, or has ended, although the peer has not: its connections are reset. */
  final boolean isBroken() {
    return broken;
  }

  final boolean isDead() {
    return dead;
  }

  final ControlSegment[] segments() {
    return segments;
  }

  final ControlSegment segment(int id) {
    for (ControlSegment segment : segments) {
      if (segment.id == id) {
        return segment;
      }
    }
    return null;
  }

  final synchronized void addSegment(ControlSegment segment) {
    ControlSegment[] more = Arrays.copyOf(segments, segments.length + 1);
    more[more.length - 1] = segment;
    segments = more;
  }

  final synchronized void removeSegment(ControlSegment segment) {
    segments = Arrays.stream(segments).filter(s -> s != segment).toArray(ControlSegment[]::new);
  }

  /** Keeps memory and descriptors until {@link #release}; false if the link is dead. */
  final synchronized boolean retain() {
    if (dead) {
      return false;
    }
    uses++;
    return true;
  }

  /** The caller never touches shared memory again, and rings no bell. */
  final void release() {
    boolean last;
    synchronized (this) {
      last = dead && uses == 1;
      uses--;
    }
    if (last) {
      node.stir();
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
  final void poll(boolean thoroughly) {
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

  /** Looks into all rings; returns whether nothing was left there. */
  private boolean drain(boolean thoroughly) {
    boolean taken = true;
    for (ControlSegment segment : segments) {
      taken &= segment.drain(thoroughly);
    }
    return taken;
  }

  /**
   * Pushes an event for {@code slot} and rings {@code seat} if it sleeps. The caller has published
   * and fenced.
   *
   * @return whether the seat slept
   */
  final boolean notifyPeer(ControlSegment segment, int slot, int seat) {
    segment.push(slot);
    Memory.fullFence();
    return peer.wake(seat);
  }

  /**
   * An entry of the peer's event ring. Called under the segment's drain lock.
   *
   * @param again whether it may have been begun with before, by a thread that an Error has stopped
   */
  abstract void onEvent(ControlSegment segment, int slot, boolean again);

  /** Handles one message; the descriptors stay the caller's. Called by the node's thread. */
  abstract void onMessage(byte type, ByteBuffer message, int[] fds) throws IOException;

  /** Gives up what depends on the peer being there. Called by the node's thread. */
  abstract void onDeath();

  /**
   * Tells those who have no connection yet that there will be none. Where nobody has one, all
   * descriptors are given back by then: who is told may need them for TCP. Called by the node's
   * thread.
   */
  abstract void tellOfDeath();

  /**
   * Called from time to time while there may be something to give back.
   *
   * @return whether there still may be
   */
  boolean sweep() throws IOException {
    boolean more = false;
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        ShmConnection connection = segment.connection(i);
        more |= connection != null && connection.sweep();
      }
    }
    return (chunks.sweep() || more) && !dead;
  }

  /**
   * The number by which the peer rings {@code seat}; 0, this process's own thread, if the seat has
   * no bell, or one that can't be sent.
   */
  final int seatNumber(Seat seat) {
    Bell bell = seat.bell();
    if (bell == null || bell.number() >= LinkLayout.SEATS) {
      return 0;
    }
    int number = bell.number();
    synchronized (sendLock) {
      if (number >= bellsSent.length) {
        bellsSent = Arrays.copyOf(bellsSent, number + 1);
      }
      if (bellsSent[number] == null) {
        if (!node.spares().areComplete()) {
          return 0; // Until there are descriptors again.
        }
        sendBell(bell);
      }
      return bellsSent[number].wire == null ? 0 : number;
    }
  }

  /**
   * Has the peer ring {@code bell} by a wire. Once that is noted it stays, whatever happens: a peer
   * that never hears of it rings seat 0, and one that has heard of it goes on ringing it. The
   * caller holds sendLock.
   */
  private void sendBell(Bell bell) {
    SentBell noted = SentBell.NONE;
    OwnWire wire = null;
    try {
      ByteBuffer message = LinkMessages.number(LinkMessages.BELL, bell.number());
      int[] peers = {-1};
      wire = socketClosed ? null : OwnWire.of(bell.number(), node.bounds().wires, peer);
      if (wire != null) {
        SentBell sent = new SentBell(bell, wire);
        bell.add(wire);
        peers[0] = Posix.duplicate(wire.fd());
        noted = sent;
        bellsSent[bell.number()] = noted;
        send(message, peers);
      }
    } catch (IOException e) {
      Log.debug(() -> "shm: bell " + bell.number() + " stays here: " + Log.cause(e));
    } finally {
      if (noted.wire == null && wire != null) {
        bell.remove(wire);
        wire.close();
      }
    }
    bellsSent[bell.number()] = noted;
  }

  @Override
  public final void segment(int id, int bytes, int fd) {
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
  final void send(ByteBuffer message, int... fds) {
    synchronized (sendLock) {
      if (socketClosed) {
        closeAll(fds);
        return;
      }
      Bound heap = node.bounds().heap;
      boolean kept = false;
      try {
        heap.reserve(Bounds.MESSAGE_HEAP);
        outbox.add(new Outgoing(message, fds));
        kept = true;
      } finally {
        if (!kept) {
          heap.release(Bounds.MESSAGE_HEAP);
          closeAll(fds);
        }
      }
      unsent = true;
      if (outbox.size() == 1) {
        flushSoon();
      } else if (outbox.size() > MOST_OUTGOING
          || (outbox.size() > FEW_OUTGOING && !heap.hasRoomFor(0))) {
        violated("it does not take its messages");
      }
    }
  }

  /** Without memory the node's thread does it: what is in the outbox is as good as sent. */
  private void flushSoon() {
    try {
      flushOrWait();
    } catch (OutOfMemoryError e) {
      node.stir();
    }
  }

  /** The caller holds sendLock. */
  private void flushOrWait() {
    if (flush()) {
      unsent = false;
    } else {
      watchFor(Epoll.EPOLLOUT);
    }
  }

  /**
   * Watches the socket for what is to be read, and {@code more}. Where that can't be read for now,
   * the end of the peer is told once, instead of again and again.
   */
  private void watchFor(int more) {
    node.watchFor(socket, this, (starved ? Epoll.EPOLLET : Epoll.EPOLLIN) | more);
  }

  /** Sends what can be sent; true if nothing is left. */
  private boolean flush() {
    for (Outgoing next = outbox.peek(); next != null; next = outbox.peek()) {
      try {
        if (!UnixSocket.send(socket, next.message, next.fds)) {
          return false;
        }
      } catch (IOException e) {
        // the peer is gone, or misses a message from now on, which is no better
        Log.debug(() -> "shm: " + this + ": " + Log.cause(e));
        doom();
      }
      removeOutgoing();
      closeAll(next.fds);
    }
    return true;
  }

  /** The caller holds sendLock. */
  private void removeOutgoing() {
    outbox.remove();
    node.bounds().heap.release(Bounds.MESSAGE_HEAP);
  }

  /** How many bytes of the heap's share it has, about. Any thread. */
  long heapBytes() {
    return (long) outbox.size() * Bounds.MESSAGE_HEAP;
  }

  private static void closeAll(int[] fds) {
    for (int i = 0; i < fds.length; i++) {
      int fd = fds[i];
      if (fd >= 0) {
        Posix.close(fd);
        fds[i] = -1;
      }
    }
  }

  @Override
  public final void ready(int events) {
    if ((events & Epoll.EPOLLOUT) != 0) {
      synchronized (sendLock) {
        if (!socketClosed && flush()) {
          unsent = false;
          watchFor(0);
        }
      }
    }
    if ((events & Epoll.EPOLLHUP) != 0 && !endIsNear) {
      endIsNear = true;
      endNanos = System.nanoTime();
    }
    if (!dead && !starved && receiveSome()) {
      doomed = true;
    }
    settle();
  }

  /** Goes on with what had to wait for descriptors. On the node's thread. */
  final void retry() {
    if (starved && !dead) {
      starve(false);
      ready(0);
    }
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        ShmConnection connection = segment.connection(i);
        if (connection != null) {
          connection.retry();
        }
      }
    }
  }

  private void starve(boolean is) {
    synchronized (sendLock) {
      starved = is;
      if (!socketClosed) {
        watchFor(unsent ? Epoll.EPOLLOUT : 0);
      }
    }
  }

  /** Handles what has come; true if the peer is gone, or breaks the rules. */
  private boolean receiveSome() {
    try {
      for (int i = 0; i < MESSAGES_AT_A_TIME && !dead; i++) {
        int length = LinkMessages.peek(inbox, socket, node.spares());
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
        inbox.skip(socket);
        begun = false;
      }
      return false;
    } catch (LinkMessages.NoDescriptorsException e) {
      inbox.closeFds();
      cuts = node.spares().takeBack() ? cuts + 1 : 0;
      if (cuts < MOST_CUTS && !isTooLate()) {
        Log.debug(() -> "shm: " + this + " waits: " + Log.cause(e));
        starve(true);
        node.retryLinks();
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
      node.spares().takeBack();
    }
  }

  /** Whether nobody is there any more, and those who read have waited for long. */
  private boolean isTooLate() {
    return endIsNear && System.nanoTime() - endNanos > MOST_NANOS_BEHIND_END;
  }

  /** Whether what is being handled was begun with before, so that a part of it may be done. */
  final boolean isRepeated() {
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
            ShmConnection connection = segment.connection(i);
            if (connection != null) {
              connection.segmentsArrived();
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
        boolean kept = peer.bell(LinkMessages.number(message), fds[0], node.spares().areComplete());
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
    Bound segments = node.bounds().segments;
    if (segments.tryReserve(1)) {
      segments.release(1); // Counted with each mapping.
    } else {
      node.breakLargest(segments, link -> link.peerChunks().mappings(), "data segments");
    }
    peerChunks.add(id, bytes, fd);
  }

  /** The peer wrote what cannot be true: the link ends. Any thread. */
  final void violated(String what) {
    if (!doomed) {
      broken = true;
      Log.debug(() -> "shm: " + this + ": the peer broke the rules: " + what);
      doom();
    }
  }

  /** Has the link die. Any thread. */
  private void doom() {
    doomed = true;
    node.stir();
  }

  /**
   * Dies, if that is to be, and gives all back once nobody uses it. Called by the node's thread
   * whenever it is stirred, until {@link #isOver}: what an Error has stopped goes on.
   */
  final void settle() {
    if (begun && !dead && !starved && receiveSome()) {
      doomed = true;
    }
    if (unsent) {
      synchronized (sendLock) {
        if (!socketClosed) {
          flushOrWait();
        }
      }
    }
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
    if (broken && !dead) {
      // the peer, which lives, is told before it finds the socket closed: else it would take what
      // has come for all there was
      for (ControlSegment segment : segments) {
        for (int i = 0; i < segment.slots; i++) {
          ShmConnection connection = segment.connection(i);
          if (connection != null) {
            connection.linkBreaks();
          }
        }
      }
    }
    synchronized (this) {
      dead = true;
    }
    synchronized (sendLock) {
      if (!socketClosed) {
        // forgotten under the lock under which senders watch: a descriptor that is watched again
        // after this would be found watched by whoever gets its number next
        node.forget(socket);
        node.closer().close(socket); // With what may lie in it.
        socketClosed = true;
      }
      for (Outgoing next = outbox.peek(); next != null; next = outbox.peek()) {
        closeAll(next.fds);
        removeOutgoing();
      }
      unsent = false;
    }
    // requests and events that were pushed before the death count, be they counted or not
    drain(true);
    onDeath();
    for (ControlSegment segment : segments) {
      for (int i = 0; i < segment.slots; i++) {
        ShmConnection connection = segment.connection(i);
        if (connection != null) {
          connection.onEvent();
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
    closeBells(); // They look at the peer's board.
    peer.close();
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
    node.bounds().giveLinkBack();
  }

  /** May be called again. */
  private void closeBells() {
    synchronized (sendLock) {
      for (SentBell next : bellsSent) {
        if (next != null) {
          next.close();
        }
      }
    }
    if (!ownWire.isClosed()) { // Then its number may be somebody else's.
      node.forget(ownWire.fd());
      ownWire.close();
    }
  }

  /** Gives up own memory that is mapped at {@code address}. */
  final void giveUp(OwnMemory memory, long address) throws IOException {
    node.ranges().retire(address, memory.bytes());
    memory.giveUp();
    node.stir(); // As long as the peer has it.
  }

  /** Gives a segment's memory back, when no connection is left in it and none can begin. */
  void retire(ControlSegment segment) throws IOException {
    segment.close();
    int bytes = LinkLayout.halfBytes(segment.slots);
    node.ranges().retire(segment.peer, bytes);
    giveUp(segment.memory, segment.own);
  }
}
