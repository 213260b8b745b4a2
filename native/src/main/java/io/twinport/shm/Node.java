package io.twinport.shm;

import io.twinport.config.Daemon;
import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.host.Headroom;
import io.twinport.host.LocalAddresses;
import io.twinport.posix.Credentials;
import io.twinport.posix.Epoll;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import io.twinport.posix.UnixSocket;
import io.twinport.posix.UserIds;
import io.twinport.spi.Bell;
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
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/**
 * This process on the SAN: its board, its links, and the one thread that sets links up, takes
 * events for whoever has no seat of his own (seat 0), hears of deaths and gives memory back.
 *
 * <p>The thread sleeps in epoll as every seat sleeps on its bell: it announces it, makes a full
 * fence, looks at its tasks and at what all links count once more, and only then waits. Those who
 * bring work do the same from the other side.
 */
final class Node {
  /** What the thread does when a descriptor is ready. */
  interface Handler {
    void ready(int events) throws IOException;
  }

  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SLOWEST_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(8);
  private static final long CONNECTS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long MOST_MILLIS_TO_END = 50;
  private static final int EVENTS = 256;
  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 10;

  /** How often a task is run that an Error stops each time. */
  private static final int MOST_STOPS = 8;

  private final ShmSettings settings;
  private final byte[] id = new byte[LinkMessages.ID_BYTES];
  private final Bounds bounds;
  private final Closer closer = new Closer();
  private final UnixSocket.Inbox inbox;
  private final AddressRanges ranges = new AddressRanges();
  private final PortBlocks ports;
  private final LocalAddresses addresses;
  private final Listeners listeners;
  private final Dialler dialler;

  private final boolean refusesDescriptors;
  private final int boardFd;
  private final long board;

  /** Rings for the thread from inside the process. */
  private final int bell;

  private final SpareDescriptors spares;
  private final Epoll epoll;
  private final Thread thread;

  private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Set<ShmConnection> connecting = ConcurrentHashMap.newKeySet();

  /**
   * The remote addresses that clients have chosen for themselves, of live connections, and the
   * slots that they are for.
   */
  private final Map<InetSocketAddress, Long> chosenRemotes = new ConcurrentHashMap<>();

  /** Replaced, never changed. */
  private volatile Link[] links = {};

  /** Set by those who change what the thread's next time-out depends on. */
  private volatile boolean stirred;

  /** The process ends. */
  private volatile boolean ending;

  /**
   * A thread was stopped by an Error before it had told whom it had to, and could not say so
   * otherwise: whoever polls next has a sweep made, which tells them.
   */
  volatile boolean owed;

  /** How often the first task has been stopped by an Error. Of the node's thread. */
  private int stops;

  private volatile boolean lookingAtConnects;

  /** Something waits for descriptors. */
  private volatile boolean linksWait;

  private volatile boolean sweepWanted;
  private volatile long nextSweep;

  /** There is something new to give back: the sweeps begin again at their shortest interval. */
  private volatile boolean sweepSoon;

  // of the thread
  private long nextLookAtConnects;
  private long nextRetryOfLinks;
  private long sweepInterval = SWEEP_NANOS;

  /** What can't be written over a connection once it is there must not become one. */
  private static void checkFileSizes() throws IOException {
    long most;
    try {
      most = KernelFile.limit("Max file size");
    } catch (IOException e) {
      Log.debug(() -> "shm: limit of file sizes: " + Log.cause(e));
      return;
    }
    if (most < 1 << LinkLayout.MAX_CHUNK_LOG2) {
      throw new IOException(
          "it needs files of "
              + (1 << LinkLayout.MAX_CHUNK_LOG2)
              + " bytes in memory, and ulimit -f allows this process "
              + most);
    }
  }

