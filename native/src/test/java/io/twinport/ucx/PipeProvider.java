package io.twinport.ucx;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects the channels of one JVM by the connections of this package over pipes in memory, with a
 * driver for each side, as if they were on two hosts.
 */
final class PipeProvider implements SanProvider {
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 20_000;

  private final MemoryDriver clients;
  private final MemoryDriver servers;
  private final Map<InetSocketAddress, UcxListener> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger nextPort = new AtomicInteger();
  private volatile Settings settings = Settings.defaults();

  PipeProvider(MemoryDriver clients, MemoryDriver servers) {
    this.clients = clients;
    this.servers = servers;
  }

  @Override
  public String name() {
    return "ucx";
  }

  @Override
  public void configure(Settings newSettings) {
    settings = newSettings;
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
    UcxListener listener =
        new UcxListener(servers, local, backlog, settings.backlogFull(), condition) {
          /** Whoever's connect has returned is there, as in one kernel. */
          @Override
          public int readyEvents(int interest) {
            clients.run(() -> {});
            servers.run(() -> {});
            return super.readyEvents(interest);
          }
        };
    servers.run(() -> listener.add(() -> listeners.remove(local, listener)));
    if (listeners.putIfAbsent(local, listener) != null) {
      throw new SanUnavailableException(Reason.NAME_TAKEN);
    }
    return listener;
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    InetSocketAddress nameless =
        new InetSocketAddress(
            InetAddress.getByAddress(remote.getAddress().getAddress()), remote.getPort());
    UcxListener listener = find(nameless);
    if (listener == null) {
      throw new SanUnavailableException(Reason.NO_TWIN);
    }
    int port = local == null ? FIRST_PORT + nextPort.getAndIncrement() % PORTS : local.getPort();
    InetAddress host =
        local == null || local.getAddress().isAnyLocalAddress()
            ? nameless.getAddress()
            : local.getAddress();
    UcxConnection connection = new UcxConnection(nameless);
    MemoryPipe pipe = MemoryPipe.between(clients, servers);
    servers.run(
        () -> {
          if (listeners.containsValue(listener)) {
            listener.greet(pipe.peer(), nameless, new InetSocketAddress(host, port));
          } else {
            pipe.peer().abort();
          }
        });
    clients.run(
        () -> {
          if (!connection.dialled(clients, pipe, 10_000, failure -> {})) {
            pipe.abort();
          }
        });
    return connection;
  }

  private UcxListener find(InetSocketAddress remote) {
    UcxListener exact = listeners.get(remote);
    if (exact != null) {
      return exact;
    }
    return listeners.values().stream()
        .filter(listener -> listener.localAddress().getPort() == remote.getPort())
        .filter(listener -> listener.localAddress().getAddress().isAnyLocalAddress())
        .findFirst()
        .orElse(null);
  }

  @Override
  public void poll(boolean thoroughly) {
    // everything is posted as it happens
  }

  @Override
  public void announceSleep(Bell bell) {
    // there are no other processes
  }

  @Override
  public void announceAwake(Bell bell) {
    // as above
  }

  @Override
  public String describe() {
    return listeners.size() + " listeners";
  }
}
