package io.twinport.ucx;

import io.twinport.host.BacklogFull;
import io.twinport.inproc.OneJvmProvider;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.ucx.connection.RefusedHosts;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.connection.UcxListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects the channels of one JVM by the connections of this package over pipes in memory, with a
 * driver for each side, as if they were on two hosts.
 */
final class PipeProvider extends OneJvmProvider<UcxListener> {
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 20_000;

  private final MemoryDriver clients;
  private final MemoryDriver servers;
  private final AtomicInteger nextPort = new AtomicInteger();

  /** The ports that clients were bound to; given to nobody else. */
  private final Set<Integer> bound = ConcurrentHashMap.newKeySet();

  PipeProvider(MemoryDriver clients, MemoryDriver servers) {
    super("ucx");
    this.clients = clients;
    this.servers = servers;
  }

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    UcxListener listener =
        new UcxListener(
            servers,
            local,
            backlog,
            fullMeansTcp() ? BacklogFull.TCP : BacklogFull.REFUSE,
            condition,
            new RefusedHosts()) {
          /** Whoever's connect has returned is there, as in one kernel. */
          @Override
          public int readyEvents(int interest) {
            clients.run(() -> {});
            servers.run(() -> {});
            return super.readyEvents(interest);
          }
        };
    servers.run(() -> listener.add(() -> remove(listener)));
    add(listener);
    return listener;
  }

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    InetSocketAddress nameless = nameless(remote);
    UcxListener listener = find(nameless);
    int port = local == null ? freePort() : local.getPort();
    if (local != null) {
      bound.add(port);
    }
    InetAddress host =
        local == null || local.getAddress().isAnyLocalAddress()
            ? nameless.getAddress()
            : local.getAddress();
    UcxConnection connection = new UcxConnection(nameless);
    MemoryPipe pipe = MemoryPipe.between(clients, servers);
    servers.run(
        () -> {
          if (has(listener)) {
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

  private int freePort() {
    int port;
    do {
      port = FIRST_PORT + nextPort.getAndIncrement() % PORTS;
    } while (bound.contains(port));
    return port;
  }
}
