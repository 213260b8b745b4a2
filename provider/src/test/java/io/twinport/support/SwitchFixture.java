package io.twinport.support;

import io.twinport.core.Switch;
import io.twinport.inproc.InProcessProvider;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import io.twinport.spi.SanProvider;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import sun.nio.ch.SelChImpl;

/** Opens channels of a switch over the in-process SAN and closes them after each test. */
public abstract class SwitchFixture {
  protected final InProcessProvider san = new InProcessProvider();
  private final Deque<Closeable> opened = new ArrayDeque<>();

  protected TwinSelectorProvider provider = provider(Map.of(), san);

  public static TwinSelectorProvider provider(
      Map<String, String> settings, SanProvider... providers) {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("providers", "inproc,other");
    return TwinSelectorProvider.of(Switch.of(Settings.of(all), providers));
  }

  @AfterEach
  protected void closeAll() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  protected <T extends Closeable> T closing(T resource) {
    opened.push(resource);
    return resource;
  }

  protected ServerSocketChannel listen() throws IOException {
    return listen(0);
  }

  protected ServerSocketChannel listen(int backlog) throws IOException {
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
    return listener;
  }

  protected SocketChannel connect(ServerSocketChannel listener) throws IOException {
    SocketChannel channel = closing(provider.openSocketChannel());
    channel.connect(listener.getLocalAddress());
    return channel;
  }

  protected Selector selector() throws IOException {
    return closing(provider.openSelector());
  }

  protected static SelectionKey register(SelectableChannel channel, Selector selector, int ops)
      throws IOException {
    channel.configureBlocking(false);
    return channel.register(selector, ops);
  }

  protected static boolean isOnTcp(SocketChannel channel) {
    return ((SelChImpl) channel).getFD() != null;
  }

  protected static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }
}
