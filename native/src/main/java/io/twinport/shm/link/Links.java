package io.twinport.shm.link;

import io.twinport.host.Headroom;
import io.twinport.posix.Credentials;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.Routing;
import io.twinport.posix.UnixSocket;
import io.twinport.posix.UserIds;
import io.twinport.shm.memory.AddressRanges;
import io.twinport.shm.memory.Bound;
import io.twinport.shm.memory.Bounds;
import io.twinport.shm.memory.SpareDescriptors;
import io.twinport.spi.Bell;
import io.twinport.spi.ConnectionNumbers;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * All links of this process, and what they share: who this process says that it is, its board, its
 * thread, its bounds. Whoever waits for the SAN polls here.
 */
public final class Links implements EventLoop.Rounds {
  private static final long TENTH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SLOWEST_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(8);

  /** The slowest while bytes move: so exactly is it known when they have ceased to. */
  private static final long SLOWEST_SWEEP_OF_MOVES_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * In tenths of a second. Who reads again behind that does so from a new chunk, as a rule, since a
   * writer that pauses gives its own back.
   */
  public static final int MOST_BETWEEN_MOVES = 15;

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** So many links are looked at for ever: that costs less than to have them rest. */
  private static final int FEW = 16;

  /** A link that nobody has used for as long as this, or twice as long, rests. */
  private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final byte[] id = new byte[LinkMessages.ID_BYTES];
  private final List<Integer> allowUids;
  private final int firstChunkLog2;
  private final Bounds bounds;
  private final Closer closer = new Closer();
  private final UnixSocket.Inbox inbox;
  private final AddressRanges ranges = new AddressRanges();
  private final boolean refusesDescriptors;
  private final Board board;
  private final SpareDescriptors spares;
  private final EventLoop loop;

  // stored before the thread starts
  private EventLoop.Timed connects;
  private EventLoop.Timed doors;

  /** Replaced, never changed. */
  private volatile Link[] links = {};

  /**
   * Those of them in which peers may push without ringing: who waits looks at each. The others
   * rest. Replaced, never changed.
   */
  private volatile Link[] lookedAt = {};

  /**
   * A thread was stopped by an Error before it had told whom it had to, and could not say so
   * otherwise: whoever polls next has a sweep made, which tells them. Stored without a call, which
   * could fail as well.
   */
  public volatile boolean owed;

  /** Something waits for descriptors. */
  private volatile boolean linksWait;

  private volatile boolean sweepWanted;
  private volatile long nextSweep;

  /** There is something new to give back: the sweeps begin again at their shortest interval. */
  private volatile boolean sweepSoon;

  /** Counts the tenths of a second. */
  private final long began = System.nanoTime();

  private volatile int sweptAt;

  // of the thread
  private boolean sawMove;
  private long nextRetry;
  private long nextRest;
  private long sweepInterval = SWEEP_NANOS;

  /**
   * Makes what links need. The thread does not run yet.
   *
   * @param allowUids the users that may connect; empty for this process's own
   * @param ringBytes the size of a direction's first ring, a power of two
   */
  public Links(Bounds bounds, List<Integer> allowUids, int ringBytes) throws IOException {
    this.bounds = bounds;
    this.allowUids = allowUids;
    this.firstChunkLog2 = Integer.numberOfTrailingZeros(ringBytes);
    refusesDescriptors = probeRefusal();
    try (InputStream random = new FileInputStream("/dev/urandom")) {
      if (random.readNBytes(id, 0, id.length) < id.length) {
        throw new IOException("/dev/urandom ends");
      }
    }
    boolean made = false;
    try {
      board = new Board();
      spares = new SpareDescriptors();
      loop = new EventLoop(board, this);
      inbox = new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS);
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
  }

  /** Whether the kernel can keep descriptors off a socket. */
  private static boolean probeRefusal() throws IOException {
    int[] pair = UnixSocket.pair();
    try {
      return UnixSocket.takesDescriptors(pair[0], false);
    } finally {
      Posix.close(pair[0]);
      Posix.close(pair[1]);
    }
  }

