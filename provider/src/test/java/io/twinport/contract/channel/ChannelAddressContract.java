package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.OneHost;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The addresses that channels connect from and to, and what they tell of them. */
public abstract class ChannelAddressContract extends ContractTest {
  protected ChannelAddressContract(Transport transport) {
    super(transport);
  }

  @Test
  void connectFromBoundPortKeepsIt() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    channel.bind(new InetSocketAddress(transport.socketAddress().getAddress(), 0));
    InetSocketAddress bound = Addresses.local(channel);
    assertTrue(bound.getPort() > 0);
    assertTrue(channel.connect(listener.getLocalAddress()));
    assertEquals(bound, channel.getLocalAddress());
    SocketChannel accepted = accept(listener);
    assertEquals(bound, accepted.getRemoteAddress());
    writeFully(channel, "bound");
    assertReads("bound", accepted);
  }

  @Test
  void connectFromWildcardBindGetsConcreteLocalAddress() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    channel.bind(null);
    InetSocketAddress bound = Addresses.local(channel);
    assertTrue(bound.getAddress().isAnyLocalAddress());
    channel.connect(listener.getLocalAddress());
    assertEquals(bound.getPort(), Addresses.port(channel));
    assertEquals(transport.socketAddress().getAddress(), Addresses.local(channel).getAddress());
    assertEquals(channel.getLocalAddress(), accept(listener).getRemoteAddress());
  }

  @Test
  void addressesOfBothEndsMirrorEachOther() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    assertEquals(listener.getLocalAddress(), channel.getRemoteAddress());
    assertEquals(listener.getLocalAddress(), accepted.getLocalAddress());
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
  }

  @Test
  void remoteAddressOfANonBlockingConnect() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openNonBlockingSocket();
    channel.connect(listener.getLocalAddress());
    finishConnecting(channel);
    assertEquals(listener.getLocalAddress(), channel.getRemoteAddress());
    assertEquals(channel.getLocalAddress(), accept(listener).getRemoteAddress());
  }

  @Test
  void addressesAreNullBeforeConnect() throws Exception {
    SocketChannel channel = openSocket();
    assertNull(channel.getLocalAddress());
    assertNull(channel.getRemoteAddress());
  }

  @Test
  void addressesThrowAfterClose() throws Exception {
    Pair pair = connectedPair();
    pair.near().close();
    assertThrows(ClosedChannelException.class, () -> pair.near().getLocalAddress());
    assertThrows(ClosedChannelException.class, () -> pair.near().getRemoteAddress());
  }

  @Test
  void liveConnectionsHaveUniqueAddresses() throws Exception {
    ServerSocketChannel listener = listen();
    Set<SocketAddress> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      connectTo(listener.getLocalAddress());
      assertTrue(seen.add(accept(listener).getRemoteAddress()));
    }
  }

  @Test
  @OneHost("the wildcard is the client's own host")
  void connectToTheWildcardReachesThisHost() throws Exception {
    ServerSocketChannel listener = listenAt(Addresses.WILDCARD6);
    SocketChannel channel =
        connectTo(new InetSocketAddress(Addresses.WILDCARD4, Addresses.port(listener)));
    SocketChannel accepted = accept(listener);
    writeFully(channel, "wild");
    assertReads("wild", accepted);
    assertEquals(
        Addresses.port(listener), ((InetSocketAddress) channel.getRemoteAddress()).getPort());
  }

  @Test
  void toStringTellsTheState() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    assertEquals("java.nio.channels.SocketChannel[unconnected]", channel.toString());
    channel.connect(listener.getLocalAddress());
    assertEquals(
        "java.nio.channels.SocketChannel[connected local="
            + channel.getLocalAddress()
            + " remote="
            + channel.getRemoteAddress()
            + "]",
        channel.toString());
    channel.shutdownInput();
    assertTrue(channel.toString().contains("connected ishut local="), channel.toString());
    channel.shutdownOutput();
    assertTrue(channel.toString().contains("connected ishut oshut local="), channel.toString());
    channel.close();
    assertEquals("java.nio.channels.SocketChannel[closed]", channel.toString());
  }

  @Test
  void toStringOfABoundChannelNamesTheLocalAddress() throws Exception {
    SocketChannel channel = openSocket();
    channel.bind(transport.socketAddress());
    assertEquals(
        "java.nio.channels.SocketChannel[unconnected local=" + channel.getLocalAddress() + "]",
        channel.toString());
  }

  @Test
  @Here(Here.End.SOCKET)
  @OneHost("all addresses are those of the loopback interface")
  void familiesAndAddressesMeetAsTheJdks() throws Exception {
    Outcome.assertSameAnswers(meetings(JdkTransport.PROVIDER), meetings(provider()));
  }

  /** How each kind of client fares at each kind of listener; null is the default of either. */
  private static Map<String, String> meetings(SelectorProvider provider) {
    StandardProtocolFamily[] families = {
      null, StandardProtocolFamily.INET, StandardProtocolFamily.INET6
    };
    InetAddress[] addresses = {
      null, Addresses.LOOPBACK4, Addresses.LOOPBACK6, Addresses.WILDCARD4, Addresses.WILDCARD6
    };
    Map<String, String> answers = new TreeMap<>();
    for (StandardProtocolFamily family : families) {
      for (InetAddress address : addresses) {
        for (StandardProtocolFamily clientFamily : families) {
          for (InetAddress clientAddress : addresses) {
            for (InetAddress to : List.of(Addresses.LOOPBACK4, Addresses.LOOPBACK6)) {
              answers.put(
                  family
                      + " at "
                      + address
                      + " and "
                      + clientFamily
                      + " at "
                      + clientAddress
                      + " to "
                      + to,
                  Outcome.of(
                      () -> meet(provider, family, address, clientFamily, clientAddress, to)));
            }
          }
        }
      }
    }
    return answers;
  }

  private static String meet(
      SelectorProvider provider,
      StandardProtocolFamily family,
      InetAddress address,
      StandardProtocolFamily clientFamily,
      InetAddress clientAddress,
      InetAddress to)
      throws IOException {
    try (ServerSocketChannel listener =
            family == null
                ? provider.openServerSocketChannel()
                : provider.openServerSocketChannel(family);
        SocketChannel client =
            clientFamily == null
                ? provider.openSocketChannel()
                : provider.openSocketChannel(clientFamily)) {
      listener.bind(address == null ? null : new InetSocketAddress(address, 0));
      if (clientAddress != null) {
        client.bind(new InetSocketAddress(clientAddress, 0));
      }
      client.connect(new InetSocketAddress(to, Addresses.port(listener)));
      try (SocketChannel accepted = listener.accept()) {
        InetSocketAddress remote = (InetSocketAddress) accepted.getRemoteAddress();
        assertEquals(client.getLocalAddress(), remote);
        return Addresses.local(listener).getAddress()
            + ", "
            + Addresses.local(client).getAddress()
            + ", "
            + Addresses.local(accepted).getAddress();
      }
    }
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "no connection takes part, and a family of one's own can't be sent")
  void familiesThatAreNoneAreRefused() {
    ProtocolFamily none = () -> "NONE";
    SelectorProvider provider = provider();
    assertThrows(NullPointerException.class, () -> provider.openSocketChannel(null));
    assertThrows(NullPointerException.class, () -> provider.openServerSocketChannel(null));
    assertThrows(UnsupportedOperationException.class, () -> provider.openSocketChannel(none));
    assertThrows(UnsupportedOperationException.class, () -> provider.openServerSocketChannel(none));
  }
}
