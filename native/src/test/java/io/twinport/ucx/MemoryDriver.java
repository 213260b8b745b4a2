package io.twinport.ucx;

import io.twinport.posix.Memory;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import io.twinport.ucx.pipe.Chunks;
import io.twinport.ucx.pipe.PipeDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Drives pipes in memory. It holds its callers to the rules: whoever calls a pipe has the lock, and
 * nobody is posted to under it.
 */
final class MemoryDriver implements PipeDriver, AutoCloseable {
  /** How unlike a quiet wire the pipes are. */
  enum Temper {
    /** Pieces as they were sent, at once. */
    CALM,
    /** Pieces of any size, chunks that come back late, threads that stop and go. */
    WILD
  }

  private final class Planned implements Timer, Comparable<Planned> {
    final long at;
    final Runnable task;

    Planned(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }

    @Override
    public void cancel() {
      checkHeld();
      timers.remove(this);
    }

    @Override
    public int compareTo(Planned other) {
      return Long.compare(at - other.at, 0);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  static final int PIECE_BYTES = 1 << 16;

  private final AtomicReference<Thread> owner = new AtomicReference<>();
  private final Queue<Task> submitted = new ConcurrentLinkedQueue<>();
  private final Queue<MemoryPipe> stirred = new ConcurrentLinkedQueue<>();
  private final Temper temper;
  private final Thread thread;
  private volatile boolean closed;

  // with the lock held
  private final Random random;
  private final Chunks chunks;
  private final List<Runnable> posts = new ArrayList<>();
  private final PriorityQueue<Planned> timers = new PriorityQueue<>();
  private final long piece = Memory.allocate(PIECE_BYTES);
  private Throwable failure;

  MemoryDriver(Temper temper, long seed, int chunkBytes, int mostChunks) {
    this.temper = temper;
    random = new Random(seed);
    chunks = new Chunks(chunkBytes, mostChunks);
    thread = new Thread(this::run, "memory-driver");
    thread.setDaemon(true);
    thread.start();
  }

  static MemoryDriver calm() {
    return new MemoryDriver(Temper.CALM, 1, 1 << 16, 256);
  }

  /** With few, small chunks, so that they run out. */
  static MemoryDriver wild(long seed) {
    return new MemoryDriver(Temper.WILD, seed, 512, 48);
  }

  boolean isWild() {
    return temper == Temper.WILD;
  }

  Random random() {
    checkHeld();
    return random;
  }

  long piece() {
    checkHeld();
    return piece;
  }

  void checkHeld() {
    if (owner.get() != Thread.currentThread()) {
      throw new IllegalStateException("without the lock");
    }
  }

  @Override
  public boolean tryLock() {
    return owner.compareAndSet(null, Thread.currentThread());
  }

  @Override
  public void lock() {
    while (!tryLock()) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void unlock() {
    do {
      checkHeld();
      moveOn();
      List<Runnable> made = List.copyOf(posts);
      posts.clear();
      owner.set(null);
      made.forEach(Runnable::run);
      // Whoever submits looks for an owner behind it, and this look is behind the owner's leaving.
    } while (!submitted.isEmpty() && tryLock());
  }

  private void moveOn() {
    try {
      for (Task task = submitted.poll(); task != null; task = submitted.poll()) {
        task.queued.set(false);
        task.run();
      }
      for (int count = stirred.size(); count > 0; count--) {
        MemoryPipe pipe = stirred.poll();
        if (pipe == null) {
          break;
        }
        pipe.move();
      }
      while (!timers.isEmpty() && timers.peek().at - System.nanoTime() <= 0) {
        timers.poll().task.run();
      }
      if (isWild() && random.nextInt(200) == 0) {
        // not a park: that would use up what wakes the thread
        for (int spins = random.nextInt(20_000); spins > 0; spins--) {
          Thread.onSpinWait();
        }
      }
    } catch (Throwable t) {
      failure = t; // shown by close, if that is ever reached
    }
    if (!stirred.isEmpty()) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closed) {
      lock();
      long wait = Long.MAX_VALUE;
      if (!timers.isEmpty()) {
        wait = timers.peek().at - System.nanoTime();
      }
      unlock();
      if (wait == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else if (wait > 0) {
        LockSupport.parkNanos(this, wait);
      }
    }
  }

  /** {@code pipe} has something to be moved on. Any thread. */
  void stir(MemoryPipe pipe) {
    stirred.add(pipe);
    LockSupport.unpark(thread);
  }

  @Override
  public void submit(Task task) {
    if (task.queued.compareAndSet(false, true)) {
      submitted.add(task);
    }
    if (owner.get() == null) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void post(Seat seat, SanTarget target) {
    checkHeld();
    if (seat != null) {
      posts.add(() -> seat.post(target));
    }
  }

  @Override
  public void signal(SanEvent event) {
    checkHeld();
    posts.add(() -> event.signal(NetworkEvent.ACCEPT));
  }

  @Override
  public Timer schedule(long nanos, Runnable task) {
    checkHeld();
    Planned planned = new Planned(System.nanoTime() + nanos, task);
    timers.add(planned);
    LockSupport.unpark(thread);
    return planned;
  }

  @Override
  public Chunks chunks() {
    return chunks;
  }

  /** Runs {@code task} with the lock held. */
  void run(Runnable task) {
    lock();
    try {
      task.run();
    } finally {
      unlock();
    }
  }

  /** Fails for what a task has failed for. */
  void checkNothingFailed() {
    lock();
    Throwable seen = failure;
    unlock();
    if (seen != null) {
      throw new AssertionError("in the driver", seen);
    }
  }

  /** Timers that have not run. */
  int planned() {
    lock();
    try {
      return timers.size();
    } finally {
      unlock();
    }
  }

  /** What has arrived so far has been handed on when this returns, and what follows from it. */
  void settle(MemoryDriver other) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    for (int quiet = 0; quiet < 3; ) {
      run(() -> {});
      other.run(() -> {});
      boolean idle =
          stirred.isEmpty()
              && other.stirred.isEmpty()
              && submitted.isEmpty()
              && other.submitted.isEmpty();
      quiet = idle ? quiet + 1 : 0;
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("never quiet");
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the driver's thread does not end", e);
    }
    if (failure != null) {
      throw new AssertionError("in the driver", failure);
    }
    Memory.free(piece);
  }
}
