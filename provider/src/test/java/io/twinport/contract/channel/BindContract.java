package io.twinport.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.OneHost;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Binding listeners and sockets: which addresses, what is in use, and what is free again after
 * close.
 */
public abstract class BindContract extends ContractTest {
  protected BindContract(Transport transport) {
    super(transport);
  }

  @Test
  @OneHost("nobody else reaches the loopback addresses of a host")
  void bindToIpv4Loopback() throws Exception {
    assertServes(listenAt(Addresses.LOOPBACK4), Addresses.LOOPBACK4, Addresses.LOOPBACK4);
  }

  @Test
  @OneHost("nobody else reaches the loopback addresses of a host")
  void bindToIpv6Loopback() throws Exception {
    assumeTrue(Addresses.hasIpv6(), "no ::1 on this host");
    assertServes(listenAt(Addresses.LOOPBACK6), Addresses.LOOPBACK6, Addresses.LOOPBACK6);
  }

  @Test
  void bindToHostAddress() throws Exception {
    Optional<InetAddress> host = Addresses.host4();
    assumeTrue(host.isPresent(), "no address but loopback's");
    InetAddress to = transport.twoHosts() ? transport.bindAddress().getAddress() : host.get();
    InetAddress from = transport.twoHosts() ? transport.socketAddress().getAddress() : to;
    assertServes(listenAt(to), to, from);
  }

  @Test
  void bindToIpv4WildcardServesEveryLocalAddress() throws Exception {
    assertWildcardServes(listenAt(Addresses.WILDCARD4));
  }

  @Test
  void bindToIpv6WildcardServesEveryLocalAddress() throws Exception {
    assumeTrue(Addresses.hasIpv6(), "no ::1 on this host");
    assertWildcardServes(listenAt(Addresses.WILDCARD6));
  }

