package io.twinport.aio;

import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.waiting.Bells;
import io.twinport.waiting.EpollBell;
import io.twinport.waiting.KernelTurn;
import io.twinport.waiting.Past;
import io.twinport.waiting.Post;
import io.twinport.waiting.Posts;
import io.twinport.waiting.Sleep;
import io.twinport.waiting.WaitPolicy;
import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sun.nio.ch.SanCompletion;
import sun.nio.ch.SanPort;
import sun.nio.ch.ThreadPool;

/**
 * A channel group whose threads wait for TCP and the SAN. Membership, pools, timers and the rules
 * of who runs a completion handler are the JDK's.
 *
 * <p>One of the threads polls, the others wait for work in {@link #queue}. The one that has found
 * something puts all but one piece of it, and behind that the token {@link #POLL}, into the queue
 * before it does its piece: as long as one thread of the group is free, somebody polls, however
 * long handlers take.
 *
 * <p>Why no wakeup is lost: see {@link Sleep}. {@link #post}, {@link #runOnHandler} and {@link
 * #stopHandlers} store what they have to say and then end it. While the group says that it is
 * awake, either somebody polls or will before he sleeps, or all threads run handlers, and then
 * nobody could serve the event, as over TCP. A provider that has started since the announcement has
 * not heard it: see {@link #armed}.
 */
final class TwinPort extends SanPort implements WaitPolicy.Spinner, EpollBell.Watcher, Sleep.Alarm {
  /** Between two tries to get memory for what must not be lost. */
  private static final long NANOS_BETWEEN_TRIES = TimeUnit.MILLISECONDS.toNanos(1);

  /** Stands in the queue for something else than work. */
  private static final class Token implements Runnable {
    @Override
    public void run() {
      throw new AssertionError("a token is not work");
    }
  }

  /** Whoever takes this polls. There is one, in the queue or with the thread that polls. */
  private static final Runnable POLL = new Token();

  /** Nothing is left to do, and nothing will be. */
  private static final Runnable STOP = new Token();

  private final Switch owner;
  private final EpollBell bell;
  private final long longestSpinNanos;
  private final Runnable handler = this::handle;

  /** What has been found and nobody has taken. Empty whenever somebody begins to poll. */
  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();

  // Stored by any thread.
  private final Posts posted = new Posts();
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;
  private final Sleep sleep;

  /** How many providers have heard the last announcement of a sleep. */
  private volatile int heardBy;

  /** The thread that polls, or null. Others compare it with themselves, and always differ. */
  private volatile Thread poller;

  private boolean closed; // Under the lock of this object.

  // The polling thread's.
  private final Past past = new Past();
  private final KernelTurn kernel = new KernelTurn();

  /** Makes a group and starts its threads. */
  static TwinPort start(AsynchronousChannelProvider provider, Switch owner, ThreadPool pool)
      throws IOException {
    EpollBell bell = Bells.take();
    if (bell == null) {
      throw new IOException("Too many open files");
    }
    TwinPort port = null;
    try {
      port = new TwinPort(provider, owner, pool, bell);
      bell.sleepIn(port);
    } catch (IOException e) {
      if (port != null) {
        port.closeEpoll();
      }
      Bells.give(bell);
      throw e;
    }
    port.queue.add(POLL);
    port.startHandlers(port.handler);
    return port;
  }

  private TwinPort(
      AsynchronousChannelProvider provider, Switch owner, ThreadPool pool, EpollBell bell)
      throws IOException {
    super(provider, pool);
    this.owner = owner;
    this.bell = bell;
    this.sleep = new Sleep(this);
    this.longestSpinNanos = owner.waitPolicy().longestAdaptiveNanos();
  }

  Switch owner() {
    return owner;
  }

  EpollBell bell() {
    return bell;
  }

  // -- Work from other threads

  /** Has a channel looked at, and wakes the group for that. Nothing is thrown behind the entry. */
  void post(Post turn) {
    posted.push(turn);
    wake();
  }

