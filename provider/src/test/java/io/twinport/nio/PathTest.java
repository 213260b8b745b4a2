package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.inproc.InProcessProvider;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import io.twinport.support.BrokenProvider;
import io.twinport.support.SwitchFixture;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.nio.ch.DefaultSelectorProvider;

/** Which path a connection takes, and what the registry says about it. */
@Timeout(20)
final class PathTest extends SwitchFixture {
  @Test
  void bothEndsInTheSwitchMeetOnTheSan() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    assertFalse(isOnTcp(client));
    assertFalse(isOnTcp(server));
    assertEquals(client.getLocalAddress(), server.getRemoteAddress());
    assertEquals(client.getRemoteAddress(), server.getLocalAddress());
  }

  @Test
  void aPlainTcpClientIsAcceptedOnTheSamePort() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel plain = closing(DefaultSelectorProvider.get().openSocketChannel());
    plain.connect(listener.getLocalAddress());
    SocketChannel server = closing(listener.accept());
    assertTrue(isOnTcp(server));
    assertEquals(plain.getLocalAddress(), server.getRemoteAddress());
    assertEquals(Reason.CLIENT_USED_TCP, only(provider.owner().registry().connections()).reason());
  }

  @Test
  void aListenerWithoutTwinIsReachedOverTcpWithTheReason() throws IOException {
    ServerSocketChannel plain = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    SocketChannel client = connect(plain);
    assertTrue(isOnTcp(client));
    assertEquals(Reason.NO_TWIN, only(provider.owner().registry().connections()).reason());
    assertEquals(1, provider.owner().registry().counters().get("tcp.no-twin"));
  }

  @Test
  void rulesKeepAListenerOnTcp() throws IOException {
    provider = provider(Map.of("rules", "use tcp listen 127.0.0.0/8 *"), san);
    ServerSocketChannel listener = listen();
    assertTrue(isOnTcp(connect(listener)));
    assertEquals(Reason.RULE, only(provider.owner().registry().listeners()).reason());
  }

  @Test
  void rulesKeepAConnectOnTcp() throws IOException {
    provider = provider(Map.of("rules", "use tcp connect * 1-65535"), san);
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    assertTrue(isOnTcp(client));
    assertTrue(only(provider.owner().registry().listeners()).twin());
    assertEquals(Reason.RULE, ((TwinSocketChannel) client).twin.reason());
  }

  @Test
  void aRuleThatRequiresTheSanForbidsTcp() throws IOException {
    provider = provider(Map.of("rules", "use san connect * *"), san);
    ServerSocketChannel plain = closing(DefaultSelectorProvider.get().openServerSocketChannel());
    plain.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertThrows(ConnectException.class, () -> connect(plain));
    assertFalse(isOnTcp(connect(listen())));
  }

  @Test
  void offSendsNewClientsToTcpAndOnTakesItBack() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel before = connect(listener);
    int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    provider.owner().registry().off(port);
    assertTrue(isOnTcp(connect(listener)));
    assertEquals(Reason.SWITCHED_OFF, only(provider.owner().registry().listeners()).reason());
    provider.owner().registry().on(Registry.ALL_PORTS);
    assertFalse(isOnTcp(connect(listener)));
    assertFalse(isOnTcp(before));
  }

  @Test
  void offOnTheServerOnlyReachesItsClients() throws IOException {
    ServerSocketChannel listener = listen();
    provider.owner().registry().off(Registry.ALL_PORTS);
    provider = provider(Map.of(), san);
    SocketChannel client = connect(listener);
    assertTrue(isOnTcp(client));
    assertEquals(Reason.SWITCHED_OFF, ((TwinSocketChannel) client).twin.reason());
  }

  @Test
  void aSharedPortHasNoTwin() throws IOException {
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertEquals(Reason.REUSE_PORT, only(provider.owner().registry().listeners()).reason());
    assertTrue(isOnTcp(connect(listener)));
  }

  @Test
  void aTakenNameLeavesTcp() throws IOException {
    InetSocketAddress address;
    try (ServerSocketChannel first = provider.openServerSocketChannel()) {
      first.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      address = (InetSocketAddress) first.getLocalAddress();
    }
    san.listen(address, 1, destination -> null);
    ServerSocketChannel second = closing(provider.openServerSocketChannel());
    second.bind(address);
    assertEquals(Reason.NAME_TAKEN, only(provider.owner().registry().listeners()).reason());
  }

  @Test
  void closeFreesTheNameForTheNextListener() throws IOException {
    InetSocketAddress address;
    try (ServerSocketChannel first = provider.openServerSocketChannel()) {
      first.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      address = (InetSocketAddress) first.getLocalAddress();
    }
    ServerSocketChannel second = closing(provider.openServerSocketChannel());
    second.bind(address);
    assertTrue(only(provider.owner().registry().listeners()).twin());
  }

  @Test
  void aFullBacklogRefusesForGood() throws IOException {
    ServerSocketChannel listener = listen(2);
    connect(listener);
    connect(listener);
    ConnectException refused = assertThrows(ConnectException.class, () -> connect(listener));
    assertEquals("Connection refused", refused.getMessage());
    closing(listener.accept());
    assertFalse(isOnTcp(connect(listener)));
  }

  @Test
  void aFullBacklogSendsClientsToTcpIfAskedTo() throws IOException {
    provider = provider(Map.of("backlog-full", "tcp"), san);
    ServerSocketChannel listener = listen(1);
    assertFalse(isOnTcp(connect(listener)));
    SocketChannel second = connect(listener);
    assertTrue(isOnTcp(second));
    assertEquals(Reason.BACKLOG_FULL, ((TwinSocketChannel) second).twin.reason());
  }

  @Test
  void aRefusedClientWakesNoSelector() throws Exception {
    ServerSocketChannel listener = listen(1);
    Selector selector = selector();
    register(listener, selector, SelectionKey.OP_ACCEPT);
    connect(listener);
    assertEquals(1, selector.select());
    selector.selectedKeys().clear();
    closing(listener.accept());
    connect(listener);
    assertEquals(1, selector.select());
    assertThrows(ConnectException.class, () -> connect(listener));
    // Still ready for the one that is queued, and selected already: no news for the refused one.
    assertEquals(0, selector.selectNow());
    assertNotNull(closing(listener.accept()));
    assertNull(listener.accept());
  }

  @Test
  void theSecondProviderIsAskedWhenTheFirstHasNoTwin() throws IOException {
    InProcessProvider empty = new InProcessProvider();
    provider = provider(Map.of("providers", "inproc"), empty, san);
    TwinSelectorProvider serverSide = provider(Map.of(), san);
    ServerSocketChannel listener = closing(serverSide.openServerSocketChannel());
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertFalse(isOnTcp(connect(listener)));
  }

  @Test
  void aProviderThatThrowsLeavesTheTwinToTheNext() throws IOException {
    provider = provider(Map.of("providers", "other,inproc"), new BrokenProvider("other"), san);
    ServerSocketChannel listener = listen();
    assertTrue(only(provider.owner().registry().listeners()).twin());
    SocketChannel client = connect(listener);
    assertFalse(isOnTcp(client));
    assertFalse(isOnTcp(closing(listener.accept())));
  }

  @Test
  void aProviderThatThrowsCostsTheTwinOnly() throws IOException {
    provider = provider(Map.of("providers", "other"), new BrokenProvider("other"));
    ServerSocketChannel listener = listen();
    assertEquals(Reason.PROVIDER_FAILED, only(provider.owner().registry().listeners()).reason());
    SocketChannel client = connect(listener);
    assertTrue(isOnTcp(client));
    assertEquals(Reason.PROVIDER_FAILED, ((TwinSocketChannel) client).twin.reason());
  }

  @Test
  void aListenerInAForeignSelectorKeepsItsTwin() throws IOException {
    ServerSocketChannel listener = listen();
    Selector foreign = closing(DefaultSelectorProvider.get().openSelector());
    register(listener, foreign, SelectionKey.OP_ACCEPT);
    SocketChannel early = connect(listener); // Before the selector asks.
    assertEquals(1, foreign.select());
    assertNotNull(listener.accept());
    foreign.selectedKeys().clear();
    assertEquals(0, foreign.selectNow());
    SocketChannel late = connect(listener);
    assertEquals(1, foreign.select());
    assertFalse(isOnTcp(early) || isOnTcp(late));
    assertNull(only(provider.owner().registry().listeners()).reason());
  }

  @Test
  void aListenerInAForeignSelectorLeavesNoDescriptor() throws IOException {
    try (Selector foreign = DefaultSelectorProvider.get().openSelector()) {
      int before = 0;
      for (int i = 0; i < 40; i++) {
        if (i == 20) {
          before = descriptors();
        }
        ServerSocketChannel listener = listen();
        register(listener, foreign, SelectionKey.OP_ACCEPT);
        assertEquals(0, foreign.selectNow());
        listener.close();
        assertEquals(0, foreign.selectNow());
      }
      assertEquals(before, descriptors());
    }
  }

  private static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  @Test
  void aListenerThatIsBoundInAForeignSelectorHasNoTwin() throws IOException {
    ServerSocketChannel listener = closing(provider.openServerSocketChannel());
    Selector foreign = closing(DefaultSelectorProvider.get().openSelector());
    register(listener, foreign, SelectionKey.OP_ACCEPT);
    foreign.selectNow(); // From here on it knows the descriptor.
    foreign.selectedKeys().clear();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertEquals(Reason.FOREIGN_SELECTOR, only(provider.owner().registry().listeners()).reason());
    assertTrue(isOnTcp(connect(listener)));
    assertEquals(1, foreign.select());
  }

  @Test
  void aClientInAForeignSelectorGoesOverTcp() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel client = closing(provider.openSocketChannel());
    Selector foreign = closing(DefaultSelectorProvider.get().openSelector());
    SelectionKey key = register(client, foreign, 0);
    key.interestOps(SelectionKey.OP_CONNECT);
    foreign.selectNow();
    if (!client.connect(listener.getLocalAddress())) {
      while (!client.finishConnect()) {
        foreign.select();
      }
    }
    assertTrue(isOnTcp(client));
    assertEquals(Reason.FOREIGN_SELECTOR, ((TwinSocketChannel) client).twin.reason());
    key.interestOps(SelectionKey.OP_READ);
    listener.accept().write(bytes(1));
    foreign.selectedKeys().clear();
    assertEquals(1, foreign.select());
  }

  @Test
  void aPendingConnectInAForeignSelectorHasAnOutcome() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel client = closing(provider.openSocketChannel());
    client.configureBlocking(false);
    client.connect(listener.getLocalAddress());
    Selector foreign = closing(DefaultSelectorProvider.get().openSelector());
    SelectionKey key = client.register(foreign, SelectionKey.OP_CONNECT);
    while (!client.isConnected()) {
      foreign.select();
      if (key.isConnectable()) {
        client.finishConnect();
      }
      foreign.selectedKeys().clear();
    }
    key.interestOps(SelectionKey.OP_READ);
    listener.accept().write(bytes(1));
    while (!key.isReadable()) {
      foreign.select();
    }
    assertEquals(1, client.read(ByteBuffer.allocate(2)));
  }

  @Test
  void pathsAndRolesAreListed() throws IOException {
    ServerSocketChannel listener = listen();
    connect(listener);
    closing(listener.accept());
    Set<String> seen =
        provider.owner().registry().connections().stream()
            .map(c -> (c.san() ? "san" : "tcp") + (c.accepted() ? " accepted" : " connected"))
            .collect(Collectors.toSet());
    assertEquals(Set.of("san accepted", "san connected"), seen);
    Map<String, Long> counters = provider.owner().registry().counters();
    assertEquals(1, counters.get("san.accepted"));
    assertEquals(1, counters.get("san.connected"));
    closeAll();
    assertEquals(List.of(), provider.owner().registry().connections());
    assertEquals(List.of(), provider.owner().registry().listeners());
  }

  private static <T> T only(List<T> list) {
    assertEquals(1, list.size(), list::toString);
    return list.get(0);
  }
}
