package io.twinport.shm;

import io.twinport.config.Log;
import io.twinport.config.Settings;
import io.twinport.config.Settings.OnError;
import io.twinport.posix.Posix;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Shared memory between processes of one host. Starts, and loads native code, when this process
 * listens, or when it connects and there is a twin listener in its network namespace.
 */
public final class ShmProvider implements SanProvider {
  static final String NAME = "shm";

  private final TwinNames names = new TwinNames();
  private final Addresses addresses = new Addresses();
  private Settings settings = Settings.defaults();

  private volatile Node node;

  private final Object startLock = new Object();
  // guarded by startLock
  private Thread starter;
  private SanUnavailableException failure;
  private final List<ShmConnection> waiting = new ArrayList<>();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Settings newSettings) {
    settings = newSettings;
  }

  @Override
  public boolean serves(InetAddress local) {
    return local.isAnyLocalAddress() || addresses.isLocal(local);
  }

  @Override
  public boolean reaches(InetAddress destination) {
    return addresses.isLocal(destination);
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    Node started = node;
    return (started != null ? started : start()).listeners().listen(local, backlog, condition);
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    Node started = node;
    if (started == null && !names.anyTwin()) {
      throw new SanUnavailableException(Reason.NO_TWIN);
    }
    ShmConnection connection = new ShmConnection(remote, local);
    if (started == null) {
      started = startAside(connection);
    }
    if (started != null) {
      started.dialler().connect(connection);
    }
    return connection;
  }

  // -- starting

  /** Starts on this thread, or waits for the start that is under way. */
  private Node start() throws IOException {
    while (true) {
      Thread other;
      synchronized (startLock) {
        if (node != null) {
          return node;
        }
        if (failure != null) {
          throw failure;
        }
        other = starter;
        if (other == null) {
          starter = Thread.currentThread();
        }
      }
      if (other == null) {
        started();
      } else {
        await();
      }
    }
  }

  private void await() throws IOException {
    synchronized (startLock) {
      boolean interrupted = false;
      while (starter != null) {
        try {
          startLock.wait();
        } catch (InterruptedException e) {
          // listening is not interruptible; the start ends in any case
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Starts on a thread of its own: a connect does not wait for it on the caller's.
   *
   * @return the node if it has just started; otherwise null, and the connection is served when it
   *     has
   */
  private Node startAside(ShmConnection connection) throws IOException {
    synchronized (startLock) {
      if (node != null) {
        return node;
      }
      if (failure != null) {
        throw failure;
      }
      waiting.add(connection);
      if (starter == null) {
        starter = new Thread(null, this::started, "twinport-start", 0, false);
        starter.setDaemon(true);
        starter.setContextClassLoader(ShmProvider.class.getClassLoader());
        starter.start();
      }
      return null;
    }
  }

  /** Starts, and serves or fails those who waited for it. */
  private void started() {
    Node begun = null;
    SanUnavailableException why = null;
    try {
      begun = new Node(settings, addresses);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      why = new SanUnavailableException(Reason.PROVIDER_FAILED, Log.cause(e), e);
      Log.warn("shared memory can't be used, connections go by TCP: " + Log.cause(e));
      if (settings.onError() == OnError.FAIL) {
        Log.error("twinport.on-error=fail: ending this process");
        Runtime.getRuntime().halt(1);
      }
    }
    List<ShmConnection> served;
    synchronized (startLock) {
      node = begun;
      failure = why;
      starter = null;
      startLock.notifyAll();
      served = new ArrayList<>(waiting);
      waiting.clear();
    }
    for (ShmConnection connection : served) {
      try {
        if (begun == null) {
          throw why;
        }
        begun.dialler().connect(connection);
      } catch (IOException e) {
        connection.fail(e);
      }
    }
  }

  // -- waiting

  @Override
  public boolean isStarted() {
    return node != null;
  }

  @Override
  public void poll(boolean thoroughly) {
    Node started = node;
    if (started != null) {
      started.poll(thoroughly);
    }
  }

  @Override
  public void announceSleep(Bell bell) {
    Node started = node;
    if (started != null) {
      started.announceSleep(bell);
    }
  }

  @Override
  public void announceAwake(Bell bell) {
    Node started = node;
    if (started != null) {
      started.announceAwake(bell);
    }
  }

  @Override
  public boolean changeCore() {
    return node != null && Posix.changeCore();
  }

  @Override
  public String describe() {
    Node started = node;
    return started == null ? "not started" : started.describe();
  }
}
