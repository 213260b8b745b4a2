package io.twinport.core;

import io.twinport.registry.ConnectionState;
import io.twinport.registry.Flow;
import io.twinport.registry.Registry;
import io.twinport.spi.ConnectionNumbers;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.net.InetSocketAddress;

/**
 * What is told of connections. It is put together where somebody asks: nothing is kept for that but
 * counts, and no lock is held meanwhile that a read or a write needs.
 */
final class ConnectionReport {
  private ConnectionReport() {}

  /** Describes a socket; null if it is not connected, nor about to be. */
  static Registry.Connection of(SwitchSocket socket) {
    if (!socket.isOpen()) {
      return null;
    }
    if (socket.isPending()) {
      return connecting(socket);
    }
    InetSocketAddress local = socket.localAddress();
    if (!socket.isConnected() || local == null) {
      return null;
    }
    if (socket.tcpPath != null) {
      return Registry.Connection.onTcp(
          local, socket.remoteAddress(), socket.isAccepted(), socket.reason(), age(socket));
    }
    ConnectionNumbers numbers = socket.san.numbers();
    return new Registry.Connection(
        local,
        socket.remoteAddress(),
        socket.san.provider(),
        socket.isAccepted(),
        state(socket, numbers),
        /* reason= */ null,
        age(socket),
        numbers == null ? 0 : numbers.peerPid(),
        socket.reader.flow(numbers == null ? null : numbers.in(), NetworkEvent.READ),
        socket.writer.flow(numbers == null ? null : numbers.out(), NetworkEvent.WRITE));
  }

  /** One without an outcome: whoever waits for that does so in the direction of reads. */
  private static Registry.Connection connecting(SwitchSocket socket) {
    SanConnection asked = socket.san;
    return new Registry.Connection(
        /* local= */ null,
        socket.remoteAddress(),
        asked == null ? null : asked.provider(),
        /* accepted= */ false,
        ConnectionState.CONNECTING,
        asked == null ? socket.reason() : null,
        age(socket),
        /* peerPid= */ 0,
        asked == null ? null : socket.reader.flow(null, NetworkEvent.CONNECT),
        asked == null ? null : socket.writer.flow(null, 0));
  }

  /** Describes a connection that was closed here and can't end yet; null if it has ended. */
  static Registry.Connection closing(SanConnection connection) {
    ConnectionNumbers numbers = connection.numbers();
    InetSocketAddress local = connection.localAddress();
    if (numbers == null || !numbers.closed() || local == null) {
      return null;
    }
    return new Registry.Connection(
        local,
        connection.remoteAddress(),
        connection.provider(),
        numbers.accepted(),
        ConnectionState.CLOSING,
        /* reason= */ null,
        /* ageNanos= */ -1,
        numbers.peerPid(),
        flow(numbers.in()),
        flow(numbers.out()));
  }

  private static Flow flow(ConnectionNumbers.Stream stream) {
    return new Flow(
        stream.bytes(),
        /* operations= */ -1,
        stream.queued(),
        /* window= */ 0,
        stream.quietNanos(),
        /* waiter= */ null,
        /* slept= */ 0,
        /* woken= */ 0,
        /* spun= */ 0);
  }

  private static long age(SwitchSocket socket) {
    return Switch.nanosSince(socket.opened());
  }

  private static ConnectionState state(SwitchSocket socket, ConnectionNumbers numbers) {
    ConnectionNumbers.Peer peer = numbers == null ? ConnectionNumbers.Peer.OPEN : numbers.peer();
    if (peer == ConnectionNumbers.Peer.GONE) {
      return ConnectionState.PEER_GONE;
    } else if (peer == ConnectionNumbers.Peer.RESET) {
      return ConnectionState.RESET;
    } else if (peer == ConnectionNumbers.Peer.CLOSED) {
      return ConnectionState.PEER_CLOSED;
    }
    boolean in = socket.reader.shut || peer == ConnectionNumbers.Peer.ENDED;
    if (socket.writer.shut) {
      return in ? ConnectionState.SHUT : ConnectionState.HALF_CLOSED_OUT;
    }
    return in ? ConnectionState.HALF_CLOSED_IN : ConnectionState.OPEN;
  }
}
