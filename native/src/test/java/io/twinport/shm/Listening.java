package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.Given;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Configuration;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;

/** A listener of this process, and the TCP port that is kept for it meanwhile. */
public final class Listening implements AutoCloseable {
  public static final int MILLIS = 20_000;

  private static ShmProvider provider;

  /** A client's end, connected, and the server's end, accepted. */
  public record Pair(SanConnection client, SanConnection server) {
    public void close() {
      client.close();
      server.close();
    }
  }

  public final ShmProvider through;
  private final ServerSocket port;
  private final InetSocketAddress local;
  public final SanListener listener;

  private Listening(
      ShmProvider through, InetAddress address, int backlog, AcceptCondition condition)
      throws IOException {
    this.through = through;
    port = new ServerSocket();
    port.bind(new InetSocketAddress(address, 0));
    local = new InetSocketAddress(address, port.getLocalPort());
    listener = through.listen(local, backlog, condition);
  }

  public static Listening open(int backlog) throws IOException {
    return open(provider(), InetAddress.getLoopbackAddress(), backlog);
  }

  public static Listening open(ShmProvider through, InetAddress address, int backlog)
      throws IOException {
    return new Listening(through, address, backlog, destination -> null);
  }

  public static Listening open(int backlog, AcceptCondition condition) throws IOException {
    return new Listening(provider(), InetAddress.getLoopbackAddress(), backlog, condition);
  }

  /** The one with which most tests run: a process has one provider, with one thread. */
  public static synchronized ShmProvider provider() throws IOException {
    if (provider == null) {
      provider = started(Given.nothing());
    }
    return provider;
  }

  public static ShmProvider started(String name, String value) throws IOException {
    return started(Given.of(Map.of(name, value)));
  }

  private static ShmProvider started(Configuration configuration) throws IOException {
    ShmProvider made = new ShmProvider();
    made.configure(configuration);
    // A provider starts at its first listen.
    try (Listening first = open(made, InetAddress.getLoopbackAddress(), 1)) {
      assertNotEquals("not started", first.through.describe());
    }
    return made;
  }

  InetSocketAddress address() {
    return local;
  }

  /** Where a client finds it: loopback, if this is bound to the wildcard. */
  InetSocketAddress destination() {
    return local.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), local.getPort())
        : local;
  }

  /** Connects and waits for the outcome. */
  SanConnection connect() throws IOException {
    return connect(through, destination(), null);
  }

  public static SanConnection connect(
      ShmProvider through, InetSocketAddress remote, InetSocketAddress bound) throws IOException {
    SanConnection connection = through.connect(remote, bound);
    try (BellSeat seat = BellSeat.of(through)) {
      assertNotEquals(0, seat.await(connection, NetworkEvent.CONNECT, MILLIS), "no outcome");
    }
    assertTrue(connection.finishConnect());
    return connection;
  }

  /** Waits for a request and takes it. */
  SanConnection accept() throws IOException {
    try (BellSeat seat = BellSeat.of(through)) {
      assertNotEquals(0, seat.await(listener, NetworkEvent.ACCEPT, MILLIS), "no request");
    }
    listener.event().enumerate();
    listener.arm(NetworkEvent.ACCEPT, null);
    return listener.accept();
  }

  public Pair pair() throws IOException {
    SanConnection client = connect();
    return new Pair(client, accept());
  }

  @Override
  public void close() throws IOException {
    listener.close();
    port.close();
  }
}
