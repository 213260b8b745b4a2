package io.twinport.contract;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A plain TCP listener whose queue is full, so that Linux drops every further SYN: a connect to it
 * stays pending. Clients repeat their SYN after a second, so once it is drained they get through.
 */
public final class FullListener implements Closeable {
  private static final int FILL = 8;

  private final ServerSocketChannel listener;
  private final List<SocketChannel> channels = new ArrayList<>();

  public FullListener() throws Exception {
    listener = JdkTransport.PROVIDER.openServerSocketChannel();
    listener.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0), 1);
    listener.configureBlocking(false);
    for (int i = 0; i < FILL; i++) {
      SocketChannel channel = JdkTransport.PROVIDER.openSocketChannel();
      channels.add(channel);
      channel.configureBlocking(false);
      channel.connect(address());
    }
    // The first of them is in the queue for certain; those that are not in it show that it is full.
    ContractTest.awaitTrue("one is connected", channels.get(0)::finishConnect);
  }

  public InetSocketAddress address() throws IOException {
    return Addresses.local(listener);
  }

  /** Accepts what is queued, now and for a while, so that the queue has room. */
  void drain() throws IOException {
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
