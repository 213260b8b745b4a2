package io.twinport.host;

import io.twinport.config.Daemon;
import io.twinport.config.Log;
import io.twinport.config.OnError;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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
public abstract class Starter<N, C> implements Runnable {
  /** The most that listeners wait: one that goes on without keeps to TCP for good. */
  private static final long LISTEN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final String what;
  private final HostSettings settings;
  private final long connectNanos;

  private volatile N started;

  /** Whether the process ends: nothing begins any more. */
  private volatile boolean ends;

  // guarded by this, for a few instructions at a time
  private boolean starting;

  /**
   * Those who wait for the end of the start. They park, each for itself: a tool's Error out of a
   * park on a thread that must not block leaves nothing behind, as it would in a condition's queue.
   */
  private final List<Thread> parked = new ArrayList<>();

  private long began;
  private boolean watched;
  private boolean toldLate;
  private SanUnavailableException failure;
  private List<C> waiting = new ArrayList<>();
  private final List<C> none = new ArrayList<>();

  /**
   * @param name the provider's
   * @param what can't be used if the start fails, for people
   */
  protected Starter(String name, String what, HostSettings settings) {
    this.name = name;
    this.what = what;
    this.settings = settings;
    this.connectNanos = TimeUnit.MILLISECONDS.toNanos(settings.startMillis());
  }

  /** Starts. Takes its time. */
  protected abstract N create() throws IOException;

  /** Begins to connect; an exception ends the connect. */
  protected abstract void connect(N node, C connect) throws IOException;

  /** Has threads leave native code, as the process ends. */
  protected void end(N node) {}

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
    begin();
    boolean over = await(LISTEN_NANOS);
    synchronized (this) {
      if (!over) {
        throw late();
      }
      if (failure != null) {
        throw failure;
      }
      return started;
    }
  }

  /** As {@link io.twinport.spi.SanProvider#processEnds}. */
  public final void processEnds() {
    ends = true;
    N now = started;
    if (now != null) {
      end(now);
    }
  }

  /** Whether a start has begun, whatever has become of it. */
  public final synchronized boolean hasBegun() {
    return starting || started != null || failure != null;
  }

  /** Begins to start, if that has not begun; whoever uses it is told of a failure. */
  public final synchronized void prepare() {
    if (failure == null) {
      try {
        begin();
      } catch (SanUnavailableException e) {
        Log.debug(() -> name + " does not start ahead: " + Log.cause(e));
      }
    }
  }

  /** Has {@code connect} begun, at once or once the start is done. */
  public final void connectOnceStarted(C connect) throws IOException {
    N now = started;
    if (now == null) {
      synchronized (this) {
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
      }
    }
    connect(now, connect);
  }

  /**
   * Sees to it that a start is under way, or done.
   *
   * @throws SanUnavailableException if it failed
   */
  private synchronized void begin() throws SanUnavailableException {
    if (failure != null) {
      throw failure;
    }
    if (started == null && !starting) {
      if (ends) {
        throw new SanUnavailableException(Reason.PROVIDER_FAILED, "this process ends");
      }
      long now = System.nanoTime();
      run("twinport-start-" + name, this);
      starting = true;
      began = now;
    }
  }

  /** Sees to it that those who wait are served in time. With the monitor held. */
  private void watch() throws SanUnavailableException {
    if (!watched) {
      run(
          "twinport-wait-" + name,
          new Runnable() { // As a lambda it would cost a cold process more.
            @Override
            public void run() {
              endLateConnects();
            }
          });
      watched = true;
    }
  }

  /** The thread takes the monitor only once it is let go of. */
  private static void run(String thread, Runnable task) throws SanUnavailableException {
    try {
      Daemon.of(thread, task).start();
    } catch (OutOfMemoryError e) {
      // no thread can be had now: nobody has begun, so whoever comes next tries again
      throw new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
    }
  }

  /**
   * Waits until the start has ended. A parked thread has entered itself before it looks; whoever
   * ends the start stores that and then unparks all who are entered.
   *
   * @param nanos the most, counted from its beginning
   * @return whether it has ended
   */
  private boolean await(long nanos) {
    Thread current = Thread.currentThread();
    boolean interrupted = false;
    synchronized (this) {
      parked.add(current);
    }
    try {
      while (true) {
        long left;
        synchronized (this) {
          if (!starting) {
            return true;
          }
          left = began + nanos - System.nanoTime();
        }
        if (left <= 0) {
          return false;
        }
        LockSupport.parkNanos(this, left);
        interrupted |= Thread.interrupted(); // Neither listening nor our threads are interruptible.
      }
    } finally {
      synchronized (this) {
        parked.remove(current);
      }
      if (interrupted) {
        current.interrupt();
      }
    }
  }

  /** Sends those who wait to TCP if the start does not end in time, and tells of a long one. */
  private void endLateConnects() {
    List<C> late = List.of();
    SanUnavailableException why = null;
    if (!await(connectNanos)) {
      synchronized (this) {
        why = late();
        late = takeWaiting();
      }
    }
    for (C connect : late) {
      fail(connect, why);
    }
    if (!await(LISTEN_NANOS)) {
      synchronized (this) {
        late();
      }
    }
  }

  /**
   * Why somebody goes on without waiting any longer. Worth a line, once, only where it is more than
   * a busy machine. With the monitor held.
   */
  private SanUnavailableException late() {
    String why = what + " takes long to start";
    if (!toldLate && System.nanoTime() - began >= LISTEN_NANOS) {
      toldLate = true;
      Log.warn(why + ", its connections go by TCP until it has");
    }
    return new SanUnavailableException(Reason.PROVIDER_FAILED, why);
  }

  /** With the monitor held. */
  private List<C> takeWaiting() {
    List<C> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }

  /**
   * Starts, and serves or fails those who waited for it, whatever happens: nobody else would. On
   * the thread of the start.
   */
  @Override
  public final void run() {
    N node = null;
    SanUnavailableException why = null;
    try {
      node = create();
    } catch (IOException | RuntimeException | Error e) {
      why = new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
      Log.warn(what + " can't be used, its connections go by TCP: " + Log.cause(e));
      if (settings.onError() == OnError.FAIL) {
        Log.error("twinport.on-error=fail: ending this process");
        Runtime.getRuntime().halt(1);
      }
    }
    List<C> served;
    synchronized (this) {
      started = node;
      failure = why;
      starting = false;
      for (Thread each : parked) {
        LockSupport.unpark(each);
      }
      served = waiting;
      waiting = none; // Made before: nothing can fail here.
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
    if (ends && node != null) {
      end(node); // The process's end may have come too early to see it.
    }
  }
}
