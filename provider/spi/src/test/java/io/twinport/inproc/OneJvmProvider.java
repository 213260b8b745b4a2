package io.twinport.inproc;

import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Reason;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A provider for one JVM: whom it reaches, and which listener a client finds.
 *
 * @param <L> the provider's listeners
 */
public abstract class OneJvmProvider<L extends SanListener> implements SanProvider {
  private final String name;
  private final Map<Integer, Map<InetAddress, L>> listeners = new ConcurrentHashMap<>();
  private volatile boolean fullMeansTcp;

  protected OneJvmProvider(String name) {
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final void configure(Configuration configuration) {
    fullMeansTcp = "tcp".equals(configuration.value("backlog-full"));
  }

  /** Whether clients that find the backlog full go by TCP. */
  protected final boolean fullMeansTcp() {
    return fullMeansTcp;
  }

  @Override
  public final boolean serves(InetAddress local) {
    return local.isAnyLocalAddress() || reaches(local);
  }

  @Override
  public final boolean reaches(InetAddress destination) {
    try {
      return destination.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(destination) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  /** Lets clients find the listener. */
  protected final void add(L listener) throws SanUnavailableException {
    InetSocketAddress local = listener.localAddress();
    L holder =
        listeners
            .computeIfAbsent(local.getPort(), port -> new ConcurrentHashMap<>())
            .putIfAbsent(local.getAddress(), listener);
    if (holder != null) {
      throw new SanUnavailableException(Reason.NAME_TAKEN);
    }
  }

  /** Takes {@link #add} back. */
  protected final void remove(L listener) {
    InetSocketAddress local = listener.localAddress();
    listeners.get(local.getPort()).remove(local.getAddress(), listener);
  }

  /** Whether clients find the listener. */
  protected final boolean has(L listener) {
    InetSocketAddress local = listener.localAddress();
    return listeners.get(local.getPort()).get(local.getAddress()) == listener;
  }

  /** Finds the listener on that address, or on the wildcard; that of IPv4 has no others. */
  protected final L find(InetSocketAddress remote) throws SanUnavailableException {
    Map<InetAddress, L> samePort = listeners.getOrDefault(remote.getPort(), Map.of());
    L exact = samePort.get(remote.getAddress());
    if (exact != null) {
      return exact;
    }
    return samePort.values().stream()
        .filter(listener -> covers(listener.localAddress().getAddress(), remote.getAddress()))
        .findFirst()
        .orElseThrow(() -> new SanUnavailableException(Reason.NO_TWIN));
  }

  private static boolean covers(InetAddress local, InetAddress remote) {
    return local.isAnyLocalAddress()
        && (local instanceof Inet6Address || remote instanceof Inet4Address);
  }

  /** The same address; a name that the client knows the host by does not travel. */
  protected static InetSocketAddress nameless(InetSocketAddress remote)
      throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(remote.getAddress().getAddress());
    return new InetSocketAddress(address, remote.getPort());
  }

  @Override
  public final void poll(boolean thoroughly) {
    // Everything is posted as it happens.
  }

  @Override
  public final void announceSleep(Bell bell) {
    // There are no other processes.
  }

  @Override
  public final void announceAwake(Bell bell) {
    // As above.
  }

  @Override
  public String describe() {
    return listeners.size() + " ports";
  }
}
