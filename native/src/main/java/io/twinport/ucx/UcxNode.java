package io.twinport.ucx;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.config.Subnet;
import io.twinport.host.Faults;
import io.twinport.posix.Epoll;
import io.twinport.posix.Posix;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanTarget;
import io.twinport.spi.SanUnavailableException;
import io.twinport.spi.Seat;
import io.twinport.ucp.Status;
import io.twinport.ucp.Ucp;
import io.twinport.ucp.UcpException;
import io.twinport.ucp.UcpWorker;
import io.twinport.ucx.UcxSettings.Transport;
import io.twinport.ucx.connection.RefusedHosts;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.connection.UcxListener;
import io.twinport.ucx.pipe.Chunks;
import io.twinport.ucx.pipe.PipeDriver;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * This process on the network: one worker of UCP under one lock, moved on by whoever holds the
 * lock. That is a thread of the node's own, which sleeps while nothing happens, or a thread of the
 * application that has written or looks for what has arrived.
 *
 * <p>Why nothing is left lying:
 *
 * <ul>
 *   <li><i>What UCX has to tell.</i> The thread sleeps only with the worker armed: armed under the
 *       lock, after the worker had nothing more to move on. An event after that makes the worker's
 *       descriptor readable, and it stays so until the worker is armed again. Whoever else moves
 *       the worker on meanwhile, or calls it, arms it again before he gives the lock back, and if
 *       that fails or he has no time, he wakes the thread.
 *   <li><i>What is submitted.</i> A task is queued first; then its submitter tries to take the
 *       lock. If he can't, somebody holds it, and looks at the queue once more after he has given
 *       it back.
 *   <li><i>Timers, and what only the thread may do.</i> The thread is woken through a descriptor of
 *       its own if it sleeps for longer than the first timer wants.
 *   <li><i>Posts.</i> They are made after the lock is given back by whoever collected them, before
 *       he does anything else.
 * </ul>
 */
final class UcxNode implements PipeDriver, UcpWorker.Upcalls {
  private static final int CHUNK_BYTES = 64 << 10;
  private static final int MOST_CHUNKS = 1_024;
  private static final int POLLED = 64;

  /** How often one thread moves on what there is before another may have the lock. */
  private static final int ROUNDS = 32;

  private static final int MOST_SLEEP_MILLIS = 1 << 30;
  private static final int PORTS = 65_535;

  private final UcxSettings settings;
  private final Ucp library;
  private final UcpWorker worker;
  private final Epoll epoll;
  private final int bell;

  private final RefusedHosts refused = new RefusedHosts();
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<Task> submitted = new AtomicReference<>();
  private final Queue<Runnable> executed = new ConcurrentLinkedQueue<>();

  /** A list of posts that nobody uses, kept for the next who needs one. */
  private final AtomicReference<Posts> sparePosts = new AtomicReference<>();

  // guarded by the lock
  private final Chunks chunks = new Chunks(CHUNK_BYTES, MOST_CHUNKS);
  private final Timers timers = new Timers();
  private final Endpoints endpoints;
  private final Doors doors;
  private Posts posts = new Posts();

  /** The worker is armed, and has not been called since but in vain. */
  private boolean armed;

  /**
   * The worker's descriptor was readable. It stays so until the worker is armed again, even if
   * there is nothing left to move on: over RDMA another thread may have taken what it was readable
   * for. The thread's own.
   */
  private boolean signalled;

  /** The thread sleeps, or is about to; it has been told of nothing since. */
  private boolean sleeping;

  /** When the thread means to wake, in {@link System#nanoTime}; valid while it sleeps. */
  private long wakesAt;

  private boolean wakesAtSomeTime;

  /** Loads UCX and starts the thread. */
  UcxNode(UcxSettings settings) throws IOException {
    Posix.load(settings.host().nativeDir());
    this.settings = settings;
    library = Ucp.load(settings.library(), Log.isLogged(Log.Level.DEBUG));
    worker = new UcpWorker(library, config(settings), POLLED, this);
    Epoll newEpoll = null;
    int newBell = -1;
    boolean started = false;
    try {
      newEpoll = new Epoll(2);
      newBell = Posix.eventfd();
      epoll = newEpoll;
      bell = newBell;
      epoll.add(worker.fd(), Epoll.EPOLLIN, worker.fd());
      epoll.add(bell, Epoll.EPOLLIN, bell);
      endpoints =
          new Endpoints(this, worker, TimeUnit.MILLISECONDS.toNanos(settings.keepaliveMillis()));
      doors = new Doors(this, worker, endpoints, settings.transport() == Transport.TCP);
      Daemon.of("twinport-ucx", this::run).start();
      started = true;
    } finally {
      if (!started) {
        if (newEpoll != null) {
          newEpoll.close();
        }
        if (newBell >= 0) {
          Posix.close(newBell);
        }
        worker.close();
      }
    }
  }

