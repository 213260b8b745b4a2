package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is closed gives its file descriptors back. */
public abstract class DescriptorContract extends ContractTest {
  /**
   * Descriptors a transport may keep for reuse, such as cached bells; far fewer than any round here
   * opens.
   */
  private static final int KEPT = 30;

  protected DescriptorContract(Transport transport) {
    super(transport);
  }

  /**
   * Runs the rounds once to warm up, and then checks that running them again costs no descriptor.
   */
  private static void assertNoGrowth(int rounds, Outcome.Action round) throws Exception {
    for (int i = 0; i < 5; i++) {
      round.run();
    }
    int before = Descriptors.count();
    for (int i = 0; i < rounds; i++) {
      round.run();
    }
    awaitTrue("descriptors are given back", () -> Descriptors.count() <= before + KEPT);
  }

  @Test
  void thousandRoundsOfConnectAndClose() throws Exception {
    ServerSocketChannel listener = listen();
    assertNoGrowth(
        1000,
        () -> {
          try (SocketChannel channel = provider().openSocketChannel()) {
            channel.connect(listener.getLocalAddress());
            try (SocketChannel accepted = listener.accept()) {
              writeFully(channel, "r");
              assertReads("r", accepted);
            }
          }
        });
  }

  @Test
  void roundsOfListenAndClose() throws Exception {
    assertNoGrowth(
        300,
        () -> {
          try (ServerSocketChannel listener = provider().openServerSocketChannel();
              SocketChannel queued = provider().openSocketChannel()) {
            listener.bind(transport.bindAddress());
            queued.connect(listener.getLocalAddress());
          }
        });
  }

  @Test
  void roundsOfSelectorsAndRegisteredChannels() throws Exception {
    ServerSocketChannel listener = listen();
    assertNoGrowth(
        200,
        () -> {
          try (Selector selector = provider().openSelector();
              SocketChannel channel = provider().openSocketChannel()) {
            channel.connect(listener.getLocalAddress());
            channel.configureBlocking(false);
            try (SocketChannel accepted = listener.accept()) {
              SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
              writeFully(accepted, "r");
              awaitReady(key, SelectionKey.OP_READ);
            }
          }
        });
  }

  @Test
  void registeredChannelsClosedBeforeTheirSelectorIsUsedAgain() throws Exception {
    ServerSocketChannel listener = listen();
    Selector selector = openSelector();
    assertNoGrowth(
        300,
        () -> {
          try (SocketChannel channel = provider().openSocketChannel()) {
            channel.connect(listener.getLocalAddress());
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            listener.accept().close();
          }
          selector.selectNow();
          assertEquals(0, selector.keys().size());
        });
  }

  @Test
  void registeredChannelsClosedWhileTheSelectorSleeps() throws Exception {
    ServerSocketChannel listener = listen();
    Selector selector = openSelector();
    Background<Void> selecting =
        spawn(
            () -> {
              while (selector.isOpen()) {
                selector.select(key -> {}, 1);
              }
              return null;
            });
    assertNoGrowth(
        300,
        () -> {
          try (SocketChannel channel = provider().openSocketChannel()) {
            channel.connect(listener.getLocalAddress());
            channel.configureBlocking(false);
            channel.register(selector, 0);
            listener.accept().close();
          }
        });
    selector.close();
    selecting.joinAny();
  }

  @Test
  void refusedConnects() throws Exception {
    InetSocketAddress nobody = closedPort();
    assertNoGrowth(
        300,
        () -> {
          SocketChannel channel = provider().openSocketChannel();
          assertThrows(ConnectException.class, () -> channel.connect(nobody));
        });
  }

  @Test
  void connectsGivenUpWhilePending() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    assertNoGrowth(
        300,
        () -> {
          SocketChannel channel = provider().openSocketChannel();
          channel.configureBlocking(false);
          channel.connect(listener.getLocalAddress());
          channel.close();
          SocketChannel accepted = listener.accept();
          if (accepted != null) {
            accepted.close();
          }
        });
  }

  @Test
  void channelsNeverConnected() throws Exception {
    assertNoGrowth(
        300,
        () -> {
          provider().openSocketChannel().close();
          provider().openServerSocketChannel().close();
          provider().openSelector().close();
        });
  }

  @Test
  void blockedThreadsOfManyConnections() throws Exception {
    assertNoGrowth(
        20,
        () -> {
          List<Background<Integer>> readers = new ArrayList<>();
          List<SocketChannel> channels = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            Pair pair = connectedPair();
            channels.add(pair.near());
            channels.add(pair.far());
            readers.add(spawn(() -> pair.far().read(ByteBuffer.allocate(1))));
          }
          for (SocketChannel channel : channels) {
            channel.close();
          }
          for (Background<Integer> reader : readers) {
            reader.joinAny();
          }
        });
  }

  @Test
  void connectsToNamesThatAreNotResolved() throws Exception {
    InetSocketAddress name = InetSocketAddress.createUnresolved("none.invalid", 1);
    assertNoGrowth(
        300,
        () -> {
          try (SocketChannel channel = provider().openSocketChannel()) {
            assertThrows(UnresolvedAddressException.class, () -> channel.connect(name));
          }
        });
  }
}
