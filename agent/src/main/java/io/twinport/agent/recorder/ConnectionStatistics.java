package io.twinport.agent.recorder;

import io.twinport.registry.Registry;
import java.util.Comparator;
import java.util.List;

/** Has the flight recorder note now and then how the connections stand. On a thread of its own. */
final class ConnectionStatistics implements Runnable {
  /** More are not noted at a time: a recording is not to grow with the process. */
  static final int MOST = 256;

  private final Registry registry;

  ConnectionStatistics(Registry registry) {
    this.registry = registry;
  }

  @Override
  public void run() {
    List<Registry.Connection> all = registry.connections();
    if (all.size() > MOST) {
      all.sort(Comparator.comparingLong(ConnectionStatistics::unread).reversed());
    }
    for (Registry.Connection connection : all.subList(0, Math.min(MOST, all.size()))) {
      ConnectionStatisticsEvent event = new ConnectionStatisticsEvent();
      event.between(connection.local(), connection.remote());
      event.path = AddressedEvent.path(connection);
      event.accepted = connection.accepted();
      event.reason = AddressedEvent.reason(connection);
      event.state = connection.state().code();
      event.peerPid = connection.peerPid();
      if (connection.san()) {
        event.receivedBytes = connection.in().bytes();
        event.sentBytes = connection.out().bytes();
      }
      event.receiveQueue = connection.receiveQueue();
      event.sendQueue = connection.sendQueue();
      event.commit();
    }
  }

  private static long unread(Registry.Connection connection) {
    return (long) connection.receiveQueue() + connection.sendQueue();
  }
}