  /**
   * Called behind every arming with a seat of this group. A target can only be armed once its
   * provider has started; if the polling thread has announced its sleep before that, it has to do
   * so again, or the peer would not ring. It says that it sleeps and then counts the providers that
   * have started, and here they are counted before the look at {@link #sleep}, so one of the two
   * notices.
   */
  void armed() {
    if (heardBy != owner.providers().started()) {
      wake();
    }
  }

  @Override
  protected void runOnHandler(Runnable task) {
    synchronized (this) {
      if (closed) {
        throw new RejectedExecutionException();
      }
      tasks.add(task);
    }
    wake();
  }

  @Override
  protected void stopHandlers() {
    stopping = true;
    wake();
    if (handlers() == 0) {
      close();
    }
  }

  /** Called behind the store of what the polling thread has to see. */
  void wake() {
    if (poller != Thread.currentThread()) {
      sleep.end();
    }
  }

  /**
   * Has a completion handler run. Called by a thread of the group, which waits until there is the
   * memory to pass the handler on: nobody else knows of the outcome.
   *
   * @param here whether the current thread runs it
   */
  <V> void tell(
      AsynchronousChannel channel,
      CompletionHandler<V, Object> toTell,
      Object attachment,
      V value,
      Throwable failure,
      boolean here) {
    if (here) {
      SanCompletion.invokeHere(toTell, attachment, value, failure);
      return;
    }
    while (true) {
      try {
        SanCompletion.invokeLater(channel, toTell, attachment, value, failure);
        return;
      } catch (OutOfMemoryError e) {
        awaitMemory();
      }
    }
  }

  /** As {@link #tell}, of an operation that has a future. */
  <V> void complete(Future<V> future, V value, Throwable failure) {
    while (true) {
      try {
        SanCompletion.complete(future, value, failure);
        return;
      } catch (OutOfMemoryError e) {
        awaitMemory();
      }
    }
  }

  /** Lets some time go by, for others to free memory, before the next try to get some. */
  static void awaitMemory() {
    LockSupport.parkNanos(NANOS_BETWEEN_TRIES);
  }

  @Override
  public void sound() {
    bell.ring();
  }

  // -- The threads

  private void handle() {
    boolean replace = true; // If something is thrown.
    try {
      Runnable work = null;
      GroupSeat again = null; // Whose look has ended for want of memory.
      while (work != STOP) {
        try {
          resetInvokeCount();
          if (again != null) {
            again.post();
            again = null;
          }
          if (work == null) {
            work = take();
          }
          if (work != STOP) {
            work.run();
            work = null;
          }
        } catch (OutOfMemoryError e) {
          if (SanCompletion.mayInvokeHere()) {
            throw e; // It may be a handler's, and what those throw ends their thread.
          }
          awaitMemory(); // And then the same work again: it goes on where it has ended.
          if (work instanceof GroupSeat.Turn turn) {
            again = turn.seat(); // By way of the stack, which another post may have put it on.
            work = null;
          }
        }
      }
      replace = false;
    } catch (IOException e) {
      replace = false;
      Log.error("a channel group ends: " + Log.cause(e)); // The epoll set is not one.
    } finally {
      if (handlerLeaves(handler, replace) == 0 && isShutdown()) {
        close();
      }
    }
  }

  private Runnable take() throws IOException {
    while (true) {
      try {
        Runnable work = queue.take();
        return work == POLL ? poll() : work;
      } catch (InterruptedException e) {
        Thread.interrupted(); // A handler's leftover, which means nothing to the group.
      }
    }
  }

  /** Waits for work. Returns one piece of it and leaves the rest to the queue. */
  private Runnable poll() throws IOException {
    poller = Thread.currentThread();
    try {
      while (true) {
        boolean last = stopping; // Before the look: what is stored before a stop is still done.
        owner.providers().poll(false);
        Runnable work = takePosted();
        if (work == null && last) {
          return STOP;
        }
        if (work == null) {
          work =
              switch (spin()) {
                case FOUND -> null;
                case KERNEL -> takeEvents(null, await(0), false);
                case IN_VAIN -> sleep();
              };
        } else if (kernelIsDue()) {
          owner.waitPolicy().worked(past);
          work = takeEvents(work, await(0), false);
        }
        if (work != null) {
          return work;
        }
      }
    } finally {
      poller = null;
      give(POLL);
    }
  }

