package io.twinport.inproc;

import io.twinport.config.Settings;
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
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Connects the channels of one JVM with each other. */
public final class InProcessProvider implements SanProvider {
  private static final int FIRST_PORT = 10_000;
  private static final int LAST_PORT = 30_000;

  private static final String NAME = "inproc";

  private final String name;
  private final Driver driver;
  private final Map<Integer, Map<InetAddress, InProcessListener>> listeners =
      new ConcurrentHashMap<>();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private int nextPort = FIRST_PORT;
  private volatile boolean fullMeansTcp;

  private InProcessProvider(String name, Driver driver) {
    this.name = name;
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
  public String name() {
    return name;
  }

  @Override
  public void configure(Settings settings) {
    fullMeansTcp = settings.backlogFull() == Settings.BacklogFull.TCP;
  }

  @Override
  public boolean serves(InetAddress local) {
    return local.isAnyLocalAddress() || reaches(local);
  }

  @Override
  public boolean reaches(InetAddress destination) {
    try {
      return destination.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(destination) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    InProcessListener listener =
        new InProcessListener(this, local, backlog, condition, fullMeansTcp);
    InProcessListener holder =
        listeners
            .computeIfAbsent(local.getPort(), port -> new ConcurrentHashMap<>())
            .putIfAbsent(local.getAddress(), listener);
    if (holder != null) {
      throw new SanUnavailableException(Reason.NAME_TAKEN);
    }
    return listener;
  }

  void remove(InProcessListener listener) {
    Map<InetAddress, InProcessListener> samePort = listeners.get(listener.localAddress().getPort());
    samePort.remove(listener.localAddress().getAddress(), listener);
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    InProcessListener listener = find(remote);
    if (listener == null) {
      throw new SanUnavailableException(Reason.NO_TWIN);
    }
    // A name that the client knows the host by does not travel.
    InetSocketAddress nameless =
        new InetSocketAddress(
            InetAddress.getByAddress(remote.getAddress().getAddress()), remote.getPort());
    InetSocketAddress own = ownAddress(nameless, local);
    int port = own.getPort();
    InProcessConnection client =
        new InProcessConnection(name, driver, own, nameless, () -> ports.remove(port));
    driver.run(() -> listener.admit(client));
    return client;
  }

  private InProcessListener find(InetSocketAddress remote) {
    Map<InetAddress, InProcessListener> samePort = listeners.get(remote.getPort());
    if (samePort == null) {
      return null;
    }
    InProcessListener exact = samePort.get(remote.getAddress());
    if (exact != null) {
      return exact;
    }
    return samePort.values().stream()
        .filter(listener -> listener.localAddress().getAddress().isAnyLocalAddress())
        .findFirst()
        .orElse(null);
  }

  /** The kernel, too, reaches a local address from that address itself. */
  private InetSocketAddress ownAddress(InetSocketAddress remote, InetSocketAddress bound)
      throws SanUnavailableException {
    if (bound == null) {
      return new InetSocketAddress(remote.getAddress(), takePort());
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
  public void poll(boolean thoroughly) {
    // Everything is posted as it happens.
  }

  @Override
  public void announceSleep(Bell bell) {
    // There are no other processes.
  }

  @Override
  public void announceAwake(Bell bell) {
    // As above.
  }

  @Override
  public String describe() {
    return listeners.size() + " ports, " + ports.size() + " connections";
  }
}
