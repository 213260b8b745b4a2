package io.twinport.host;

import io.twinport.config.Log;
import io.twinport.config.Settings;
import io.twinport.config.Settings.OnError;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a provider once, when it is first needed. A listener waits for the start; a connect does
 * not, but is served when it is done.
 *
 * @param <N> what a provider is once it has started
 * @param <C> a connect that waits for that
 */
public abstract class Starter<N, C> {
  private final String name;
  private final String what;
  private final Settings settings;

  private volatile N started;

  // guarded by this
  private Thread starter;
  private SanUnavailableException failure;
  private final List<C> waiting = new ArrayList<>();

  /**
   * @param name the provider's
   * @param what can't be used if the start fails, for people
   */
  protected Starter(String name, String what, Settings settings) {
    this.name = name;
    this.what = what;
    this.settings = settings;
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
   * What has started; starts on this thread, or waits for the start that is under way.
   *
   * @throws SanUnavailableException if the start failed, now or before
   */
  public final N start() throws IOException {
    N now = started;
    while (now == null) {
      if (begin()) {
        run();
      }
      now = await();
    }
    return now;
  }

  /** Has {@code connect} begun, at once or once the start is done, which takes another thread. */
  public final void connectOnceStarted(C connect) throws IOException {
    N now = started;
    if (now == null) {
      synchronized (this) {
        now = started;
        if (now == null) {
          if (failure != null) {
            throw failure;
          }
          if (starter == null) {
            starter = startAside();
          }
          waiting.add(connect);
          return;
        }
      }
    }
    connect(now, connect);
  }

  /** Begins to start on another thread, which takes the monitor only once that is done. */
  private Thread startAside() throws SanUnavailableException {
    Thread aside = new Thread(null, this::run, "twinport-start-" + name, 0, false);
    aside.setDaemon(true);
    aside.setContextClassLoader(Starter.class.getClassLoader());
    try {
      aside.start();
    } catch (OutOfMemoryError e) {
      // no thread can be had now: nobody has begun, so whoever comes next tries again
      throw new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
    }
    return aside;
  }

  /** Whether it falls to this thread to start. */
  private synchronized boolean begin() {
    if (started != null || failure != null || starter != null) {
      return false;
    }
    starter = Thread.currentThread();
    return true;
  }

  private synchronized N await() throws IOException {
    boolean interrupted = false;
    while (starter != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        // listening is not interruptible; the start ends in any case
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    return started;
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
    synchronized (this) {
      started = node;
      failure = why;
      starter = null;
      notifyAll();
      served = new ArrayList<>(waiting);
      waiting.clear();
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
