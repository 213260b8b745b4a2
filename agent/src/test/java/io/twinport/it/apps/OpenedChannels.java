package io.twinport.it.apps;

import static io.twinport.it.apps.Opened.ANY_PORT;
import static io.twinport.it.apps.Opened.blocked;
import static io.twinport.it.apps.Opened.talk;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Channels, selectors and groups in each of their states. */
final class OpenedChannels {
  private OpenedChannels() {}

  /** Opens what may be older or newer than the agent. */
  private interface Opening<T> {
    T open() throws IOException;
  }

  static void open(Opened opened) throws Exception {
    openServers(opened);
    openClients(opened);
    openSelectors(opened);
    openAsynchronous(opened);
  }

  private static void openServers(Opened opened) throws Exception {
    ServerSocketChannel unbound = ServerSocketChannel.open();
    opened.add("unbound channel", () -> accept(unbound.bind(ANY_PORT)));
    ServerSocketChannel bound = ServerSocketChannel.open().bind(ANY_PORT);
    opened.add("bound channel", () -> accept(bound) + accept(bound));
    ServerSocketChannel adapted = ServerSocketChannel.open().bind(ANY_PORT);
    opened.add(
        "adaptor",
        () ->
            talk(
                SocketChannel.open(adapted.getLocalAddress()).socket(), adapted.socket().accept()));
    ServerSocketChannel accepting = ServerSocketChannel.open().bind(ANY_PORT);
    FutureTask<Object> accept = blocked("accept", accepting::accept);
    opened.add(
        "channel in accept",
        () -> {
          SocketChannel peer = SocketChannel.open(accepting.getLocalAddress());
          return talk(peer.socket(), ((SocketChannel) accept.get()).socket()) + accept(accepting);
        });
    ServerSocketChannel closing = ServerSocketChannel.open().bind(ANY_PORT);
    FutureTask<Object> ending = blocked("accept", closing::accept);
    opened.add(
        "channel closed in accept",
        () -> {
          closing.close();
          return ending.get();
        });
    ServerSocketChannel closed = ServerSocketChannel.open();
    closed.close();
    opened.add("closed channel", closed::accept);
  }

  private static void openClients(Opened opened) throws Exception {
    ServerSocketChannel server = ServerSocketChannel.open().bind(ANY_PORT);
    SocketAddress address = server.getLocalAddress();
    SocketChannel unconnected = SocketChannel.open();
    opened.add(
        "unconnected channel",
        () -> {
          unconnected.connect(address);
          return talk(unconnected.socket(), server.accept().socket());
        });
    SocketChannel pending = SocketChannel.open();
    pending.configureBlocking(false);
    boolean done = pending.connect(address);
    SocketChannel pendingPeer = server.accept();
    opened.add(
        "pending connect",
        () -> {
          while (!done && !pending.finishConnect()) {
            Thread.onSpinWait();
          }
          pending.configureBlocking(true);
          return talk(pending.socket(), pendingPeer.socket());
        });
    SocketChannel reading = SocketChannel.open(address);
    SocketChannel readingPeer = server.accept();
    FutureTask<Object> read = blocked("read", () -> reading.read(ByteBuffer.allocate(1)));
    opened.add(
        "channel in read",
        () -> {
          readingPeer.write(ByteBuffer.allocate(1));
          return read.get() + talk(reading.socket(), readingPeer.socket());
        });
    SocketChannel half = SocketChannel.open(address);
    SocketChannel halfPeer = server.accept();
    half.shutdownOutput();
    opened.add(
        "half-closed channel",
        () -> {
          halfPeer.write(ByteBuffer.allocate(1));
          return halfPeer.read(ByteBuffer.allocate(1)) + " " + half.read(ByteBuffer.allocate(1));
        });
  }

  private static void openSelectors(Opened opened) throws Exception {
    SelectorProvider old = SelectorProvider.provider();
    Selector oldSelector = Selector.open();
    ServerSocketChannel oldServer = ServerSocketChannel.open().bind(ANY_PORT);
    SocketChannel oldClient = SocketChannel.open();
    opened.add(
        "old channels, new selector",
        () -> select(Selector::open, () -> oldServer, () -> oldClient));
    opened.add(
        "new channels, old selector",
        () -> {
          return select(() -> oldSelector, OpenedChannels::listen, SocketChannel::open);
        });
    opened.add(
        "channels of an old provider, new selector",
        () ->
            select(
                Selector::open,
                () -> old.openServerSocketChannel().bind(ANY_PORT),
                old::openSocketChannel));
    opened.add(
        "new channels, selector of an old provider",
        () -> select(old::openSelector, OpenedChannels::listen, SocketChannel::open));
    Selector selecting = Selector.open();
    ServerSocketChannel registered = listen();
    registered.configureBlocking(false);
    registered.register(selecting, SelectionKey.OP_ACCEPT);
    FutureTask<Object> select = blocked("select", selecting::select);
    opened.add(
        "blocked in select",
        () -> {
          SocketChannel peer = SocketChannel.open(registered.getLocalAddress());
          Object selected = select.get();
          return selected + talk(peer.socket(), registered.accept().socket());
        });
    Selector woken = Selector.open();
    FutureTask<Object> waking = blocked("select", woken::select);
    opened.add(
        "select that is woken",
        () -> {
          woken.wakeup();
          return waking.get();
        });
  }