  /**
   * Starts the thread.
   *
   * @param connects looks after those who connect
   * @param doors looks after those who come in
   */
  public void start(EventLoop.Timed connects, EventLoop.Timed doors) {
    this.connects = connects;
    this.doors = doors;
    loop.start();
  }

  /** Gives back what was made, perhaps not all; the thread has not started. */
  public void close() {
    if (inbox != null) {
      inbox.close();
    }
    if (loop != null) {
      loop.close();
    }
    if (spares != null) {
      spares.letGo();
    }
    if (board != null) {
      board.close();
    }
  }

  // -- what links share

  /** Who this process says that it is. */
  public byte[] id() {
    return id;
  }

  /** The beginning of an id, for people. */
  public static String text(byte[] id) {
    return HexFormat.of().formatHex(id, 0, 4);
  }

  public Bounds bounds() {
    return bounds;
  }

  public EventLoop loop() {
    return loop;
  }

  public Board board() {
    return board;
  }

  /** The inbox for sockets that have none of their own. Of the node's thread. */
  public UnixSocket.Inbox inbox() {
    return inbox;
  }

  /** Closes what others may have made slow to close. */
  public Closer closer() {
    return closer;
  }

  /** Where control segments are mapped. */
  public AddressRanges ranges() {
    return ranges;
  }

  /** Descriptors for the moment in which none is left. */
  public SpareDescriptors spares() {
    return spares;
  }

  /** The size of a stream's first chunk, log2 bytes. */
  int firstChunkLog2() {
    return firstChunkLog2;
  }

  /** Whether a peer may be talked to, by what the kernel says of it. */
  public boolean isAllowed(Credentials peer) throws IOException {
    if (UserIds.isNobody(peer.uid())) {
      return false;
    }
    return allowUids.isEmpty()
        ? peer.uid() == Posix.effectiveUid()
        : allowUids.stream().anyMatch(uid -> Integer.toUnsignedLong(uid) == peer.uid());
  }

  /**
   * Sends a message on a socket that has room for it: with the board, and the wire by which seat 0
   * is rung.
   */
  public void introduce(int socket, ByteBuffer message, OwnWire wire) throws IOException {
    if (!UnixSocket.send(socket, message, board.fd(), wire.fd())) {
      throw new IOException("a new socket has no room");
    }
  }

  /**
   * Closes a socket that nobody could send descriptors to so far, if the kernel knows how to keep
   * them off: then nothing is in it that could take long to close.
   */
  public void closeUntold(int socket) {
    if (refusesDescriptors) {
      Posix.close(socket);
    } else {
      closer.close(socket);
    }
  }

  /**
   * The address that the kernel's routing gives to the client's end of a connection to {@code
   * destination}. Both sides ask for themselves, in the same network namespace, so none has to
   * trust the other.
   */
  public InetAddress sourceFor(InetSocketAddress destination) throws IOException {
    try {
      return Routing.sourceFor(destination);
    } catch (IOException e) {
      spares().letGo();
      return Routing.sourceFor(destination);
    }
  }

  // -- links

  @Override
  public void settle() {
    for (Link link : links) {
      link.settle();
      if (link.isOver()) {
        removeLink(link);
      }
    }
  }

  /** Polls the link, and looks after it, from here on. */
  public synchronized void addLink(Link link) {
    links = with(links, link);
  }

  private synchronized void removeLink(Link link) {
    lookedAt = without(lookedAt, link);
    links = without(links, link); // Last: as long as it is there, settle() comes back to it.
  }

  private static Link[] with(Link[] some, Link link) {
    Link[] more = Arrays.copyOf(some, some.length + 1);
    more[some.length] = link;
    return more;
  }

  private static Link[] without(Link[] some, Link link) {
    return Arrays.stream(some).filter(l -> l != link).toArray(Link[]::new);
  }

  /** Has those who wait look at the link, if they don't. By the node's thread. */
  void lookAt(Link link) {
    if (!Arrays.asList(lookedAt).contains(link)) {
      synchronized (this) {
        lookedAt = with(lookedAt, link);
      }
    }
    link.isLookedAt();
  }