  private Runnable takePosted() {
    Runnable mine = null;
    if (!posted.isEmpty()) {
      past.event(System.nanoTime());
    }
    Post turn = posted.takeAll();
    while (turn != null) {
      final Post following = turn.following(); // Whoever looks at the channel overwrites it.
      mine = keep(mine, (Runnable) turn);
      turn = following;
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      mine = keep(mine, task);
    }
    return mine;
  }

  private Runnable takeEvents(Runnable first, int count, boolean slept) {
    Runnable mine = first;
    boolean rings = false;
    for (int i = 0; i < count; i++) {
      Runnable event = eventOf(i);
      if (event != null) {
        mine = keep(mine, event);
      } else {
        rings = true; // Or its channel is gone.
      }
    }
    kernel.seen();
    if (rings) {
      drain(mine, slept);
    }
    return mine;
  }

  /** An Error, for one of the heap, loses no work that has been found. */
  private void drain(Runnable mine, boolean slept) {
    boolean drained = false;
    try {
      // What it was rung for was posted at the end of that sleep.
      if (bell.drain() && slept) {
        past.slept(bell.rungFrom());
      }
      drained = true;
    } finally {
      if (!drained && mine != null) {
        give(mine);
      }
    }
  }

  /** Returns the piece of work that the current thread does itself. */
  private Runnable keep(Runnable mine, Runnable more) {
    if (mine == null) {
      return more;
    }
    give(more);
    return mine;
  }

  /**
   * Puts work, or a token, into the queue. Only the current thread has it: where no memory is left
   * for the entry, that thread waits for some.
   */
  private void give(Runnable work) {
    while (true) {
      try {
        queue.add(work);
        return;
      } catch (OutOfMemoryError e) {
        awaitMemory();
      }
    }
  }

  /** As {@link #event}: the kernel tells of it once, so that this too waits for memory. */
  private Runnable eventOf(int i) {
    while (true) {
      try {
        return event(i);
      } catch (OutOfMemoryError e) {
        awaitMemory();
      }
    }
  }

  /** Whether TCP's turn has come although the SAN has work. */
  private boolean kernelIsDue() {
    kernel.taken();
    return kernel.isDue();
  }

  // -- Waiting

  /**
   * Spins as the policy allows, but never for longer than an adaptive waiter, which is too short
   * for a yield: what this thread finds is mostly for others, which may need its processor.
   */
  private WaitPolicy.Spun spin() throws IOException {
    return owner.providers().started() == 0
        ? WaitPolicy.Spun.IN_VAIN
        : owner.waitPolicy().spin(this, past, longestSpinNanos);
  }

  @Override
  public boolean somethingToLookAt() {
    owner.providers().poll(false);
    return isWoken();
  }

  private boolean isWoken() {
    return !posted.isEmpty() || !tasks.isEmpty() || stopping;
  }

  /** Sleeps in the kernel until there may be something; see the class comment. */
  private Runnable sleep() throws IOException {
    int told = owner.providers().started();
    heardBy = told;
    int count;
    try {
      owner.providers().announceSleep(bell);
      sleep.begin();
      owner.providers().poll(true);
      boolean stay = isWoken() || owner.providers().started() != told;
      count = await(stay ? 0 : -1);
    } finally {
      sleep.over();
      owner.providers().announceAwake(bell);
    }
    return takeEvents(null, count, true);
  }

  // -- End

  /** Called when no thread runs the handler any more. */
  private void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    bell.leave(); // Before the number of the epoll set is somebody else's.
    try {
      closeEpoll();
    } catch (IOException e) {
      Log.debug(() -> "close of a channel group: " + Log.cause(e)); // Nothing depends on it.
    }
    Bells.give(bell);
  }
}