  /** What this asks of UCX. It wins over {@code UCX_*} in the environment. */
  private static Map<String, String> config(UcxSettings settings) {
    Map<String, String> config = new LinkedHashMap<>();
    if (settings.transport() == Transport.TCP) {
      config.put("TLS", "tcp,self");
      config.put("SOCKADDR_TLS_PRIORITY", "tcp");
    } else {
      config.put("TLS", "rc,ud,self");
      config.put("SOCKADDR_TLS_PRIORITY", "rdmacm");
      // Linux' soft-RoCE takes 7, the default, for ever. With UCX's second each, a link that is cut
      // fails after seven.
      config.put("RC_RETRY_COUNT", "6");
    }
    // An endpoint goes through the device that its address belongs to, and no other.
    config.put("CM_USE_ALL_DEVICES", "n");
    config.put("KEEPALIVE_INTERVAL", settings.keepaliveMillis() + "ms");
    config.put("KEEPALIVE_NUM_EPS", "65536");
    return config;
  }

  UcxSettings settings() {
    return settings;
  }

  /**
   * Makes a listener, with a door for each address that is served.
   *
   * @throws SanUnavailableException if none of them could be opened
   */
  SanListener listen(
      ServedAddresses served, InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    UcxListener listener =
        new UcxListener(this, local, backlog, settings.host().backlogFull(), condition, refused);
    InetAddress wanted = local.getAddress();
    boolean open = false;
    UcpException inUse = null;
    List<Subnet> all = served.served();
    lock();
    try {
      for (Subnet own : all) {
        if (wanted.isAnyLocalAddress() || wanted.equals(own.address())) {
          try {
            InetSocketAddress address = new InetSocketAddress(own.address(), local.getPort());
            doors.open(listener, address, at(address));
            open = true;
          } catch (UcpException e) {
            Log.debug(() -> "ucx: no door: " + Log.cause(e));
            inUse = e;
          }
        }
      }
    } finally {
      unlock();
    }
    if (!open && inUse != null) {
      throw new SanUnavailableException(
          inUse.status() == Status.BUSY ? Reason.NAME_TAKEN : Reason.PROVIDER_FAILED,
          Log.cause(inUse),
          inUse);
    }
    return listener;
  }

  /** Where UCX listens for an address: over TCP the application's own port is TCP's already. */
  InetSocketAddress at(InetSocketAddress address) {
    if (settings.transport() == Transport.RDMA) {
      return address;
    }
    int port = (address.getPort() - 1 + settings.portOffset()) % PORTS + 1;
    return new InetSocketAddress(address.getAddress(), port);
  }

  /** The lock guards them. */
  Endpoints endpoints() {
    return endpoints;
  }

  /** The lock guards them. */
  Doors doors() {
    return doors;
  }

  // -- the lock

  @Override
  public boolean tryLock() {
    return !lock.isHeldByCurrentThread() && lock.tryLock();
  }

  @Override
  public void lock() {
    if (lock.isHeldByCurrentThread()) {
      throw new IllegalStateException("the lock is held already");
    }
    lock.lock();
  }

  @Override
  public void unlock() {
    do {
      boolean more = true;
      try {
        more = drive();
      } finally {
        if (sleeping && !maySleepOn(more)) {
          wake();
        }
        release();
      }
    } while (submitted.get() != null && tryLock());
  }

  /** Gives the lock back, and makes the posts. */
  private void release() {
    if (posts.isEmpty()) {
      lock.unlock();
      return;
    }
    Posts collected = posts;
    Posts spare = sparePosts.getAndSet(null);
    posts = spare == null ? new Posts() : spare;
    lock.unlock();
    collected.make();
    sparePosts.set(collected);
  }

  /** Moves on what has arrived, if nobody else is doing so. Any thread. */
  void poll() {
    if (tryLock()) {
      unlock();
    }
  }

  @Override
  public void submit(Task task) {
    if (task.queued.compareAndSet(false, true)) {
      Task head;
      do {
        head = submitted.get();
        task.next = head;
      } while (!submitted.compareAndSet(head, task));
    }
    if (tryLock()) {
      unlock();
    }
  }

  /** Has {@code task} run by the node's own thread, with the lock held. Any thread. */
  void execute(Runnable task) {
    executed.add(task);
    Posix.signal(bell);
  }

  @Override
  public void post(Seat seat, SanTarget target) {
    if (seat != null) {
      posts.add(seat, target);
    }
  }

  @Override
  public void signal(SanEvent event) {
    posts.add(event);
  }

  /** Has {@code task} run once the lock is given back. Lock held. */
  void afterwards(Runnable task) {
    posts.add(task);
  }

  @Override
  public Timer schedule(long nanos, Runnable task) {
    return timers.schedule(System.nanoTime() + nanos, task);
  }

  @Override
  public Chunks chunks() {
    return chunks;
  }

