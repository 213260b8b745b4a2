package io.twinport.contract.support;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener whose queue at the kernel is full, so that Linux drops every further SYN: a connect to
 * it stays pending. Clients repeat their SYN after a second, so once it is drained they get
 * through.
 */
public final class FullListener implements Closeable {
  private static final int FILL = 8;

  /** How many Linux queues where the backlog is 1. */
  private static final int QUEUED = 2;

  private final ServerSocketChannel listener;
  private final List<SocketChannel> channels = new ArrayList<>();

  /** A plain TCP listener. */
  public FullListener() throws Exception {
    this(JdkTransport.PROVIDER, 0);
  }

  /**
   * One of {@code provider}'s.
   *
   * @param san how many clients its twin takes before it sends them on to TCP
   */
  FullListener(SelectorProvider provider, int san) throws Exception {
    listener = provider.openServerSocketChannel();
    listener.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0), 1);
    listener.configureBlocking(false);
    for (int i = 0; i < FILL; i++) {
      SocketChannel channel = provider.openSocketChannel();
      channels.add(channel);
      channel.configureBlocking(false);
      channel.connect(address());
    }
    // Those that are connected are in a queue for certain, the others show that it is full.
    Eventually.awaitTrue("the queues are full", () -> connected() >= QUEUED + san);
  }

  /** Asks all of them: those that the SAN has no room for go on to TCP. */
  private int connected() throws IOException {
    int connected = 0;
    for (SocketChannel channel : channels) {
      if (channel.finishConnect()) {
        connected++;
      }
    }
    return connected;
  }

  /** Where it listens. */
  public InetSocketAddress address() throws IOException {
    return Addresses.local(listener);
  }

  /** Accepts what is queued, now and for a while, so that the queue has room. */
  public void drain() throws IOException {
    for (SocketChannel next = listener.accept(); next != null; next = listener.accept()) {
      channels.add(next);
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    listener.close();
  }
}
