package io.twinport.agent.recorder;

import io.twinport.registry.PathEvent;
import io.twinport.registry.PathObserver;
import io.twinport.registry.Registry;
import java.net.InetSocketAddress;
import jdk.jfr.EventType;

/** Makes the flight recorder's events of what the registry tells. */
final class RecordedPaths implements PathObserver {
  private final EventType connects = EventType.getEventType(ConnectEvent.class);
  private final EventType accepts = EventType.getEventType(AcceptEvent.class);

  @Override
  public Object connectBegins() {
    if (!connects.isEnabled()) {
      return null;
    }
    ConnectEvent event = new ConnectEvent();
    event.begin();
    return event;
  }

  @Override
  public void connected(Object begun, Registry.Connection connection) {
    ConnectEvent event = (ConnectEvent) begun;
    event.end();
    if (connection == null || !event.shouldCommit()) {
      return; // Closed by now, or too quick to be recorded.
    }
    event.localAddress = address(connection.local());
    event.localPort = port(connection.local());
    event.remoteAddress = address(connection.remote());
    event.remotePort = port(connection.remote());
    event.path = path(connection);
    event.reason = connection.reason() == null ? null : connection.reason().code();
    event.commit();
  }

  @Override
  public boolean wantsAccepted() {
    return accepts.isEnabled();
  }

  @Override
  public void accepted(Registry.Connection connection) {
    AcceptEvent event = new AcceptEvent();
    event.localAddress = address(connection.local());
    event.localPort = port(connection.local());
    event.remoteAddress = address(connection.remote());
    event.remotePort = port(connection.remote());
    event.path = path(connection);
    event.commit();
  }

  @Override
  public void happened(PathEvent happened) {
    if (happened.kind() == PathEvent.Kind.PROVIDER_FAILED) {
      ProviderFailedEvent event = new ProviderFailedEvent();
      event.provider = happened.provider();
      event.detail = happened.detail();
      event.commit();
    } else if (happened.kind() == PathEvent.Kind.REFUSED) {
      RefusedEvent event = new RefusedEvent();
      event.fill(happened);
      event.commit();
    } else {
      FallbackEvent event = new FallbackEvent();
      event.fill(happened);
      event.commit();
    }
  }

  static String path(Registry.Connection connection) {
    return connection.san() ? connection.provider() : "tcp";
  }

  /** Nobody looks names up here. */
  static String address(InetSocketAddress address) {
    if (address == null) {
      return null;
    }
    return address.getAddress() == null
        ? address.getHostString()
        : address.getAddress().getHostAddress();
  }

  static int port(InetSocketAddress address) {
    return address == null ? 0 : address.getPort();
  }
}
