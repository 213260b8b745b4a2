package io.twinport.agent.recorder;

import io.twinport.registry.PathEvent;
import io.twinport.registry.PathObserver;
import io.twinport.registry.Registry;
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
    event.between(connection.local(), connection.remote());
    event.path = AddressedEvent.path(connection);
    event.reason = AddressedEvent.reason(connection);
    event.commit();
  }

  @Override
  public boolean wantsAccepted() {
    return accepts.isEnabled();
  }

  @Override
  public void accepted(Registry.Connection connection) {
    AcceptEvent event = new AcceptEvent();
    event.between(connection.local(), connection.remote());
    event.path = AddressedEvent.path(connection);
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
      new RefusedEvent().record(happened);
    } else {
      new FallbackEvent().record(happened);
    }
  }
}