  /** Loads the native code and starts the thread. */
  Node(ShmSettings settings, LocalAddresses addresses) throws IOException {
    checkFileSizes();
    Posix.load(settings.host().nativeDir());
    ConnectionClasses.load();
    UserIds.load();
    refusesDescriptors = probeRefusal();
    this.settings = settings;
    this.addresses = addresses;
    this.bounds = new Bounds(MemoryLimit.apply(settings.maxBytes()));
    this.ports = new PortBlocks();
    try (InputStream random = new FileInputStream("/dev/urandom")) {
      if (random.readNBytes(id, 0, id.length) < id.length) {
        throw new IOException("/dev/urandom ends");
      }
    }
    listeners = new Listeners(this);
    dialler = new Dialler(this);
    List<Runnable> undo = new ArrayList<>();
    boolean started = false;
    try {
      boardFd = Posix.memfd("twinport-board", LinkLayout.BOARD_BYTES);
      undo.add(() -> Posix.close(boardFd));
      board = Posix.mapReadWrite(boardFd, 0, LinkLayout.BOARD_BYTES);
      undo.add(() -> unmapBoard(board));
      Posix.seal(boardFd, Posix.PEER_SEALS);
      bell = Posix.eventfd();
      undo.add(() -> Posix.close(bell));
      spares = new SpareDescriptors();
      undo.add(spares::letGo);
      epoll = new Epoll(EVENTS);
      undo.add(epoll::close);
      inbox = new UnixSocket.Inbox(LinkMessages.MAX_BYTES, LinkMessages.MOST_FDS);
      undo.add(inbox::close);
      epoll.add(bell, Epoll.EPOLLIN, bell);
      handlers.put((long) bell, events -> Posix.drain(bell));
      thread = Daemon.of("twinport-shm", this::run);
      thread.start();
      started = true;
    } finally {
      if (!started) {
        undo.forEach(Runnable::run);
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

  /** Gives a board back, an own one or a peer's. */
  static void unmapBoard(long address) {
    try {
      Posix.unmap(address, LinkLayout.BOARD_BYTES);
    } catch (IOException e) {
      Log.warn("shm: the board's memory could not be given back: " + Log.cause(e));
    }
  }

  ShmSettings settings() {
    return settings;
  }

  byte[] id() {
    return id;
  }

  Bounds bounds() {
    return bounds;
  }

  /** The inbox for sockets that have none of their own. Of the node's thread. */
  UnixSocket.Inbox inbox() {
    return inbox;
  }

  Closer closer() {
    return closer;
  }

  AddressRanges ranges() {
    return ranges;
  }

  SpareDescriptors spares() {
    return spares;
  }

  PortBlocks ports() {
    return ports;
  }

  LocalAddresses addresses() {
    return addresses;
  }

  /** As {@link LocalAddresses#sourceFor}, which takes a descriptor for a moment. */
  InetAddress sourceFor(InetSocketAddress destination) throws IOException {
    try {
      return LocalAddresses.sourceFor(destination);
    } catch (IOException e) {
      spares.letGo();
      return LocalAddresses.sourceFor(destination);
    }
  }

  Listeners listeners() {
    return listeners;
  }

  Dialler dialler() {
    return dialler;
  }

  static String text(byte[] id) {
    return HexFormat.of().formatHex(id, 0, 4);
  }

  /** Whether a peer may be talked to, by what the kernel says of it. */
  boolean isAllowed(Credentials peer) throws IOException {
    if (UserIds.isNobody(peer.uid())) {
      return false;
    }
    return settings.allowUids().isEmpty()
        ? peer.uid() == Posix.effectiveUid()
        : settings.allowUids().stream().anyMatch(uid -> Integer.toUnsignedLong(uid) == peer.uid());
  }

  /**
   * Sends a message on a socket that has room for it: with the board, and the wire by which seat 0
   * is rung.
   */
  void introduce(int socket, ByteBuffer message, OwnWire wire) throws IOException {
    if (!UnixSocket.send(socket, message, boardFd, wire.fd())) {
      throw new IOException("a new socket has no room");
    }
  }

  /** Has the thread wake when seat 0 is rung by {@code wire}. */
  void listenTo(OwnWire wire) throws IOException {
    watch(wire.fd(), events -> {}, Epoll.EPOLLOUT | Epoll.EPOLLET); // To wake is all it does.
  }

  /**
   * Closes a socket that nobody could send descriptors to so far, if the kernel knows how to keep
   * them off: then nothing is in it that could take long to close.
   */
  void closeUntold(int socket) {
    if (refusesDescriptors) {
      Posix.close(socket);
    } else {
      closer.close(socket);
    }
  }

  /**
   * Makes memory for a half of a control segment, maps it to write and seals it.
   *
   * @param address receives the address
   * @return null if there may not be more
   */
  OwnMemory newHalf(int bytes, long[] address) throws IOException {
    OwnMemory memory = OwnMemory.create(bounds, "twinport-control", bytes);
    if (memory == null) {
      return null;
    }
    boolean mapped = false;
    boolean sealed = false;
    try {
      address[0] = ranges.mapReadWrite(memory.file(), bytes);
      mapped = true;
      memory.seal();
      sealed = true;
      return memory;
    } finally {
      if (!sealed) {
        if (mapped) {
          ranges.retire(address[0], bytes);
        }
        memory.giveUp();
      }
    }
  }

  /**
   * Takes an address that a client has bound, if no other live connection of this process has it as
   * its remote address.
   *
   * @param slot where the connection's slot lies
   */
  boolean takeRemote(InetSocketAddress remote, long slot) {
    Long taken = chosenRemotes.putIfAbsent(remote, slot);
    if (taken != null) {
      return taken == slot; // Its own, from before an Error.
    }
    // This look at the blocks is behind the entry, and isTakenRemote() is asked with the block
    // taken: one of the two sees the other.
    if (ports.isTaken(remote.getPort())) {
      giveRemoteBack(remote, slot);
      return false;
    }
    return true;
  }

  /** Whether a client has bound this address, before the block that has its port was taken. */
  boolean isTakenRemote(InetSocketAddress remote) {
    return !chosenRemotes.isEmpty() && chosenRemotes.containsKey(remote);
  }

  void giveRemoteBack(InetSocketAddress remote, long slot) {
    chosenRemotes.remove(remote, slot);
  }

  // -- links

  synchronized void addLink(Link link) {
    Link[] more = Arrays.copyOf(links, links.length + 1);
    more[more.length - 1] = link;
    links = more;
  }

  private synchronized void removeLink(Link link) {
    links = Arrays.stream(links).filter(l -> l != link).toArray(Link[]::new);
  }

  Link[] links() {
    return links;
  }

  /** Takes what one more link needs, if it is there. */
  boolean takeLink() {
    if (bounds.takeLink()) {
      return true;
    }
    makeRoomInHeap(Bounds.LINK_HEAP);
    return false;
  }

  /** Ends the link that has most of the heap's share, if so much is not left of it. */
  void makeRoomInHeap(long bytes) {
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

  /** Takes what peers have pushed, on all links. Any thread. */
  void poll(boolean thoroughly) {
    if (owed) {
      settleSoon();
    }
    for (Link link : links) {
      link.poll(thoroughly);
    }
  }

  private void settleSoon() {
    owed = false;
    boolean asked = false;
    try {
      sweepSoon = true;
      nextSweep = System.nanoTime();
      sweepWanted = true;
      stir();
      asked = true;
    } finally {
      if (!asked) {
        owed = true;
      }
    }
  }

  // -- the board

  /** Says from which core seat {@code number} of a peer is rung next. */
  void ringsFrom(int number, int core) {
    long address = board + (long) number * LinkLayout.SEAT_BYTES + LinkLayout.RUNG_FROM;
    // Only if it is another: the peer looks there.
    if (Memory.getInt(address) != core) {
      Memory.putInt(address, core);
    }
  }

  /** Says that the owner of a seat sleeps. Only the owner calls. */
  void announceSleep(int seat) {
    if (seat < LinkLayout.SEATS) {
      long address = board + (long) seat * LinkLayout.SEAT_BYTES;
      long sequence = Memory.getLong(address);
      if ((sequence & 1) == 0) {
        Memory.putLongRelease(address, sequence + 1);
      }
    }
    // also for a seat that is not on the board: its owner looks at what our own threads store
    Memory.fullFence();
  }

  void announceAwake(int seat) {
    if (seat < LinkLayout.SEATS) {
      long address = board + (long) seat * LinkLayout.SEAT_BYTES;
      long sequence = Memory.getLong(address);
      if ((sequence & 1) != 0) {
        Memory.putLongRelease(address, sequence + 1);
      }
    }
  }

  /** What follows when the seat is rung must not be stopped for want of stack. */
  void announceSleep(Bell seatBell) {
    Headroom.ensure();
    announceSleep(seatBell.number());
  }

  /**
   * Whoever wakes also takes what has been pushed: a client rings the seat that it last knew to
   * wait at a listener, and that bell may by now belong to somebody who waits for something else.
   */
  void announceAwake(Bell seatBell) {
    announceAwake(seatBell.number());
    // A peer pushes, makes a full fence, and rings if the seat still sleeps: then this poll sees
    // its push.
    Memory.fullFence();
    poll(true);
  }

  // -- the thread

  /** Runs {@code task} on the thread. */
  void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /**
   * After something was left for the thread: see the class comment for why nothing is left lying.
   */
  private void wake() {
    Memory.fullFence();
    if ((Memory.getLongAcquire(board) & 1) != 0 && Thread.currentThread() != thread) {
      Posix.signal(bell);
    }
  }

  /** Asks for a sweep before long. */
  void wantSweep() {
    long soon = System.nanoTime() + SWEEP_NANOS;
    sweepSoon = true;
    if (!sweepWanted || nextSweep - soon > SWEEP_NANOS) {
      nextSweep = soon;
      sweepWanted = true;
      stir();
    }
  }

  /**
   * Sees to it that a connect gets an answer in its time. The thread looks from time to time while
   * there are connects, so that it need not be woken for each. It says that it stops before it
   * looks for the last time, and whoever adds one looks behind that whether it has.
   */
  void watchConnect(ShmConnection connection) {
    if (connecting.add(connection) && !lookingAtConnects) {
      lookingAtConnects = true;
      stir();
    }
  }

  /** Has the thread look at its timers again. */
  void stir() {
    stirred = true;
    wake();
  }

  /** Watches a descriptor; if it can't be watched, nothing is left of the attempt. */
  void watch(int fd, Handler handler, int events) throws IOException {
    handlers.put((long) fd, handler);
    boolean watched = false;
    try {
      epoll.add(fd, events, fd);
      watched = true;
    } finally {
      if (!watched) {
        handlers.remove((long) fd);
      }
    }
  }

  /** Changes who is told of a descriptor that is watched, and of what. */
  void watchFor(int fd, Handler handler, int events) {
    handlers.put((long) fd, handler);
    try {
      epoll.modify(fd, events, fd);
    } catch (IOException e) {
      Log.warn("shm: a descriptor can't be watched: " + Log.cause(e));
    }
  }

  /** Stops watching a descriptor, which is closed next. */
  void forget(int fd) {
    if (handlers.remove((long) fd) != null) {
      try {
        epoll.remove(fd);
      } catch (IOException e) {
        Log.warn("shm: a descriptor can't be unwatched: " + Log.cause(e));
      }
    }
  }

  /**
   * Has the thread end, and waits for that a while: the process ends next. The thread says that it
   * sleeps before it looks for the last time, and what it looks at was set before {@link #stir}
   * looks whether it sleeps.
   */
  void end() {
    ending = true;
    stir();
    try {
      thread.join(MOST_MILLIS_TO_END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int faults = 0;
    while (!ending) {
      try {
        step();
        faults = 0;
      } catch (Throwable e) {
        // Neither a fault in one link nor a lack of memory may end the service for the others, nor
        // may what fails while this is said.
        try {
          stumbled(e, faults++);
        } catch (Throwable worse) {
          // there is no memory even for that: the next round is what counts
          stirred = true;
        }
      }
    }
  }

  /**
   * What fails again and again (a descriptor that somebody else has closed) must not keep a
   * processor busy: the pauses grow to a second.
   */
  private static void stumbled(Throwable e, int faults) {
    LockSupport.parkNanos(SHORTEST_PAUSE_NANOS << Math.min(faults, MOST_DOUBLINGS));
    Log.error(
        "shm: "
            + Log.cause(e)
            + Arrays.stream(e.getStackTrace()).findFirst().map(at -> " at " + at).orElse(""));
  }

  private void step() throws IOException {
    announceAwake(0);
    stirred = false;
    runTasks();
    for (Link link : links) {
      link.settle();
      if (link.isOver()) {
        removeLink(link);
      }
    }
    poll(true);
    int timeout = timers(System.nanoTime());
    announceSleep(0);
    poll(true);
    if (!tasks.isEmpty() || stirred || ending) {
      timeout = 0;
    }
    int found = epoll.await(timeout);
    announceAwake(0);
    for (int i = 0; i < found; i++) {
      // a handler may be gone by the time its turn comes
      Handler handler = handlers.get(epoll.data(i));
      if (handler != null) {
        handler.ready(epoll.events(i));
      }
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.peek(); task != null; task = tasks.peek()) {
      // a task that an Error stops is run again, but not for ever: others wait behind it
      try {
        task.run();
      } catch (RuntimeException e) {
        stops = 0;
        tasks.remove();
        throw e;
      } catch (Error e) {
        if (++stops >= MOST_STOPS) {
          stops = 0;
          tasks.remove();
        }
        throw e;
      }
      stops = 0;
      tasks.remove();
    }
  }

  /** Does what is due; returns the milliseconds until something else is, -1 if nothing is. */
  private int timers(long now) throws IOException {
    long next = Long.MAX_VALUE;
    if (sweepWanted && nextSweep - now <= 0) {
      sweep(now);
    }
    if (sweepWanted) {
      next = nextSweep - now;
    }
    next = Math.min(next, connects(now));
    next = Math.min(next, links(now));
    next = Math.min(next, listeners.retry(now));
    next = Math.min(next, bounds.kept.look(now));
    if (next == Long.MAX_VALUE) {
      return -1;
    }
    return (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(next) + 1);
  }

  /** Has {@link Link#retry} called before long, which sees what was stored before this. */
  void retryLinks() {
    if (!linksWait) {
      linksWait = true;
      stir();
    }
  }

  /** Retries what waits on links; returns the nanoseconds until it has to be called again. */
  private long links(long now) {
    if (!linksWait) {
      return Long.MAX_VALUE;
    }
    if (nextRetryOfLinks == 0) {
      nextRetryOfLinks = now + RETRY_NANOS;
    } else if (nextRetryOfLinks - now <= 0) {
      nextRetryOfLinks = 0;
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
    return nextRetryOfLinks - now;
  }

  /** Ends connects whose time is over; returns the nanoseconds until it has to look again. */
  private long connects(long now) {
    if (!lookingAtConnects) {
      return Long.MAX_VALUE;
    }
    if (nextLookAtConnects == 0) {
      nextLookAtConnects = now + CONNECTS_NANOS;
    } else if (now - nextLookAtConnects >= 0) {
      boolean any = !connecting.isEmpty();
      connecting.removeIf(connection -> connection.expire(now));
      nextLookAtConnects = now + CONNECTS_NANOS;
      if (!any) {
        lookingAtConnects = false;
        Memory.fullFence();
        if (connecting.isEmpty()) {
          nextLookAtConnects = 0;
          return Long.MAX_VALUE;
        }
        lookingAtConnects = true;
      }
    }
    return nextLookAtConnects - now;
  }

  /** Sweeps all links; the longer there is nothing to give back, the rarer. */
  private void sweep(long now) throws IOException {
    sweepWanted = false;
    boolean soon = sweepSoon;
    sweepSoon = false;
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
      sweepInterval =
          soon || bounds.memory.used() != before
              ? SWEEP_NANOS
              : Math.min(2 * sweepInterval, SLOWEST_SWEEP_NANOS);
      nextSweep = now + sweepInterval;
      sweepWanted = true;
    }
  }

  String describe() {
    return Arrays.stream(links).filter(link -> !link.isDead()).count()
        + " links with "
        + bounds.wires.used()
        + " wires, "
        + bounds.memory.used() / 1024
        + " KiB of "
        + bounds.memory.most() / 1024
        + " KiB shared memory"
        + bounds.describeKept()
        + bounds.describeMet();
  }
}