  /**
   * Has links rest that nobody uses, where many are looked at; returns the nanoseconds until it has
   * to be called again. While most of them are used it is, every two seconds.
   */
  private long rest(long now) {
    if (lookedAt.length <= FEW) {
      nextRest = 0;
      return Long.MAX_VALUE;
    }
    if (nextRest == 0) {
      nextRest = now + UNUSED_NANOS;
    } else if (nextRest - now <= 0) {
      nextRest = now + UNUSED_NANOS; // Whatever happens here, it goes on.
      letRest(FEW);
    }
    return nextRest - now;
  }

  /**
   * Has links rest that nobody has used since the last call, until only so many are looked at. What
   * an Error leaves on the list is done again with the next call. By the node's thread.
   */
  public synchronized void letRest(int few) {
    Link[] kept = new Link[lookedAt.length];
    int count = 0;
    int left = lookedAt.length;
    for (Link link : lookedAt) {
      if (left > few && link.rest()) {
        left--;
      } else {
        kept[count++] = link;
      }
    }
    lookedAt = Arrays.copyOf(kept, count);
  }

  /** Takes what one more link needs, if it is there. */
  public boolean takeLink() {
    if (bounds.takeLink()) {
      return true;
    }
    makeRoomInHeap(Bounds.LINK_HEAP);
    return false;
  }

  /** Ends the link that has most of the heap's share, if so much is not left of it. */
  public void makeRoomInHeap(long bytes) {
    if (!bounds.heap.hasRoomFor(bytes)) {
      breakLargest(bounds.heap, Link::heapBytes, "bytes of the heap");
    }
  }

  /**
   * Ends the link that has most of what no more is left of, to make room for others, if that is
   * more than an equal share. What links have that have ended, and are still read, is nobody's
   * fault who lives: without this it would end one link after the other.
   */
  void breakLargest(Bound bound, ToLongFunction<Link> amount, String what) {
    Link largest = null;
    long most = 0;
    int alive = 0;
    for (Link link : links) {
      if (!link.isDead() && !link.isBroken()) {
        alive++;
        long some = amount.applyAsLong(link);
        if (some > most) {
          most = some;
          largest = link;
        }
      }
    }
    if (largest != null && most > bound.most() / alive) {
      largest.violated(most + " " + what + ", and nothing is left for others");
    }
  }

  /** Takes what peers have pushed, on all links but those that rest. Any thread. */
  @Override
  public void poll(boolean thoroughly) {
    if (owed) {
      settleSoon();
    }
    for (Link link : lookedAt) {
      link.poll(thoroughly);
    }
  }

  /** Takes what peers have pushed before this, on all links. Any thread. */
  @Override
  public void pollAll() {
    if (owed) {
      settleSoon();
    }
    for (Link link : links) {
      link.poll(true);
    }
  }

  private void settleSoon() {
    owed = false;
    boolean asked = false;
    try {
      sweepSoon = true;
      nextSweep = System.nanoTime();
      sweepWanted = true;
      loop.stir();
      asked = true;
    } finally {
      if (!asked) {
        owed = true;
      }
    }
  }

  // -- sleep

  /** What follows when the seat is rung must not be stopped for want of stack. */
  public void announceSleep(Bell seatBell) {
    Headroom.ensure();
    board.announceSleep(seatBell.number());
  }

  /**
   * Whoever wakes also takes what has been pushed: a client rings the seat that it last knew to
   * wait at a listener, and that bell may by now belong to somebody who waits for something else.
   */
  public void announceAwake(Bell seatBell) {
    board.announceAwake(seatBell.number());
    // A peer pushes, makes a full fence, and rings if the seat still sleeps: then this poll sees
    // its push.
    Memory.fullFence();
    poll(true);
  }

  // -- what is to be done at its time

  @Override
  public long look(long now) throws IOException {
    long next = sweepIfDue(now);
    next = Math.min(next, connects.look(now));
    next = Math.min(next, retry(now));
    next = Math.min(next, doors.look(now));
    next = Math.min(next, rest(now));
    return Math.min(next, bounds.kept.look(now));
  }

