package io.twinport.host;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.config.Settings;
import io.twinport.config.Settings.OnError;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Starts a provider once, when it is first needed, on a thread of its own: a start reads and writes
 * files and loads classes, and so may wait for a stalled disk, or for a monitor that the
 * application's thread holds while it connects. Nobody waits for it longer than {@code
 * twinport.start-millis}, or for a listener {@link #LISTEN_NANOS}, after it has begun: TCP is taken
 * until it is done.
 *
 * @param <N> what a provider is once it has started
 * @param <C> a connect that waits for that
 */
public abstract class Starter<N, C> {
  /** The most that listeners wait: one that goes on without keeps to TCP for good. */
  private static final long LISTEN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final String what;
  private final Settings settings;
  private final long connectNanos;

  private volatile N started;

  /** Not a monitor: virtual threads that wait give their carriers up. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition ended = lock.newCondition();

  // guarded by the lock
  private boolean starting;
  private long began;
  private boolean watched;
  private boolean toldLate;
  private SanUnavailableException failure;
  private List<C> waiting = new ArrayList<>();

  /**
   * @param name the provider's
   * @param what can't be used if the start fails, for people
   */
  protected Starter(String name, String what, Settings settings) {
    this.name = name;
    this.what = what;
    this.settings = settings;
    this.connectNanos = TimeUnit.MILLISECONDS.toNanos(settings.startMillis());
  }

  /** Starts. Takes its time. */
  protected abstract N create() throws IOException;

  /** Begins to connect; an exception ends the connect. */
  protected abstract void connect(N node, C connect) throws IOException;

  /** Ends a connect. */
  protected abstract void fail(C connect, IOException why);

  /** What has started, or null. */
  public final N started() {
    return started;
  }

  /**
   * What has started, for a listener; waits for the start.
   *
   * @throws SanUnavailableException if the start failed, now or before, or takes too long
   */
  public final N start() throws IOException {
    N now = started;
    if (now != null) {
      return now;
    }
    lock.lock();
    try {
      begin();
      if (!await(LISTEN_NANOS)) {
        throw late();
      }
      if (failure != null) {
        throw failure;
      }
      return started;
    } finally {
      lock.unlock();
    }
  }

  /** Has {@code connect} begun, at once or once the start is done. */
  public final void connectOnceStarted(C connect) throws IOException {
    N now = started;
    if (now == null) {
      lock.lock();
      try {
        now = started;
        if (now == null) {
          begin();
          if (System.nanoTime() - began >= connectNanos) {
            throw late();
          }
          watch();
          waiting.add(connect);
          return;
        }
      } finally {
        lock.unlock();
      }
    }
    connect(now, connect);
  }

  /** Sees to it that a start is under way, or done. With the lock held. */
  private void begin() throws SanUnavailableException {
    if (failure != null) {
      throw failure;
    }
    if (started == null && !starting) {
      run("twinport-start-" + name, this::run);
      starting = true;
      began = System.nanoTime();
    }
  }

  /** Sees to it that those who wait are served in time. With the lock held. */
  private void watch() throws SanUnavailableException {
    if (!watched) {
      run("twinport-wait-" + name, this::endLateConnects);
      watched = true;
    }
  }

  /** The thread takes the lock only once it is let go of. */
  private static void run(String thread, Runnable task) throws SanUnavailableException {
    try {
      Daemon.of(thread, task).start();
    } catch (OutOfMemoryError e) {
      // no thread can be had now: nobody has begun, so whoever comes next tries again
      throw new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
    }
  }

  /**
   * Waits until the start has ended, with the lock held.
   *
   * @param nanos the most, counted from its beginning
   * @return whether it has ended
   */
  private boolean await(long nanos) {
    boolean interrupted = false;
    try {
      while (starting) {
        long left = began + nanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          ended.awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true; // Neither listening nor a thread of ours is interruptible.
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Sends those who wait to TCP if the start does not end in time, and tells of a long one. */
  private void endLateConnects() {
    List<C> late = List.of();
    SanUnavailableException why = null;
    lock.lock();
    try {
      if (!await(connectNanos)) {
        why = late();
        late = takeWaiting();
      }
    } finally {
      lock.unlock();
    }
    for (C connect : late) {
      fail(connect, why);
    }
    lock.lock();
    try {
      if (!await(LISTEN_NANOS)) {
        late();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Why somebody goes on without waiting any longer. Worth a line, once, only where it is more than
   * a busy machine. With the lock held.
   */
  private SanUnavailableException late() {
    String why = what + " takes long to start";
    if (!toldLate && System.nanoTime() - began >= LISTEN_NANOS) {
      toldLate = true;
      Log.warn(why + ", connections go by TCP until it has");
    }
    return new SanUnavailableException(Reason.PROVIDER_FAILED, why);
  }

  /** With the lock held. */
  private List<C> takeWaiting() {
    List<C> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  /** Starts, and serves or fails those who waited for it, whatever happens: nobody else would. */
  private void run() {
    N node = null;
    SanUnavailableException why = null;
    try {
      node = create();
    } catch (IOException | RuntimeException | Error e) {
      why = new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
      Log.warn(what + " can't be used, connections go by TCP: " + Log.cause(e));
      if (settings.onError() == OnError.FAIL) {
        Log.error("twinport.on-error=fail: ending this process");
        Runtime.getRuntime().halt(1);
      }
    }
    List<C> served;
    lock.lock();
    try {
      started = node;
      failure = why;
      starting = false;
      ended.signalAll();
      served = takeWaiting();
    } finally {
      lock.unlock();
    }
    for (C connect : served) {
      try {
        if (node == null) {
          throw why;
        }
        connect(node, connect);
      } catch (IOException | RuntimeException | Error e) {
        fail(connect, e instanceof IOException known ? known : new IOException(e));
      }
    }
  }
}