  // -- moving on; the lock is held

  /** Moves on what can be; returns whether there may be more. */
  private boolean drive() {
    for (int round = 0; round < ROUNDS; round++) {
      boolean moved = runSubmitted();
      moved |= worker.progress() > 0;
      moved |= endpoints.receive();
      moved |= doors.admit();
      moved |= endpoints.attend();
      if (!moved) {
        return false;
      }
      armed = false;
    }
    return true;
  }

  private boolean runSubmitted() {
    Task newest = submitted.get() == null ? null : submitted.getAndSet(null);
    if (newest == null) {
      return false;
    }
    // they were pushed onto a stack: in the order in which they came
    Task oldest = null;
    while (newest != null) {
      Task next = newest.next;
      newest.next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != null) {
      Task next = oldest.next;
      oldest.next = null;
      oldest.queued.set(false);
      try {
        oldest.run();
      } catch (RuntimeException | Error e) {
        Faults.log(UcxProvider.NAME, e);
      }
      oldest = next;
    }
    return true;
  }

  /** The worker is called, or about to be: it has to be armed again. */
  void calls() {
    armed = false;
  }

  /** A fault in one task must not keep the lock, nor end the service for the others. */
  void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      Faults.log(UcxProvider.NAME, e);
    }
  }

  /** Arms the worker, if it has been called since it was armed; false if it has more to move on. */
  private boolean arm() throws UcpException {
    if (!armed) {
      armed = worker.arm();
    }
    return armed;
  }

  /** Whether the thread that sleeps need not be woken; the lock is about to be given back. */
  private boolean maySleepOn(boolean more) {
    try {
      return !more && arm() && !wakesTooLate();
    } catch (UcpException e) {
      return false; // the thread finds the same, says so, and takes its time
    }
  }

  // -- the thread

  private void wake() {
    sleeping = false;
    Posix.signal(bell);
  }

  private boolean wakesTooLate() {
    long now = System.nanoTime();
    long next = timers.next(now);
    return next != Long.MAX_VALUE && (!wakesAtSomeTime || now + next - wakesAt < 0);
  }

  private void run() {
    int faults = 0;
    while (true) {
      try {
        step();
        faults = 0;
      } catch (Throwable e) {
        Faults.log(UcxProvider.NAME, e);
        Faults.pause(faults++);
      }
    }
  }

  private void step() throws IOException {
    int timeout;
    lock.lock();
    try {
      sleeping = false;
      if (signalled) {
        signalled = false;
        armed = false;
      }
      for (Runnable task = executed.poll(); task != null; task = executed.poll()) {
        armed = false;
        guarded(task);
      }
      long now = System.nanoTime();
      for (Runnable task = timers.due(now); task != null; task = timers.due(now)) {
        armed = false;
        guarded(task);
      }
      timeout = drive() || !arm() ? 0 : timeout(System.nanoTime());
      sleeping = timeout != 0;
    } finally {
      release();
    }
    // Whoever submits or executes something from now on does it himself, or rings.
    if (submitted.get() != null || timeout == 0) {
      return;
    }
    int found = epoll.await(timeout);
    for (int i = 0; i < found; i++) {
      if (epoll.data(i) == bell) {
        Posix.drain(bell);
      } else {
        signalled = true;
      }
    }
  }

  /** Milliseconds until a timer is due, -1 if none is; notes when the thread will wake. */
  private int timeout(long now) {
    long next = timers.next(now);
    wakesAtSomeTime = next != Long.MAX_VALUE;
    if (!wakesAtSomeTime) {
      return -1;
    }
    wakesAt = now + next;
    return (int) Math.min(MOST_SLEEP_MILLIS, TimeUnit.NANOSECONDS.toMillis(next) + 1);
  }

  // -- upcalls: from within UCX, lock held

  @Override
  public void requested(long listener, long request) {
    doors.requested(listener, request);
  }

  @Override
  public void failed(long endpoint, int status) {
    endpoints.failed(endpoint, status);
  }

  /** The connections that were closed here, and whose peer has not closed. */
  List<SanConnection> closing() {
    List<SanConnection> closing = new ArrayList<>();
    lock.lock();
    try {
      for (PipeReader reader : endpoints.readers()) {
        if (reader instanceof UcxConnection connection && connection.isClosing()) {
          closing.add(connection);
        }
      }
    } finally {
      unlock();
    }
    return closing;
  }

  /** Hosts whose clients were told to use TCP, and why. */
  Map<InetAddress, Reason> refusedHosts() {
    return refused.all(System.nanoTime());
  }

  String describe() {
    lock.lock();
    try {
      int count = endpoints.count();
      return "UCX "
          + library.version()
          + " over "
          + (settings.transport() == Transport.TCP ? "TCP" : "RDMA")
          + ", "
          + count
          + (count == 1 ? " endpoint" : " endpoints");
    } finally {
      unlock();
    }
  }
}
