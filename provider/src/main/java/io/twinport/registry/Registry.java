package io.twinport.registry;

import io.twinport.config.Log;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * What {@code status} shows and {@code off} changes: every listener and connection of this process,
 * its path, and why. Holds nothing alive.
 */
public final class Registry {
  /** Names every port in {@link #off} and {@link #on}. */
  public static final int ALL_PORTS = -1;

  private static final Registry SHARED = new Registry();

  /**
   * A bound listener.
   *
   * @param providers the names of the providers that its twins are of
   * @param reason why there is none, or why there is none for new clients; else null
   * @param without the providers that serve its address and yet have no twin, and why
   * @param queued how many SAN connections wait to be accepted
   * @param backlog how many may, at the most
   * @param accepted how many SAN connections were accepted so far
   * @param refused how many SAN connects have found the backlog full
   * @param givenUp how many SAN clients had left before they were accepted
   * @param waiter who waits to accept now, or null
   */
  public record Listener(
      InetSocketAddress local,
      List<String> providers,
      Reason reason,
      Map<String, Reason> without,
      int queued,
      int backlog,
      long accepted,
      long refused,
      long givenUp,
      Waiter waiter) {
    public boolean twin() {
      return !providers.isEmpty();
    }

    /** Whether new clients come over the SAN, too. */
    public boolean onSan() {
      return twin() && reason == null;
    }

    /** What new clients come by: {@code tcp}, or as in {@code tcp+shm+ucx}. */
    public String path() {
      return onSan() ? "tcp+" + String.join("+", providers) : "tcp";
    }
  }

  /**
   * A connection.
   *
   * @param local null while it is not known, as the connect has no outcome yet
   * @param provider the name of the SAN provider that carries it, or null on TCP
   * @param reason why it is on TCP, or null if it is not
   * @param ageNanos since when it is there, or was asked for; negative if that is not known
   * @param peerPid the peer's process: on one host as this one's pid namespace numbers it, between
   *     hosts as the peer says that it is numbered at its own end; 0 if not known
   * @param in from the peer; null on TCP, whose numbers the kernel shows
   * @param out to the peer; as {@code in}
   */
  public record Connection(
      InetSocketAddress local,
      InetSocketAddress remote,
      String provider,
      boolean accepted,
      ConnectionState state,
      Reason reason,
      long ageNanos,
      int peerPid,
      Flow in,
      Flow out) {
    /** A connection on TCP, whose numbers the kernel shows. */
    public static Connection onTcp(
        InetSocketAddress local, InetSocketAddress remote, boolean accepted, Reason reason) {
      return onTcp(local, remote, accepted, reason, -1);
    }

    /** One that is up, without its numbers. */
    public static Connection between(
        InetSocketAddress local,
        InetSocketAddress remote,
        String provider,
        boolean accepted,
        Reason reason) {
      return new Connection(
          local, remote, provider, accepted, ConnectionState.OPEN, reason, -1, 0, null, null);
    }

    /** As {@link #onTcp(InetSocketAddress, InetSocketAddress, boolean, Reason)}, of a known age. */
    public static Connection onTcp(
        InetSocketAddress local,
        InetSocketAddress remote,
        boolean accepted,
        Reason reason,
        long ageNanos) {
      return new Connection(
          local, remote, null, accepted, ConnectionState.OPEN, reason, ageNanos, 0, null, null);
    }

    /** The same, for another reason. */
    public Connection because(Reason other) {
      return new Connection(
          local, remote, provider, accepted, state, other, ageNanos, peerPid, in, out);
    }

    public boolean san() {
      return provider != null;
    }

    /** On the SAN, bytes that have come and were not read yet; else 0. */
    public int receiveQueue() {
      return in == null ? 0 : in.queue();
    }

    /** On the SAN, bytes that were written and the peer has not read yet; else 0. */
    public int sendQueue() {
      return out == null ? 0 : out.queue();
    }
  }

  private static final int MOST_VAIN_ROUNDS = 16;
  private static final long VAIN_ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final WeakSet<RegisteredListener> listeners = new WeakSet<>();
  private final WeakSet<RegisteredConnection> connections = new WeakSet<>();
  private final WeakSet<NetworkChannel> acceptedFromTcp = new WeakSet<>();
  private final FixedPortClients fixedPortClients = new FixedPortClients();

  /** Whether there is something whose close an Error has ended. Set without a call. */
  public volatile boolean anyHalfClosed;

  // How often in a row, and when last, closes went on in vain: a provider may fail each time, and
  // whoever begins something must not pay for that for ever. Races lose a count, no more.
  private int vainRounds;
  private long lastVainRound;