  /** Asks for a sweep before long. */
  public void wantSweep() {
    long soon = System.nanoTime() + SWEEP_NANOS;
    sweepSoon = true;
    if (!sweepWanted || nextSweep - soon > SWEEP_NANOS) {
      nextSweep = soon;
      sweepWanted = true;
      loop.stir();
    }
  }

  /** When the last sweep began, in tenths of a second since this process has links. */
  public int sweptAt() {
    return sweptAt;
  }

  /** Called in a sweep that has found that bytes were moved since the one before. */
  public void sawMove() {
    sawMove = true;
  }

  /**
   * For how long, at least, a position has not moved.
   *
   * @param seen where it was in the last sweep, the lower half of it
   * @param movedAt the sweep in which it was seen to have moved
   */
  public long quietNanos(long position, int seen, int movedAt) {
    if (position == 0) {
      return ConnectionNumbers.UNKNOWN;
    }
    return (int) position == seen
        ? Math.max(0, System.nanoTime() - began - movedAt * TENTH_NANOS)
        : 0;
  }

  /** Who is in the slots of all links, for people. */
  public List<Occupant> occupants() {
    List<Occupant> found = new ArrayList<>();
    for (Link link : links) {
      link.addOccupants(found);
    }
    return found;
  }

  /** Has {@link Link#retry} called before long, which sees what was stored before this. */
  public void retrySoon() {
    if (!linksWait) {
      linksWait = true;
      loop.stir();
    }
  }

  /** Retries what waits on links; returns the nanoseconds until it has to be called again. */
  private long retry(long now) {
    if (!linksWait) {
      return Long.MAX_VALUE;
    }
    if (nextRetry == 0) {
      nextRetry = now + RETRY_NANOS;
    } else if (nextRetry - now <= 0) {
      nextRetry = 0;
      linksWait = false;
      boolean done = false;
      try {
        for (Link link : links) {
          link.retry();
        }
        done = true;
      } finally {
        linksWait |= !done; // An Error at one is not to keep the others waiting.
      }
      return linksWait ? RETRY_NANOS : Long.MAX_VALUE;
    }
    return nextRetry - now;
  }

  /** Sweeps if that is due; returns the nanoseconds until it is again. */
  private long sweepIfDue(long now) throws IOException {
    if (sweepWanted && nextSweep - now <= 0) {
      sweep(now);
    }
    return sweepWanted ? nextSweep - now : Long.MAX_VALUE;
  }

  /** Sweeps all links; the longer there is nothing to give back, the rarer. */
  private void sweep(long now) throws IOException {
    sweepWanted = false;
    boolean soon = sweepSoon;
    sweepSoon = false;
    sawMove = false;
    sweptAt = (int) ((now - began) / TENTH_NANOS);
    long before = bounds.memory.used();
    boolean more = false;
    boolean done = false;
    try {
      for (Link link : links) {
        more |= link.sweep();
      }
      done = true;
    } finally {
      if (!done) {
        nextSweep = now + SWEEP_NANOS;
        sweepWanted = true;
      }
    }
    if (more) {
      long slowest = sawMove ? SLOWEST_SWEEP_OF_MOVES_NANOS : SLOWEST_SWEEP_NANOS;
      sweepInterval =
          soon || bounds.memory.used() != before
              ? SWEEP_NANOS
              : Math.min(2 * sweepInterval, slowest);
      nextSweep = now + sweepInterval;
      sweepWanted = true;
    }
  }

  private static String counted(long count, String what) {
    return count + what + (count == 1 ? "" : "s");
  }

  private String describeResting() {
    long resting = Arrays.stream(links).filter(Link::isResting).count();
    return resting == 0 ? "" : ", " + counted(resting, " link") + " at rest";
  }

  /** What there is, for people. */
  public String describe() {
    return counted(Arrays.stream(links).filter(link -> !link.isDead()).count(), " link")
        + " with "
        + counted(bounds.wires.used(), " wire")
        + ", "
        + bounds.memory.used() / 1024
        + " KiB of "
        + bounds.memory.most() / 1024
        + " KiB shared memory"
        + bounds.describeKept()
        + bounds.describeMet()
        + describeResting();
  }
}