  /** Connects, accepts and reads by what the selector says. */
  private static String select(
      Opening<Selector> selectors,
      Opening<ServerSocketChannel> servers,
      Opening<SocketChannel> clients)
      throws IOException {
    try (Selector selector = selectors.open();
        ServerSocketChannel server = servers.open();
        SocketChannel client = clients.open()) {
      server.configureBlocking(false);
      client.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      if (!client.connect(server.getLocalAddress())) {
        client.register(selector, SelectionKey.OP_CONNECT);
      } else {
        client.register(selector, SelectionKey.OP_READ);
      }
      SocketChannel accepted = null;
      int read = 0;
      while (read == 0) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            accepted = server.accept();
            accepted.configureBlocking(false);
            accepted.register(selector, SelectionKey.OP_WRITE);
          } else if (key.isConnectable()) {
            client.finishConnect();
            key.interestOps(SelectionKey.OP_READ);
          } else if (key.isWritable()) {
            accepted.write(ByteBuffer.allocate(3));
            key.interestOps(0);
          } else if (key.isReadable()) {
            read = client.read(ByteBuffer.allocate(10));
          }
        }
        selector.selectedKeys().clear();
      }
      accepted.close();
      return "read " + read;
    }
  }

  private static void openAsynchronous(Opened opened) throws Exception {
    AsynchronousServerSocketChannel accepting =
        AsynchronousServerSocketChannel.open().bind(ANY_PORT);
    Future<AsynchronousSocketChannel> accept = accepting.accept();
    opened.add(
        "asynchronous accept",
        () -> {
          AsynchronousSocketChannel peer = AsynchronousSocketChannel.open();
          peer.connect(accepting.getLocalAddress()).get();
          return exchange(peer, accept.get())
              + converse(accepting, AsynchronousSocketChannel.open());
        });
    AsynchronousSocketChannel unconnected = AsynchronousSocketChannel.open();
    opened.add("unconnected asynchronous", () -> converse(accepting, unconnected));
    AsynchronousServerSocketChannel closing = AsynchronousServerSocketChannel.open().bind(ANY_PORT);
    Future<AsynchronousSocketChannel> ending = closing.accept();
    opened.add(
        "asynchronous closed in accept",
        () -> {
          closing.close();
          return ending.get();
        });
    AsynchronousChannelProvider old = AsynchronousChannelProvider.provider();
    AsynchronousChannelGroup group =
        AsynchronousChannelGroup.withFixedThreadPool(1, Executors.defaultThreadFactory());
    opened.add(
        "old group",
        () -> {
          AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open(group);
          return converse(server.bind(ANY_PORT), AsynchronousSocketChannel.open(group));
        });
    opened.add(
        "old group, new provider",
        () -> {
          AsynchronousChannelProvider provider = AsynchronousChannelProvider.provider();
          return converse(
              provider.openAsynchronousServerSocketChannel(group).bind(ANY_PORT),
              provider.openAsynchronousSocketChannel(group));
        });
    opened.add(
        "old asynchronous provider",
        () ->
            converse(
                old.openAsynchronousServerSocketChannel(null).bind(ANY_PORT),
                old.openAsynchronousSocketChannel(null)));
    opened.add(
        "new group, old provider",
        () -> {
          AsynchronousChannelGroup later =
              AsynchronousChannelGroup.withFixedThreadPool(1, Executors.defaultThreadFactory());
          try {
            return converse(
                old.openAsynchronousServerSocketChannel(later).bind(ANY_PORT),
                old.openAsynchronousSocketChannel(later));
          } finally {
            later.shutdownNow();
          }
        });
    opened.add(
        "groups end",
        () -> {
          group.shutdownNow();
          return group.isShutdown();
        });
  }

  private static String converse(
      AsynchronousServerSocketChannel server, AsynchronousSocketChannel client) throws Exception {
    Future<AsynchronousSocketChannel> accept = server.accept();
    client.connect(server.getLocalAddress()).get();
    return exchange(client, accept.get());
  }

  private static String exchange(AsynchronousSocketChannel one, AsynchronousSocketChannel other)
      throws Exception {
    try (one;
        other) {
      one.write(ByteBuffer.allocate(3)).get();
      return "read " + other.read(ByteBuffer.allocate(10)).get();
    }
  }

  private static ServerSocketChannel listen() throws IOException {
    return ServerSocketChannel.open().bind(ANY_PORT);
  }

  private static String accept(ServerSocketChannel server) throws IOException {
    SocketChannel client = SocketChannel.open(server.getLocalAddress());
    return talk(client.socket(), server.accept().socket());
  }
}
