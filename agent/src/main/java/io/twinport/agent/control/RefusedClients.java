package io.twinport.agent.control;

import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The addresses of clients that came over TCP because a provider has told their processes to, as it
 * does where they speak another wire version. Whose an address is, the kernel tells; of clients at
 * other hosts, only the host is known.
 */
final class RefusedClients {
  private final Map<InetSocketAddress, Reason> reasons = new HashMap<>();

  /** Where no more is known of a client than its host. */
  private final Map<InetAddress, Reason> hosts = new HashMap<>();

  /** Looks, if there are such processes. */
  static RefusedClients look() {
    RefusedClients clients = new RefusedClients();
    Switch.refusedPeers().forEach(clients::add);
    Switch.refusedHosts().forEach((host, reason) -> clients.hosts.put(plain(host), reason));
    return clients;
  }

  private void add(long pid, Reason reason) {
    try {
      Path process = Path.of("/proc", Long.toString(pid));
      for (InetSocketAddress address : TcpTable.connections(process)) {
        reasons.put(address, reason);
      }
    } catch (IOException | RuntimeException e) { // Gone, or in a container of its own.
      Log.debug(() -> "the connections of process " + pid + ": " + Log.cause(e));
    }
  }

  /** A connection, with the reason of its client if that is one of these. */
  Registry.Connection explained(Registry.Connection connection) {
    if (connection.reason() != Reason.CLIENT_USED_TCP || (reasons.isEmpty() && hosts.isEmpty())) {
      return connection;
    }
    InetSocketAddress client = connection.remote();
    Reason known = reasons.get(client);
    if (known == null) { // A socket for both families shows IPv4 addresses as IPv6 ones.
      known = reasons.get(new InetSocketAddress(plain(client.getAddress()), client.getPort()));
    }
    if (known == null) {
      known = hosts.get(plain(client.getAddress()));
    }
    return known != null ? connection.because(known) : connection;
  }

  private static InetAddress plain(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress()); // Without a scope.
    } catch (IOException e) {
      throw new IllegalStateException("an address of a wrong length", e);
    }
  }
}