  private final Set<Integer> off = ConcurrentHashMap.newKeySet();
  private final Map<Reason, LongAdder> tcpByReason = new EnumMap<>(Reason.class);
  private final LongAdder sanAccepted = new LongAdder();
  private final LongAdder sanConnected = new LongAdder();
  private final LongAdder sanRefused = new LongAdder();
  private final Events events = new Events();

  /** An empty one. */
  public Registry() {
    for (Reason reason : Reason.values()) {
      tcpByReason.put(reason, new LongAdder());
    }
  }

  /** The registry of the provider that the agent installs. */
  public static Registry shared() {
    return SHARED;
  }

  /** The bound listeners. */
  public List<Listener> listeners() {
    List<Listener> found = new ArrayList<>();
    for (RegisteredListener listener : listeners.values()) {
      InetSocketAddress local = listener.localAddress();
      Listener described = local == null ? null : listener.describe(offAt(local));
      if (described != null) {
        found.add(described);
      }
    }
    return found;
  }

  /** Why no new client of a listener is to come over the SAN, as far as is known here; or null. */
  private Reason offAt(InetSocketAddress local) {
    return isOff(local.getPort()) ? Reason.SWITCHED_OFF : null;
  }

  /** The open connections, and those that are being connected. */
  public List<Connection> connections() {
    List<Connection> found = new ArrayList<>();
    connections(found::add);
    return found;
  }

  /** As {@link #connections()}, one after the other: there may be many. */
  public void connections(Consumer<Connection> to) {
    for (RegisteredConnection connection : connections.values()) {
      Connection described = connection.describe();
      if (described != null) {
        to.accept(described);
      }
    }
    for (NetworkChannel channel : acceptedFromTcp.values()) {
      Connection described = acceptedFromTcp(channel);
      if (described != null) {
        to.accept(described);
      }
    }
  }

  private static Connection acceptedFromTcp(NetworkChannel channel) {
    try {
      Connection found = channel.isOpen() ? onTcp(channel) : null;
      return found == null || found.local() == null || found.remote() == null
          ? null // Closed since it was found open.
          : found;
    } catch (IOException e) {
      Log.debug(() -> "closed while it was listed: " + Log.cause(e));
      return null;
    }
  }

