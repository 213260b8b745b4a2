package io.twinport.shm.link;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.host.Faults;
import io.twinport.posix.Epoll;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * The node's thread: waits for descriptors, runs tasks, and has looked after what is due. It is
 * seat 0, which stands for whoever has no seat of his own.
 *
 * <p>The thread sleeps in epoll as every seat sleeps on its bell: it announces it, makes a full
 * fence, looks at its tasks and at what all links count once more, and only then waits. Those who
 * bring work do the same from the other side.
 */
public final class EventLoop implements Runnable {
  /** What the thread does when a descriptor is ready. */
  public interface Handler {
    void ready(int events) throws IOException;
  }

  /** What the thread does in each round. */
  interface Rounds extends Timed {
    /** Goes on with what was left to the thread. */
    void settle();

    /** Takes what peers have pushed, on the links that are looked at. */
    void poll(boolean thoroughly);

    /** Takes what peers have pushed, on all links. */
    void pollAll();
  }

  /** Something that is to be done at its time, on the thread. */
  public interface Timed {
    /**
     * Does what is due.
     *
     * @param now of {@link System#nanoTime}
     * @return the nanoseconds until it wants to be called again; {@link Long#MAX_VALUE} for not
     *     before the thread is stirred
     */
    long look(long now) throws IOException;
  }

  private static final long MOST_MILLIS_TO_END = 50;
  private static final int EVENTS = 256;

  /** How often a task is run that an Error stops each time. */
  private static final int MOST_STOPS = 8;

  private final Board board;
  private final Rounds rounds;

  /** Rings for the thread from inside the process. */
  private final int bell;

  private final Epoll epoll;

  private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Stored before it starts. */
  private Thread thread;

  /** Set by those who change what the thread's next time-out depends on. */
  private volatile boolean stirred;

  /** The process ends. */
  private volatile boolean ending;

  /** A round has failed, and with it may be lost who has rung. Of the thread. */
  private boolean failed;

  /** How often the first task has been stopped by an Error. Of the thread. */
  private int stops;

  EventLoop(Board board, Rounds rounds) throws IOException {
    this.board = board;
    this.rounds = rounds;
    bell = Posix.eventfd();
    Epoll set = null;
    boolean made = false;
    try {
      set = new Epoll(EVENTS);
      set.add(bell, Epoll.EPOLLIN, bell);
      made = true;
    } finally {
      if (!made) {
        Posix.close(bell);
        if (set != null) {
          set.close();
        }
      }
    }
    epoll = set;
  }

  /** Starts the thread. */
  void start() {
    thread = Daemon.of("twinport-shm", this);
    thread.start();
  }

  /** Of a loop that has not started. */
  void close() {
    Posix.close(bell);
    epoll.close();
  }

  /** Runs {@code task} on the thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /**
   * After something was left for the thread: see the class comment for why nothing is left lying.
   */
  private void wake() {
    Memory.fullFence();
    if (board.sleepsAtSeat0() && Thread.currentThread() != thread) {
      Posix.signal(bell);
    }
  }

  /** Has the thread look at its timers again. */
  public void stir() {
    stirred = true;
    wake();
  }

  /** Watches a descriptor; if it can't be watched, nothing is left of the attempt. */
  public void watch(int fd, Handler handler, int events) throws IOException {
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
  public void watchFor(int fd, Handler handler, int events) {
    handlers.put((long) fd, handler);
    try {
      epoll.modify(fd, events, fd);
    } catch (IOException e) {
      Log.warn("shm: a descriptor can't be watched: " + Log.cause(e));
    }
  }

  /** Has the thread wake when seat 0 is rung by {@code wire}. */
  public void listenTo(OwnWire wire) throws IOException {
    watch(wire.fd(), wire, Epoll.EPOLLOUT | Epoll.EPOLLET);
  }

  /** Stops watching a descriptor, which is closed next. */
  public void forget(int fd) {
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
  public void end() {
    ending = true;
    stir();
    try {
      thread.join(MOST_MILLIS_TO_END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the thread does. */
  @Override
  public void run() {
    int faults = 0;
    while (!ending) {
      try {
        step();
        faults = 0;
      } catch (Throwable e) {
        failed = true;
        // Neither a fault in one link nor a lack of memory may end the service for the others, nor
        // may what fails while this is said.
        try {
          Faults.pause(faults++);
          Faults.log("shm", e);
        } catch (Throwable worse) {
          // there is no memory even for that: the next round is what counts
          stirred = true;
        }
      }
    }
  }

  private void step() throws IOException {
    board.announceAwake(0);
    stirred = false;
    runTasks();
    rounds.settle();
    if (failed) {
      rounds.pollAll();
      failed = false;
    }
    rounds.poll(true);
    int timeout = timers(System.nanoTime());
    board.announceSleep(0);
    rounds.poll(true);
    if (!tasks.isEmpty() || stirred || ending) {
      timeout = 0;
    }
    int found = epoll.await(timeout);
    board.announceAwake(0);
    for (int i = 0; i < found; i++) {
      long fd = epoll.data(i);
      if (fd == bell) {
        Posix.drain(bell);
        continue;
      }
      // a handler may be gone by the time its turn comes
      Handler handler = handlers.get(fd);
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
    long next = rounds.look(now);
    if (next == Long.MAX_VALUE) {
      return -1;
    }
    return (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(next) + 1);
  }
}
