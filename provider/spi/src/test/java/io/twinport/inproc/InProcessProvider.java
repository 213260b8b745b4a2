package io.twinport.inproc;

import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanUnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Connects the channels of one JVM with each other. */
public final class InProcessProvider extends OneJvmProvider<InProcessListener> {
  private static final int FIRST_PORT = 10_000;
  private static final int LAST_PORT = 30_000;

  private static final String NAME = "inproc";

  private final Driver driver;
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private int nextPort = FIRST_PORT;

  private InProcessProvider(String name, Driver driver) {
    super(name);
    this.driver = driver;
  }

  /** Everything happens in the calling thread; a connect has its outcome at once. */
  public InProcessProvider() {
    this(NAME);
  }

  /** As {@link #InProcessProvider()}, under another name. */
  public InProcessProvider(String name) {
    this(name, Driver.inCaller());
  }

  /**
   * A provider as one for a network would be: requests arrive as callbacks on its own thread, which
   * accepts or refuses them later, and all events are posted by that thread.
   */
  public static InProcessProvider withDriver() {
    return withDriver(NAME);
  }

  /** As {@link #withDriver()}, under another name. */
  public static InProcessProvider withDriver(String name) {
    return new InProcessProvider(name, Driver.ownThread());
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    InProcessListener listener = new InProcessListener(this, local, backlog, condition);
    add(listener);
    return listener;
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    InProcessListener listener = find(remote);
    InetSocketAddress nameless = nameless(remote);
    InetSocketAddress own = ownAddress(nameless, local);
    int port = own.getPort();
    if (!listener.isFree(own)) {
      ports.remove(port);
      throw new SanUnavailableException(Reason.BOUND_ADDRESS);
    }
    InProcessConnection client =
        new InProcessConnection(name(), driver, own, nameless, () -> ports.remove(port));
    boolean begun = false;
    try {
      driver.run(() -> listener.admit(client));
      begun = true;
    } finally {
      if (!begun) {
        client.abort(); // It may be in the queue.
      }
    }
    return client;
  }

  /** The kernel, too, reaches a local address from that address itself. */
  private InetSocketAddress ownAddress(InetSocketAddress remote, InetSocketAddress bound)
      throws SanUnavailableException {
    if (bound == null) {
      return new InetSocketAddress(remote.getAddress(), takePort());
    }
    if (!ports.add(bound.getPort())) {
      throw new SanUnavailableException(Reason.BOUND_ADDRESS);
    }
    return bound.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(remote.getAddress(), bound.getPort())
        : bound;
  }

  private synchronized int takePort() throws SanUnavailableException {
    for (int tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
      int port = nextPort;
      nextPort = port == LAST_PORT ? FIRST_PORT : port + 1;
      if (ports.add(port)) {
        return port;
      }
    }
    throw new SanUnavailableException(Reason.PORTS);
  }

  @Override
  public String describe() {
    return super.describe() + ", " + ports.size() + " connections";
  }
}