  /**
   * How many connections took which path, those on TCP by reason, and how many connects of this
   * process were refused on the SAN; named for {@code status}.
   */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    counters.put("san.accepted", sanAccepted.sum());
    counters.put("san.connected", sanConnected.sum());
    counters.put("san.refused", sanRefused.sum());
    tcpByReason.forEach(
        (reason, count) -> {
          if (count.sum() != 0) {
            counters.put("tcp." + reason.code(), count.sum());
          }
        });
    return counters;
  }

  /** Sends new connections to TCP; those that are up stay. */
  public void off(int port) {
    off.add(port);
    apply();
  }

  /** Takes {@link #off} back. */
  public void on(int port) {
    if (port == ALL_PORTS) {
      off.clear();
    } else {
      off.remove(port);
    }
    apply();
  }

  private void apply() {
    for (RegisteredListener listener : listeners.values()) {
      InetSocketAddress local = listener.localAddress();
      if (local != null) {
        listener.refuse(offAt(local));
      }
    }
  }

  /** Whether new connections at a port, or at {@link #ALL_PORTS}, are sent to TCP. */
  public boolean isOff(int port) {
    return !off.isEmpty() && (off.contains(ALL_PORTS) || off.contains(port));
  }

  /** Lists a listener, which is bound. */
  public void add(RegisteredListener listener) {
    listeners.add(listener);
    if (isOff(listener.localAddress().getPort())) {
      listener.refuse(Reason.SWITCHED_OFF);
    }
  }

  /** Takes a listener from the list. */
  public void remove(RegisteredListener listener) {
    listeners.remove(listener);
  }

  /** What has kept connections from the SAN, and who is told of it. */
  public Events events() {
    return events;
  }

  /**
   * Lists and counts a connection that this process has made.
   *
   * @param reason why it is on TCP; null if it is on the SAN
   * @param couldBeOnSan whether a provider reaches {@code remote}: on TCP, it is a fallback then
   * @param begun what {@link Events#connectBegins} has returned
   */
  public void connected(
      RegisteredConnection connection,
      InetSocketAddress remote,
      Reason reason,
      boolean couldBeOnSan,
      Object begun) {
    connections.add(connection);
    if (reason == null) {
      sanConnected.increment();
      events.connectedOnSan(remote);
    } else {
      tcpByReason.get(reason).increment();
      if (couldBeOnSan) {
        events.fellBack(remote, reason);
      }
    }
    if (begun != null) {
      events.connected(begun, connection);
    }
  }

  /**
   * Lists and counts a connection that a listener has accepted.
   *
   * @param reason why it is on TCP; null if it is on the SAN
   */
  public void accepted(RegisteredConnection connection, Reason reason) {
    connections.add(connection);
    if (reason == null) {
      sanAccepted.increment();
    } else {
      tcpByReason.get(reason).increment();
    }
    events.accepted(connection);
  }

  /**
   * Counts a connect that was refused on the SAN.
   *
   * @param reason why; {@link Reason#BACKLOG_FULL} for most
   */
  public void refused(InetSocketAddress remote, String provider, Reason reason) {
    sanRefused.increment();
    events.refused(remote, provider, reason, null);
  }

  /**
   * Goes on with closes that an Error has ended. Called by whoever begins something or is about to
   * wait, on any thread.
   */
  public void closeRest() {
    if (!anyHalfClosed
        || (vainRounds >= MOST_VAIN_ROUNDS
            && System.nanoTime() - lastVainRound < VAIN_ROUND_NANOS)) {
      return;
    }
    anyHalfClosed = false;
    try {
      closeRest(listeners.values());
      closeRest(connections.values());
    } catch (Error e) {
      anyHalfClosed = true; // The next one goes on.
      Log.debug(() -> "the rest of a close: " + Log.cause(e));
    }
    vainRounds = anyHalfClosed ? vainRounds + 1 : 0;
    lastVainRound = System.nanoTime();
  }

  private void closeRest(List<?> registered) {
    for (Object each : registered) {
      if (!(each instanceof HalfClosed one)) {
        continue; // Its close is the JDK's.
      }
      try {
        one.closeRest();
      } catch (IOException | RuntimeException e) {
        Log.debug(() -> "the rest of a close: " + Log.cause(e));
      } catch (Error e) {
        anyHalfClosed = true; // The next one goes on; what stands behind this one is closed now.
        Log.debug(() -> "the rest of a close: " + Log.cause(e));
      }
    }
  }

  /** Lists what has begun to connect, and counts as a connection once it is one. */
  public void began(RegisteredConnection connection) {
    connections.add(connection);
  }

  /** Takes a connection from the list. */
  public void remove(RegisteredConnection connection) {
    connections.remove(connection);
  }

  /** Takes away the channel of an accept that an Error has ended; another one gets what it had. */
  public void forget(SanConnection accepted) {
    for (RegisteredConnection connection : connections.values()) {
      if (connection.isOf(accepted)) {
        connections.remove(connection);
      }
    }
  }

  private static SocketAddress remoteAddress(NetworkChannel channel) throws IOException {
    return channel instanceof SocketChannel socket
        ? socket.getRemoteAddress()
        : ((AsynchronousSocketChannel) channel).getRemoteAddress();
  }

  /** Remembers a JDK channel that a listener of ours has accepted. */
  public void addAcceptedFromTcp(SocketChannel channel) throws IOException {
    rememberAcceptedFromTcp(channel);
  }

  /** As {@link #addAcceptedFromTcp(SocketChannel)}. */
  public void addAcceptedFromTcp(AsynchronousSocketChannel channel) throws IOException {
    rememberAcceptedFromTcp(channel);
  }

  /** As {@link #addAcceptedFromTcp(SocketChannel)}, for a socket that is registered otherwise. */
  public void addAcceptedFromTcp(InetAddress host, int port, RegisteredConnection connection) {
    fixedPortClients.add(host, port, connection);
    accepted(connection, Reason.CLIENT_USED_TCP);
  }

  /** Whether no client on TCP has this address, as far as one on the SAN could have it too. */
  public boolean isFree(InetSocketAddress remote) {
    return !fixedPortClients.has(remote);
  }

  private void rememberAcceptedFromTcp(NetworkChannel channel) throws IOException {
    if (remoteAddress(channel) instanceof InetSocketAddress remote) {
      fixedPortClients.add(remote.getAddress(), remote.getPort(), channel);
    }
    acceptedFromTcp.add(channel);
    tcpByReason.get(Reason.CLIENT_USED_TCP).increment();
    events.accepted(channel);
  }

  static Connection onTcp(NetworkChannel accepted) throws IOException {
    return Connection.onTcp(
        (InetSocketAddress) accepted.getLocalAddress(),
        (InetSocketAddress) remoteAddress(accepted),
        true,
        Reason.CLIENT_USED_TCP);
  }
}
