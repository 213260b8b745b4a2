package io.twinport.contract.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/**
 * What each way to connect tells of a refusal, on platform and virtual threads: the JDK's own type
 * and words, which may differ from way to way.
 */
public abstract class RefusalContract extends SocketContract {
  private static final int AMPLE_MILLIS = 20_000;

  protected RefusalContract(Transport transport) {
    super(transport);
  }

  @Test
  @Here(Here.End.SOCKET)
  void eachWayTellsWhatTheJdksTells() throws Exception {
    InetSocketAddress nobody = closedPort();
    assertEachWayTells(transport, nobody, nobody);
  }

  /** What {@code transport} tells of {@code refusing} is what the JDK tells of {@code nobody}. */
  public static void assertEachWayTells(
      Transport transport, SocketAddress nobody, SocketAddress refusing) throws Exception {
    Outcome.assertSameAnswers(ofTheJdk(nobody), ofOurs(transport, refusing));
  }

  private static Map<String, String> ofTheJdk(SocketAddress remote) throws Exception {
    return tellings(
        JdkTransport.PROVIDER, JdkTransport.ASYNCHRONOUS, PlatformSockets.JDK::newSocket, remote);
  }

  private static Map<String, String> ofOurs(Transport transport, SocketAddress remote)
      throws Exception {
    return tellings(
        transport.provider(), transport.asynchronousProvider(), transport::newSocket, remote);
  }

  private interface Way {
    void connect() throws Exception;
  }

  private static Map<String, String> tellings(
      SelectorProvider channels,
      AsynchronousChannelProvider asynchronous,
      Callable<Socket> sockets,
      SocketAddress remote)
      throws Exception {
    Map<String, Way> ways = new TreeMap<>();
    ways.put("channel, blocking", () -> withChannel(channels, c -> c.connect(remote)));
    ways.put("channel, not blocking", () -> withChannel(channels, c -> finish(c, remote)));
    ways.put("channel, selected", () -> withChannel(channels, c -> select(c, remote)));
    ways.put("channel, finished blocking", () -> withChannel(channels, c -> await(c, remote)));
    ways.put("adaptor", () -> withChannel(channels, c -> c.socket().connect(remote)));
    ways.put(
        "adaptor, timed",
        () -> withChannel(channels, c -> c.socket().connect(remote, AMPLE_MILLIS)));
    ways.put("socket", () -> withSocket(sockets, s -> s.connect(remote)));
    ways.put("socket, timed", () -> withSocket(sockets, s -> s.connect(remote, AMPLE_MILLIS)));
    ways.put("asynchronous", () -> asynchronously(asynchronous, remote));
    Map<String, String> tellings = new TreeMap<>();
    for (Map.Entry<String, Way> way : ways.entrySet()) {
      tellings.put(way.getKey(), telling(way.getValue()));
      tellings.put(
          way.getKey() + ", on a virtual thread",
          Background.startVirtual(() -> telling(way.getValue())).join());
    }
    return tellings;
  }

  private static String telling(Way way) {
    return Outcome.ofAction(way::connect);
  }

  private interface Use<T> {
    void of(T it) throws Exception;
  }

  private static void withChannel(SelectorProvider provider, Use<SocketChannel> use)
      throws Exception {
    try (SocketChannel channel = provider.openSocketChannel()) {
      use.of(channel);
    }
  }

  private static void withSocket(Callable<Socket> sockets, Use<Socket> use) throws Exception {
    try (Socket socket = sockets.call()) {
      use.of(socket);
    }
  }

  private static void finish(SocketChannel channel, SocketAddress remote) throws IOException {
    channel.configureBlocking(false);
    assertEquals(false, channel.connect(remote));
    while (!channel.finishConnect()) {
      Thread.onSpinWait();
    }
  }

  private static void select(SocketChannel channel, SocketAddress remote) throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = channel.provider().openSelector()) {
      channel.register(selector, SelectionKey.OP_CONNECT);
      assertEquals(false, channel.connect(remote));
      assertEquals(1, selector.select(AMPLE_MILLIS));
      channel.finishConnect();
    }
  }

  private static void await(SocketChannel channel, SocketAddress remote) throws IOException {
    channel.configureBlocking(false);
    assertEquals(false, channel.connect(remote));
    channel.configureBlocking(true);
    channel.finishConnect();
  }

  private static void asynchronously(AsynchronousChannelProvider provider, SocketAddress remote)
      throws Exception {
    try (AsynchronousSocketChannel channel = provider.openAsynchronousSocketChannel(null)) {
      channel.connect(remote).get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
