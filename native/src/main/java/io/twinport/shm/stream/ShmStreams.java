package io.twinport.shm.stream;

import io.twinport.config.Log;
import io.twinport.posix.Memory;
import io.twinport.shm.link.ControlSegment;
import io.twinport.shm.link.Link;
import io.twinport.shm.link.Occupant;
import io.twinport.shm.memory.LinkLayout;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.Seat;
import io.twinport.stream.Ending;
import io.twinport.stream.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What of one end of a connection lies in shared memory: a slot of a control segment and a stream
 * each way. Moves bytes, and waits for them.
 */
public abstract class ShmStreams extends SanConnection implements Occupant {
  /** The provider's name. */
  public static final String PROVIDER = "shm";

  /**
   * A slot in which nothing has happened: nothing written, nothing read, nobody waits. A client's
   * end reads it as its peer's until the server has taken the request up; the words in the slot are
   * those of an earlier use until then.
   */
  private static final long BLANK = blank();

  // set anew for each request, before it stands in shared memory
  protected Link link;
  protected ControlSegment segment;
  protected int slot;
  protected int generation;
  protected long own;
  protected long peer;

  /** Where the words of the peer's streams are read: {@link #BLANK}, and then {@link #peer}. */
  private volatile long theirs;

  /** The server has denied the request of a connection that had its place, or is gone. */
  private volatile boolean turnedAway;

  protected InStream in;
  protected OutStream out;

  /** Whether the link is kept for this connection. Guarded by this. */
  private boolean retained;

  /** What the peer has to be told at the end; 0 until then. Guarded by this. */
  protected long lastWords;

  // who waits; written under the monitor
  private volatile Seat readSeat;
  private volatile Seat writeSeat;

  /** In which sweep bytes were last seen to have been read, see {@link InStream#sweep}. */
  int readAt;

  /** Null as long as nobody has asked: most of a connection's life there is no end to show. */
  private volatile Ending ending;

  private volatile boolean broken;