  @Test
  void bindToNullIsTheWildcardAndAnyPort() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(null);
    assertWildcardServes(listener);
  }

  @Test
  void bindOfAnIpv4OnlyListener() throws Exception {
    ServerSocketChannel listener =
        closing(provider().openServerSocketChannel(StandardProtocolFamily.INET));
    listener.bind(new InetSocketAddress(Addresses.WILDCARD4, 0));
    assertEquals(Addresses.WILDCARD4, Addresses.local(listener).getAddress());
    assertInstanceOf(Inet4Address.class, Addresses.local(listener).getAddress());
    assertServesOwnAddress(listener);
  }

  @Test
  void ipv4OnlyChannelsRefuseIpv6Addresses() throws Exception {
    ServerSocketChannel listener =
        closing(provider().openServerSocketChannel(StandardProtocolFamily.INET));
    SocketAddress six = new InetSocketAddress(Addresses.LOOPBACK6, 0);
    assertThrows(UnsupportedAddressTypeException.class, () -> listener.bind(six));
    SocketChannel channel = closing(provider().openSocketChannel(StandardProtocolFamily.INET));
    assertThrows(UnsupportedAddressTypeException.class, () -> channel.bind(six));
    assertThrows(
        UnsupportedAddressTypeException.class,
        () -> channel.connect(new InetSocketAddress(Addresses.LOOPBACK6, 9)));
  }

  @Test
  void ipv4OnlyClientReachesADualStackListener() throws Exception {
    ServerSocketChannel listener = listenAt(Addresses.WILDCARD6);
    SocketChannel channel = closing(provider().openSocketChannel(StandardProtocolFamily.INET));
    InetAddress target = transport.bindAddress().getAddress();
    channel.connect(new InetSocketAddress(target, Addresses.port(listener)));
    assertInstanceOf(Inet4Address.class, Addresses.local(channel).getAddress());
    assertEquals(channel.getLocalAddress(), accept(listener).getRemoteAddress());
  }

  @Test
  void portZeroGetsAFreePortAndThatPortServes() throws Exception {
    ServerSocketChannel one = listen();
    ServerSocketChannel two = listen();
    assertTrue(Addresses.port(one) > 0);
    assertFalse(Addresses.port(one) == Addresses.port(two));
    writeFully(connectTo(one.getLocalAddress()), "one");
    writeFully(connectTo(two.getLocalAddress()), "two");
    assertReads("two", accept(two));
    assertReads("one", accept(one));
  }

  private void assertWildcardServes(ServerSocketChannel listener) throws IOException {
    assertTrue(Addresses.local(listener).getAddress().isAnyLocalAddress());
    assertServesOwnAddress(listener);
    if (transport.twoHosts()) {
      return;
    }
    Optional<InetAddress> host = Addresses.host4();
    if (host.isPresent()) {
      assertServes(listener, host.get(), host.get());
    }
    if (Addresses.hasIpv6()) {
      assertServes(listener, Addresses.LOOPBACK6, Addresses.LOOPBACK6);
    }
  }

  private void assertServesOwnAddress(ServerSocketChannel listener) throws IOException {
    assertServes(
        listener, transport.bindAddress().getAddress(), transport.socketAddress().getAddress());
  }

  /** Connects to {@code to}; the accepted channel must have it as its concrete local address. */
  private void assertServes(ServerSocketChannel listener, InetAddress to, InetAddress from)
      throws IOException {
    InetSocketAddress remote = new InetSocketAddress(to, Addresses.port(listener));
    SocketChannel channel = connectTo(remote);
    SocketChannel accepted = accept(listener);
    assertEquals(remote, channel.getRemoteAddress());
    assertEquals(remote, accepted.getLocalAddress());
    assertEquals(from, Addresses.local(channel).getAddress());
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
    writeFully(channel, "hello");
    assertReads("hello", accepted);
    writeFully(accepted, "welcome");
    assertReads("welcome", channel);
  }

  @Test
  void bindToAPortInUseThrowsBindException() throws Exception {
    SocketAddress taken = listen().getLocalAddress();
    ServerSocketChannel second = openListener();
    BindException e = assertThrows(BindException.class, () -> second.bind(taken));
    assertEquals("Address already in use", e.getMessage());
    assertTrue(second.isOpen());
    assertNull(second.getLocalAddress());
    second.bind(transport.bindAddress());
    connectThrough(second);
  }

  @Test
  void bindToAForeignAddressThrowsBindException() throws Exception {
    ServerSocketChannel listener = openListener();
    BindException e =
        assertThrows(
            BindException.class, () -> listener.bind(new InetSocketAddress(Addresses.NOT_OURS, 0)));
    assertEquals("Cannot assign requested address", e.getMessage());
  }

  @Test
  void bindTwiceThrowsAlreadyBound() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress address = listener.getLocalAddress();
    assertThrows(AlreadyBoundException.class, () -> listener.bind(null));
    assertEquals(address, listener.getLocalAddress());
    connectThrough(listener);
  }

  @Test
  void bindOnClosedChannelThrows() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.close();
    assertThrows(ClosedChannelException.class, () -> listener.bind(null));
    SocketChannel channel = openSocket();
    channel.close();
    assertThrows(ClosedChannelException.class, () -> channel.bind(null));
  }

  private static final class OddAddress extends SocketAddress {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void bindToOddAddressesThrows() throws Exception {
    ServerSocketChannel listener = openListener();
    SocketChannel channel = openSocket();
    SocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 0);
    SocketAddress odd = new OddAddress();
    assertThrows(UnresolvedAddressException.class, () -> listener.bind(unresolved));
    assertThrows(UnsupportedAddressTypeException.class, () -> listener.bind(odd));
    assertThrows(UnresolvedAddressException.class, () -> channel.bind(unresolved));
    assertThrows(UnsupportedAddressTypeException.class, () -> channel.bind(odd));
    assertTrue(listener.isOpen());
    assertTrue(channel.isOpen());
  }

  @Test
  void localAddressOfAListenerBeforeBindAndAfterClose() throws Exception {
    ServerSocketChannel listener = openListener();
    assertNull(listener.getLocalAddress());
    listener.bind(transport.bindAddress());
    assertEquals(transport.bindAddress().getAddress(), Addresses.local(listener).getAddress());
    listener.close();
    assertThrows(ClosedChannelException.class, listener::getLocalAddress);
  }

  @Test
  void acceptBeforeBindThrowsNotYetBound() throws Exception {
    ServerSocketChannel listener = openListener();
    assertThrows(NotYetBoundException.class, listener::accept);
    listener.configureBlocking(false);
    assertThrows(NotYetBoundException.class, listener::accept);
    assertTrue(listener.isOpen());
  }

  @Test
  void negativeBacklogIsTheDefault() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), -5);
    for (int i = 0; i < 20; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 20; i++) {
      accept(listener);
    }
  }

  @Test
  void bindOfASocketTwiceThrowsAlreadyBound() throws Exception {
    SocketChannel channel = openSocket();
    channel.bind(transport.socketAddress());
    SocketAddress address = channel.getLocalAddress();
    assertThrows(AlreadyBoundException.class, () -> channel.bind(null));
    assertEquals(address, channel.getLocalAddress());
  }

  @Test
  void bindOfAConnectedSocketThrowsAlreadyBound() throws Exception {
    Pair pair = connectedPair();
    assertThrows(AlreadyBoundException.class, () -> pair.near().bind(null));
    assertThrows(AlreadyBoundException.class, () -> pair.far().bind(null));
  }

  @Test
  void bindOfASocketToAListenersPortThrowsBindException() throws Exception {
    SocketAddress taken = listen().getLocalAddress();
    SocketChannel channel = openSocket();
    assertThrows(BindException.class, () -> channel.bind(taken));
  }

  @Test
  void bindOfASocketToAForeignAddressThrowsBindException() throws Exception {
    SocketChannel channel = openSocket();
    assertThrows(
        BindException.class, () -> channel.bind(new InetSocketAddress(Addresses.NOT_OURS, 0)));
  }

  @Test
  void closedListenerRefusesConnects() throws Exception {
    ServerSocketChannel listener = listen();
    SocketAddress address = listener.getLocalAddress();
    connectThrough(listener);
    listener.close();
    SocketChannel late = openSocket();
    assertThrows(ConnectException.class, () -> late.connect(address));
  }

  @Test
  void portIsFreeAtOnceAfterClose() throws Exception {
    InetSocketAddress address = freePort();
    for (int i = 0; i < 50; i++) {
      ServerSocketChannel listener = openListener();
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(address);
      Pair pair = connectThrough(listener);
      writeFully(pair.near(), "round");
      assertReads("round", pair.far());
      listener.close();
      pair.far().close();
      pair.near().close();
    }
  }

  @Test
  void connectionsOutliveTheirListener() throws Exception {
    ServerSocketChannel listener = listen();
    Pair pair = connectThrough(listener);
    listener.close();
    writeFully(pair.near(), "still");
    assertReads("still", pair.far());
    writeFully(pair.far(), "here");
    assertReads("here", pair.near());
  }

  @Test
  void connectionsOutliveTheirListenerAndItsSuccessor() throws Exception {
    ServerSocketChannel first = listen();
    SocketAddress address = first.getLocalAddress();
    Pair old = connectThrough(first);
    first.close();
    ServerSocketChannel second = openListener();
    second.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    second.bind(address);
    Pair young = connectThrough(second);
    writeFully(old.near(), "old");
    writeFully(young.near(), "young");
    assertReads("young", young.far());
    assertReads("old", old.far());
  }

  @Test
  void closeOfTheListenerResetsWhatIsQueued() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel queued = connectTo(listener.getLocalAddress());
    listener.close();
    SocketException e =
        assertThrows(SocketException.class, () -> queued.read(ByteBuffer.allocate(1)));
    assertEquals("Connection reset", e.getMessage());
  }

  @Test
  void toStringOfAListenerTellsTheState() throws Exception {
    ServerSocketChannel listener = openListener();
    assertTrue(listener.toString().endsWith("[unbound]"), listener.toString());
    listener.bind(transport.bindAddress());
    // JDK 25 leaves the address out, 17 has it.
    ServerSocketChannel model = closing(JdkTransport.PROVIDER.openServerSocketChannel());
    model.bind(transport.bindAddress());
    String expected =
        model
            .toString()
            .substring(model.toString().indexOf('['))
            .replace(model.getLocalAddress().toString(), listener.getLocalAddress().toString());
    assertTrue(listener.toString().endsWith(expected), listener.toString());
    listener.close();
    assertTrue(listener.toString().endsWith("[closed]"), listener.toString());
  }
}
