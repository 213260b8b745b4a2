package io.twinport.contract.channel;

import static io.twinport.contract.support.ChannelOptions.setEverything;
import static io.twinport.contract.support.ChannelOptions.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/**
 * Socket options: the JDK's channel is asked the same, and the answers must be equal, values and
 * exceptions alike.
 */
public abstract class OptionsContract extends ContractTest {
  protected OptionsContract(Transport transport) {
    super(transport);
  }

  private SocketChannel jdkSocket() throws Exception {
    return closing(JdkTransport.PROVIDER.openSocketChannel());
  }

  private ServerSocketChannel jdkListener() throws Exception {
    return closing(JdkTransport.PROVIDER.openServerSocketChannel());
  }

  private Pair jdkPair() throws Exception {
    ServerSocketChannel listener = jdkListener();
    listener.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    SocketChannel connected = jdkSocket();
    connected.connect(listener.getLocalAddress());
    return new Pair(connected, closing(listener.accept()));
  }

  private Pair ownPair() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel connected = connectTo(listener.getLocalAddress());
    return new Pair(connected, accept(listener));
  }

  @Test
  void socketSupportsTheOptionsOfTheJdks() throws Exception {
    assertEquals(jdkSocket().supportedOptions(), openSocket().supportedOptions());
  }

  @Test
  void listenerSupportsTheOptionsOfTheJdks() throws Exception {
    assertEquals(jdkListener().supportedOptions(), openListener().supportedOptions());
  }

  @Test
  void connectedEndsSupportTheOptionsOfTheJdks() throws Exception {
    Pair model = jdkPair();
    Pair pair = ownPair();
    assertEquals(model.near().supportedOptions(), pair.near().supportedOptions());
    assertEquals(model.far().supportedOptions(), pair.far().supportedOptions());
    assertEquals(model.near().socket().supportedOptions(), pair.near().socket().supportedOptions());
  }

  @Test
  void optionSetsCanNotBeChanged() throws Exception {
    assertThrows(
        UnsupportedOperationException.class, () -> openSocket().supportedOptions().clear());
    assertThrows(
        UnsupportedOperationException.class, () -> openListener().supportedOptions().clear());
  }

  @Test
  void defaultsBeforeConnectAreTheJdks() throws Exception {
    Outcome.assertSameAnswers(values(jdkSocket(), false), values(openSocket(), false));
  }

  @Test
  void defaultsOfAListenerAreTheJdks() throws Exception {
    ServerSocketChannel model = jdkListener();
    ServerSocketChannel listener = openListener();
    Outcome.assertSameAnswers(values(model, false), values(listener, false));
    model.bind(transport.addressHere());
    listener.bind(transport.bindAddress());
    Outcome.assertSameAnswers(values(model, false), values(listener, false));
  }

  @Test
  void defaultsOfTheConnectedEndAreTheJdks() throws Exception {
    Outcome.assertSameAnswers(values(jdkPair().near(), true), values(ownPair().near(), true));
  }

  @Test
  void defaultsOfTheAcceptedEndAreTheJdks() throws Exception {
    Outcome.assertSameAnswers(values(jdkPair().far(), true), values(ownPair().far(), true));
  }

  @Test
  void bufferSizesOfAConnectionAreSensible() throws Exception {
    Pair pair = ownPair();
    for (SocketChannel end : List.of(pair.near(), pair.far())) {
      assertTrue(end.getOption(StandardSocketOptions.SO_SNDBUF) >= 4096);
      assertTrue(end.getOption(StandardSocketOptions.SO_RCVBUF) >= 4096);
    }
  }

  @Test
  void everySetBeforeConnectIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(setEverything(jdkSocket()), setEverything(openSocket()));
  }

  @Test
  void everySetOnAListenerIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(setEverything(jdkListener()), setEverything(openListener()));
  }

  @Test
  void everySetOnABoundListenerIsAnsweredAsByTheJdks() throws Exception {
    ServerSocketChannel model = jdkListener();
    model.bind(transport.addressHere());
    Outcome.assertSameAnswers(setEverything(model), setEverything(listen()));
  }

  @Test
  void everySetOnTheConnectedEndIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(setEverything(jdkPair().near()), setEverything(ownPair().near()));
  }

  @Test
  void everySetOnTheAcceptedEndIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(setEverything(jdkPair().far()), setEverything(ownPair().far()));
  }

  @Test
  void everySetAndGetAfterCloseIsAnsweredAsByTheJdks() throws Exception {
    SocketChannel model = jdkPair().near();
    SocketChannel channel = ownPair().near();
    model.close();
    channel.close();
    Outcome.assertSameAnswers(setEverything(model), setEverything(channel));
    ServerSocketChannel modelListener = jdkListener();
    ServerSocketChannel listener = listen();
    modelListener.close();
    listener.close();
    Outcome.assertSameAnswers(setEverything(modelListener), setEverything(listener));
  }

  @Test
  void getAfterCloseThrowsClosedChannel() throws Exception {
    SocketChannel channel = ownPair().near();
    channel.close();
    assertThrows(
        ClosedChannelException.class, () -> channel.getOption(StandardSocketOptions.TCP_NODELAY));
    assertThrows(
        ClosedChannelException.class,
        () -> channel.setOption(StandardSocketOptions.TCP_NODELAY, true));
  }

  @Test
  void optionsSetBeforeConnectHoldAfterIt() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel model = jdkSocket();
    SocketChannel channel = openSocket();
    for (SocketChannel one : List.of(model, channel)) {
      one.setOption(StandardSocketOptions.TCP_NODELAY, true);
      one.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      one.setOption(StandardSocketOptions.SO_LINGER, 7);
      one.setOption(StandardSocketOptions.IP_TOS, 0x10);
      one.setOption(StandardSocketOptions.SO_SNDBUF, 50_000);
      one.setOption(StandardSocketOptions.SO_RCVBUF, 60_000);
      one.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 77);
      one.socket().setOOBInline(true);
      one.connect(listener.getLocalAddress());
    }
    Outcome.assertSameAnswers(values(model, false), values(channel, false));
    assertTrue(channel.getOption(StandardSocketOptions.TCP_NODELAY));
    assertTrue(channel.socket().getOOBInline());
    assertEquals(7, channel.getOption(StandardSocketOptions.SO_LINGER));
  }

  @Test
  void smallBuffersSetBeforeConnectStillCarryMuchData() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel channel = openSocket();
    channel.setOption(StandardSocketOptions.SO_SNDBUF, 1);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 1);
    channel.connect(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    int length = 300_000;
    Background<String> sending = spawn(() -> Payload.send(channel, 31, length));
    assertEquals(Payload.receive(accepted, 32, length), sending.join());
  }

  @Test
  void setOptionReturnsTheChannel() throws Exception {
    SocketChannel channel = openSocket();
    assertSame(channel, channel.setOption(StandardSocketOptions.TCP_NODELAY, true));
    ServerSocketChannel listener = openListener();
    assertSame(listener, listener.setOption(StandardSocketOptions.SO_REUSEADDR, true));
  }

  @Test
  void unsupportedOptionsThrow() throws Exception {
    SocketChannel channel = openSocket();
    ServerSocketChannel listener = openListener();
    assertThrows(
        UnsupportedOperationException.class,
        () -> channel.getOption(StandardSocketOptions.IP_MULTICAST_TTL));
    assertThrows(
        UnsupportedOperationException.class,
        () -> channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1));
    assertThrows(
        UnsupportedOperationException.class,
        () -> listener.setOption(StandardSocketOptions.TCP_NODELAY, true));
    assertThrows(
        UnsupportedOperationException.class,
        () -> listener.getOption(StandardSocketOptions.SO_LINGER));
  }

  @Test
  void nullOptionThrows() throws Exception {
    SocketChannel channel = openSocket();
    ServerSocketChannel listener = openListener();
    assertThrows(NullPointerException.class, () -> channel.getOption(null));
    assertThrows(NullPointerException.class, () -> channel.setOption(null, 1));
    assertThrows(NullPointerException.class, () -> listener.getOption(null));
    assertThrows(NullPointerException.class, () -> listener.setOption(null, 1));
  }

  @Test
  void twoListenersShareAPortWithReusePort() throws Exception {
    ServerSocketChannel one = openListener();
    ServerSocketChannel two = openListener();
    one.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    two.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    one.bind(transport.bindAddress());
    two.bind(one.getLocalAddress());
    one.configureBlocking(false);
    two.configureBlocking(false);
    for (int i = 0; i < 20; i++) {
      SocketChannel channel = connectTo(one.getLocalAddress());
      writeFully(channel, "shared");
      SocketChannel first = one.accept();
      SocketChannel accepted = closing(first != null ? first : two.accept());
      assertReads("shared", accepted);
    }
  }

  @Test
  void optionsThroughTheSocketAreAnsweredAsByTheJdks() throws Exception {
    assertEquals(setThroughSocket(jdkSocket().socket()), setThroughSocket(openSocket().socket()));
    Pair model = jdkPair();
    Pair pair = ownPair();
    assertEquals(setThroughSocket(model.near().socket()), setThroughSocket(pair.near().socket()));
    assertEquals(setThroughSocket(model.far().socket()), setThroughSocket(pair.far().socket()));
    model.near().close();
    pair.near().close();
    assertEquals(setThroughSocket(model.near().socket()), setThroughSocket(pair.near().socket()));
  }

  private static List<String> setThroughSocket(Socket socket) {
    List<String> outcomes = new ArrayList<>();
    outcomes.add(Outcome.ofAction(() -> socket.setTcpNoDelay(true)));
    outcomes.add(Outcome.of(socket::getTcpNoDelay));
    outcomes.add(Outcome.ofAction(() -> socket.setKeepAlive(true)));
    outcomes.add(Outcome.of(socket::getKeepAlive));
    outcomes.add(Outcome.ofAction(() -> socket.setSoLinger(true, 9)));
    outcomes.add(Outcome.of(socket::getSoLinger));
    outcomes.add(Outcome.ofAction(() -> socket.setSoLinger(false, 9)));
    outcomes.add(Outcome.of(socket::getSoLinger));
    outcomes.add(Outcome.ofAction(() -> socket.setSendBufferSize(30_000)));
    outcomes.add(Outcome.of(socket::getSendBufferSize));
    outcomes.add(Outcome.ofAction(() -> socket.setSendBufferSize(0)));
    outcomes.add(Outcome.ofAction(() -> socket.setReceiveBufferSize(30_000)));
    outcomes.add(Outcome.of(socket::getReceiveBufferSize));
    outcomes.add(Outcome.ofAction(() -> socket.setReceiveBufferSize(-1)));
    outcomes.add(Outcome.ofAction(() -> socket.setTrafficClass(0x08)));
    outcomes.add(Outcome.of(socket::getTrafficClass));
    outcomes.add(Outcome.ofAction(() -> socket.setTrafficClass(256)));
    outcomes.add(Outcome.ofAction(() -> socket.setReuseAddress(true)));
    outcomes.add(Outcome.of(socket::getReuseAddress));
    outcomes.add(Outcome.ofAction(() -> socket.setOOBInline(true)));
    outcomes.add(Outcome.of(socket::getOOBInline));
    outcomes.add(Outcome.of(() -> socket.setOption(StandardSocketOptions.SO_LINGER, 4) == socket));
    outcomes.add(Outcome.of(() -> socket.getOption(StandardSocketOptions.SO_LINGER)));
    return outcomes;
  }
}