  private static long blank() {
    long slot = Memory.allocate(LinkLayout.SLOT_BYTES);
    Memory.fill(slot, LinkLayout.SLOT_BYTES, (byte) 0);
    Memory.putLong(slot + LinkLayout.READ_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(slot + LinkLayout.SPACE_ARM, LinkLayout.NOT_ARMED);
    return slot;
  }

  /**
   * Takes a slot into use, and resets the words of the own half.
   *
   * @param isUp whether the peer has done so already, so that its words are this connection's
   */
  protected final void take(
      Link aLink, ControlSegment aSegment, int aSlot, int aGeneration, boolean isUp) {
    link = aLink;
    segment = aSegment;
    slot = aSlot;
    generation = aGeneration;
    own = aSegment.ownSlot(aSlot);
    peer = aSegment.peerSlot(aSlot);
    theirs = isUp ? peer : BLANK;
    turnedAway = false;
    in = new InStream(this);
    out = new OutStream(this);
    Memory.putLong(own + LinkLayout.TAIL, 0);
    Memory.putLong(own + LinkLayout.EXTENT_COUNT, 0);
    Memory.putLong(own + LinkLayout.HEAD, 0);
    Memory.putLong(own + LinkLayout.READ_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(own + LinkLayout.SPACE_ARM, LinkLayout.NOT_ARMED);
    Memory.putLong(own + LinkLayout.CONNECT_ARM, 0);
    Memory.putLong(own + LinkLayout.READ_SEAT, 0);
    Memory.putLong(own + LinkLayout.SPACE_SEAT, 0);
    Memory.putLong(own + LinkLayout.URGENT_INLINE, 0);
  }

  /** Keeps the link until the connection has ended; false if the link is dead. */
  public final synchronized boolean retainLink() {
    if (!retained) {
      retained = link.retain(); // nothing can fail in between
    }
    return retained;
  }

  /** Lets the link go: nothing of this connection touches it any more. */
  protected final void releaseLink() {
    if (retained) {
      retained = false;
      link.release();
    }
  }

  @Override
  public final String provider() {
    return PROVIDER;
  }

  /** Whether it is connected, and not closed here. */
  protected abstract boolean isUp();

  // -- before the server has taken a connection up that has its place

  /** Whether the server has confirmed the request: then its half of the slot is this one's. */
  protected abstract boolean isConfirmed();

  /** Whether it is certain that the server will not confirm the request. */
  protected abstract boolean isDenied();

  /**
   * Where the words of the peer's streams are read. Looks whether the server has taken the
   * connection up, as long as it has not been seen to. Any thread.
   *
   * <p>Why no wakeup is lost: whoever has published, or has armed, makes a full fence and then
   * calls this. If that finds no verdict, the server resets its words, arms and looks behind that,
   * and sees what was published here; and it publishes behind that, and sees the arm.
   */
  final long theirs() {
    long known = theirs;
    return known != BLANK ? known : look();
  }

  private long look() {
    if (turnedAway || !isConfirmed()) {
      return BLANK;
    }
    theirs = peer;
    return peer;
  }

  /** Whether the server has been seen to have taken the connection up. Looks. */
  protected final boolean isTakenUp() {
    return theirs() != BLANK;
  }

  /**
   * Whether the connection was reset by a server that had not taken it up. Looks; once it was so it
   * stays so.
   */
  protected final boolean isTurnedAway() {
    if (!turnedAway && !isTakenUp() && isDenied()) {
      turnedAway = true;
    }
    return turnedAway;
  }

  // -- data

  @Override
  public int read(ByteBuffer dst) throws IOException {
    if (!dst.hasRemaining()) {
      return 0;
    }
    try {
      int count = in.read(dst);
      if (count > 0 || !peerIsDone()) {
        return count;
      }
      count = in.read(dst); // What was published before the flags counts.
      return count > 0 ? count : atEnd();
    } catch (ProtocolViolation e) {
      throw broke(e);
    }
  }

  @Override
  public int read(byte[] dst, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      int count = in.read(dst, offset, length);
      if (count > 0 || !peerIsDone()) {
        return count;
      }
      count = in.read(dst, offset, length); // What was published before the flags counts.
      return count > 0 ? count : atEnd();
    } catch (ProtocolViolation e) {
      throw broke(e);
    }
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    long flags = peerFlags();
    if ((flags & LinkLayout.CLOSED) != 0) {
      int taken = ending().write(src.remaining(), flags);
      src.position(src.position() + taken);
      return taken;
    }
    try {
      return out.write(src);
    } catch (ProtocolViolation e) {
      throw broke(e);
    }
  }

  @Override
  public int write(byte[] src, int offset, int length) throws IOException {
    long flags = peerFlags();
    if ((flags & LinkLayout.CLOSED) != 0) {
      return ending().write(length, flags);
    }
    try {
      return out.write(src, offset, length);
    } catch (ProtocolViolation e) {
      throw broke(e);
    }
  }

  @Override
  public final int available() {
    return isUp() ? in.unread() : 0;
  }

  @Override
  public final int unreadByPeer() {
    return isUp() ? out.unread() : 0;
  }

  @Override
  public final synchronized void takeUrgentInline(boolean inline) {
    if (isUp()) {
      Memory.putLongRelease(own + LinkLayout.URGENT_INLINE, inline ? 1 : 0);
    }
  }

  /**
   * The peer's half says how it takes urgent bytes, so that those it does not want stay here. But
   * they find a peer that has closed, and a stream that is full, as others do.
   */
  @Override
  public final int writeUrgent(byte b) throws IOException {
    boolean inline = isUp() && Memory.getLongAcquire(theirs() + LinkLayout.URGENT_INLINE) == 1;
    if (inline || (peerFlags() & LinkLayout.CLOSED) != 0) {
      return write(new byte[] {b}, 0, 1);
    }
    return out.isWritable() ? 1 : 0;
  }

  /**
   * How it stands. The caller holds the monitor, and the link is kept for this connection.
   *
   * @param accepted whether this is the server's end
   * @param closed whether this end is closed
   */
  protected final ConnectionNumbers numbers(boolean accepted, boolean closed) {
    int inQueue = in.unread();
    int outQueue = out.unread();
    boolean ended = (peerFlags() & LinkLayout.CLOSED) != 0;
    return new ConnectionNumbers(
        new ConnectionNumbers.Stream(
            in.moved(), inQueue, ended ? 0 : LinkLayout.MAX_UNREAD - inQueue, in.quietNanos()),
        new ConnectionNumbers.Stream(
            out.moved(),
            outQueue,
            ended || closed || !out.isWritable() ? 0 : LinkLayout.MAX_UNREAD - outQueue,
            out.quietNanos()),
        otherEnd(),
        accepted,
        closed,
        link.peerPid());
  }

  private ConnectionNumbers.Peer otherEnd() {
    if (broken || (!isTakenUp() && isTurnedAway())) {
      return ConnectionNumbers.Peer.RESET;
    }
    long state = Memory.getLongAcquire(peer + LinkLayout.STATE);
    long said = LinkLayout.generation(state) == generation ? state : 0;
    if ((said & LinkLayout.CLOSED) != 0) {
      return (said & LinkLayout.RESET) != 0
          ? ConnectionNumbers.Peer.RESET
          : ConnectionNumbers.Peer.CLOSED;
    }
    if (link.isDead()) {
      return ConnectionNumbers.Peer.GONE;
    }
    return (said & LinkLayout.FIN) != 0
        ? ConnectionNumbers.Peer.ENDED
        : ConnectionNumbers.Peer.OPEN;
  }

  private boolean peerIsDone() {
    return (peerFlags() & (LinkLayout.FIN | LinkLayout.CLOSED)) != 0;
  }

  /** What a read finds that looked again after the peer had said that nothing more will come. */
  private int atEnd() throws IOException {
    boolean lost = in.unread() > 0;
    if (lost && !link.isDead()) {
      return 0;
    }
    if (lost) {
      // the message about their segment died with the peer, these bytes can't be had any more
      ending().lost();
      return ending().read(LinkLayout.RESET);
    }
    return ending().read(peerFlags());
  }

  /** Made under the monitor, so that the one that reads and the one that writes share it. */
  private Ending ending() {
    if (ending == null) {
      synchronized (this) {
        if (ending == null) {
          ending = new Ending();
        }
      }
    }
    return ending;
  }

  private ProtocolViolation broke(ProtocolViolation e) {
    if (!broken) {
      broken = true;
      Log.debug(() -> "shm: " + this + ": the peer broke the rules: " + e.detail());
    }
    ending().lost();
    return e;
  }

  /**
   * The peer's flags; those of a dead peer are what the kernel would make of its sockets: a reset
   * if it had not read all, otherwise the end of the stream. Of a peer that lives on behind a
   * broken link nobody knows what it still had to say.
   */
  protected final long peerFlags() {
    if (broken || (!isTakenUp() && isTurnedAway())) {
      return LinkLayout.CLOSED | LinkLayout.RESET;
    }
    long state = Memory.getLongAcquire(peer + LinkLayout.STATE);
    long flags = LinkLayout.generation(state) == generation ? state & 0xffff : 0;
    if ((flags & LinkLayout.CLOSED) == 0 && link.isDead()) {
      flags |=
          LinkLayout.CLOSED
              | (out.isDrained() && !link.isBroken() ? LinkLayout.FIN : LinkLayout.RESET);
    }
    return flags;
  }

  // -- waiting

  /** What of {@code interest} the streams of a connection that is up are ready for. */
  protected final int streamEvents(int interest) {
    int ready = 0;
    boolean readable = (interest & NetworkEvent.READ) != 0 && in.isReadable();
    boolean writable = (interest & NetworkEvent.WRITE) != 0 && out.isWritable();
    long flags = peerFlags();
    boolean ended = (flags & (LinkLayout.FIN | LinkLayout.CLOSED)) != 0;
    // an end behind bytes whose segment is still on its way is not there yet
    if (readable || (ended && (in.unread() == 0 || broken || link.isDead()))) {
      ready |= interest & NetworkEvent.READ;
    }
    if (writable || (flags & LinkLayout.CLOSED) != 0) {
      ready |= interest & NetworkEvent.WRITE;
    }
    if ((flags & LinkLayout.CLOSED) != 0) {
      ready |= interest & NetworkEvent.CLOSE;
    }
    return ready;
  }

  /**
   * Called under the monitor.
   *
   * <p>Stores the seat, then the arm, makes a full fence and looks again; see {@link
   * OutStream#publish} for the other side.
   *
   * <p>The arm has to be the position at which nothing more was found. Another thread may be
   * reading at this moment, so the position is compared once more; otherwise an arm could stay
   * behind a stream that has moved on, and no publish would ever step over it.
   */
  protected final void armStreams(int interest, Seat seat) {
    if ((interest & (NetworkEvent.READ | NetworkEvent.CLOSE)) != 0) {
      readSeat = seat;
      Memory.putLong(own + LinkLayout.READ_SEAT, link.sentBells().seatNumber(seat));
      long position;
      do {
        position = in.position();
        Memory.putLongRelease(own + LinkLayout.READ_ARM, position);
        Memory.fullFence();
      } while (Memory.getLongAcquire(theirs() + LinkLayout.TAIL) != position
          && in.position() != position);
    }
    if ((interest & NetworkEvent.WRITE) != 0) {
      writeSeat = seat;
      Memory.putLong(own + LinkLayout.SPACE_SEAT, link.sentBells().seatNumber(seat));
      long arm;
      do {
        arm = out.spaceArm();
        Memory.putLongRelease(own + LinkLayout.SPACE_ARM, arm);
        Memory.fullFence();
      } while (!out.isWritable() && Memory.getLongAcquire(theirs() + LinkLayout.HEAD) > arm);
    }
  }

  @Override
  public final void segmentsArrived() {
    if (isUp() && in.unread() > 0) {
      wakeReader();
    }
  }

  @Override
  public final void retry() {
    if (isUp() && out.retry()) {
      boolean woken = false;
      try {
        Memory.fullFence(); // Between that and the seat of a writer who waits: see armStreams().
        wakeBoth();
        woken = true;
      } finally {
        if (!woken) {
          out.waitAgain(); // Until the next retry.
        }
      }
    }
  }

  /** Wakes both directions' waiters. */
  protected final void wakeBoth() {
    post(readSeat);
    Seat writer = writeSeat;
    if (writer != readSeat) {
      post(writer);
    }
  }

  /** Tells the peer that a stream has moved; it rings {@code seat} if that sleeps. */
  protected final void notifyPeer(int seat) {
    segment.notifyPeer(slot, seat);
  }

  private void wakeReader() {
    post(readSeat);
  }

  protected final void post(Seat seat) {
    if (seat != null) {
      seat.post(this);
    }
  }

  /**
   * Stores the own state and wakes whoever waits at the other end: state, full fence, then the
   * seats.
   *
   * <p>Nobody is rung at an end that is closed, or where nobody has waited yet: whoever arms looks
   * at our state behind that. The event is taken when that process next looks; and it sweeps for as
   * long as it has closed ends, so what they hold is given back in any case.
   *
   * <p>A request that the server has not taken up still stands there, whatever is said.
   */
  protected final void say(long flags) {
    long all = isTakenUp() ? flags : flags | LinkLayout.REQUESTED;
    Memory.putLongRelease(own + LinkLayout.STATE, LinkLayout.word(generation, all));
    Memory.fullFence();
    segment.push(slot);
    if ((peerFlags() & LinkLayout.CLOSED) != 0) {
      return;
    }
    Memory.fullFence();
    wakeArmed(LinkLayout.READ_ARM, LinkLayout.READ_SEAT);
    wakeArmed(LinkLayout.SPACE_ARM, LinkLayout.SPACE_SEAT);
  }

  /** Says what the peer has to be told, unless that was done. The caller holds the monitor. */
  protected final void sayLastWords() {
    if (lastWords != 0) {
      say(lastWords);
      lastWords = 0;
    }
  }

  private void wakeArmed(int arm, int seat) {
    long words = theirs();
    if (Memory.getLongAcquire(words + arm) != LinkLayout.NOT_ARMED) {
      link.peerBells().wake((int) Memory.getLongAcquire(words + seat));
    }
  }
}
