package io.twinport.agent.recorder;

import io.twinport.registry.Registry;
import java.net.InetSocketAddress;
import jdk.jfr.Event;
import jdk.jfr.Label;

/** What happens between two addresses. */
abstract class AddressedEvent extends Event {
  @Label("Local Address")
  String localAddress;

  @Label("Local Port")
  int localPort;

  @Label("Remote Address")
  String remoteAddress;

  @Label("Remote Port")
  int remotePort;

  final void between(InetSocketAddress local, InetSocketAddress remote) {
    localAddress = address(local);
    localPort = port(local);
    remoteAddress = address(remote);
    remotePort = port(remote);
  }

  /** The SAN provider, or tcp. */
  static String path(Registry.Connection connection) {
    return connection.san() ? connection.provider() : "tcp";
  }

  /** Why it is on TCP; null if it is not. */
  static String reason(Registry.Connection connection) {
    return connection.reason() == null ? null : connection.reason().code();
  }

  /** Nobody looks names up here. */
  private static String address(InetSocketAddress address) {
    if (address == null) {
      return null;
    }
    return address.getAddress() == null
        ? address.getHostString()
        : address.getAddress().getHostAddress();
  }

  private static int port(InetSocketAddress address) {
    return address == null ? 0 : address.getPort();
  }
}
