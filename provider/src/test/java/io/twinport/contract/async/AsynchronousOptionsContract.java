package io.twinport.contract.async;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.ChannelOptions;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.NetworkChannel;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** As {@link OptionsContract}, for asynchronous channels. */
public abstract class AsynchronousOptionsContract extends AsynchronousContract {
  protected AsynchronousOptionsContract(Transport transport) {
    super(transport);
  }

  private AsynchronousSocketChannel jdkSocket() throws Exception {
    return closing(JdkTransport.ASYNCHRONOUS.openAsynchronousSocketChannel(null));
  }

  private AsynchronousServerSocketChannel jdkListener() throws Exception {
    return closing(JdkTransport.ASYNCHRONOUS.openAsynchronousServerSocketChannel(null));
  }

  private record Connection(
      AsynchronousSocketChannel connected, AsynchronousSocketChannel accepted) {}

  private Connection jdkConnection() throws Exception {
    AsynchronousServerSocketChannel listener =
        jdkListener().bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    AsynchronousSocketChannel connected = jdkSocket();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    get(connected.connect(listener.getLocalAddress()));
    return new Connection(connected, closing(get(accepting)));
  }

  private Connection ownConnection() throws Exception {
    Ends ends = ends();
    return transport.nearEndIsAccepted()
        ? new Connection(ends.far(), ends.near())
        : new Connection(ends.near(), ends.far());
  }

  @Test
  void everySetBeforeConnectIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(jdkSocket()),
        ChannelOptions.setEverything(openAsynchronous()));
  }

  @Test
  void everySetOnAListenerIsAnsweredAsByTheJdks() throws Exception {
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(jdkListener()),
        ChannelOptions.setEverything(openAsynchronousListener(null)));
  }

  @Test
  void everySetOnABoundListenerIsAnsweredAsByTheJdks() throws Exception {
    AsynchronousServerSocketChannel model =
        jdkListener().bind(new InetSocketAddress(Addresses.LOOPBACK4, 0));
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(model), ChannelOptions.setEverything(listenAsynchronously()));
  }

  @Test
  void everySetOnBothEndsIsAnsweredAsByTheJdks() throws Exception {
    Connection model = jdkConnection();
    Connection own = ownConnection();
    Outcome.assertSameAnswers(
        ChannelOptions.values(model.connected(), true),
        ChannelOptions.values(own.connected(), true));
    Outcome.assertSameAnswers(
        ChannelOptions.values(model.accepted(), true), ChannelOptions.values(own.accepted(), true));
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(model.connected()),
        ChannelOptions.setEverything(own.connected()));
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(model.accepted()),
        ChannelOptions.setEverything(own.accepted()));
    writeFully(own.connected(), "after all that");
    assertReads("after all that", own.accepted());
  }

  @Test
  void everySetAndGetAfterCloseIsAnsweredAsByTheJdks() throws Exception {
    AsynchronousSocketChannel model = jdkConnection().connected();
    AsynchronousSocketChannel channel = ends().near();
    model.close();
    channel.close();
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(model), ChannelOptions.setEverything(channel));
    AsynchronousServerSocketChannel modelListener = jdkListener();
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    modelListener.close();
    listener.close();
    Outcome.assertSameAnswers(
        ChannelOptions.setEverything(modelListener), ChannelOptions.setEverything(listener));
  }

  @Test
  void buffersAsLargeAsCanBeAreNoSmallerThanBefore() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    assertGrows(channel, StandardSocketOptions.SO_SNDBUF);
    assertGrows(channel, StandardSocketOptions.SO_RCVBUF);
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    assertGrows(listener, StandardSocketOptions.SO_RCVBUF);
    Ends ends = ends(listener.bind(transport.bindAddress()), null);
    writeFully(ends.near(), "x");
    assertReads("x", ends.far());
  }

  private static void assertGrows(NetworkChannel channel, SocketOption<Integer> size)
      throws Exception {
    int before = channel.getOption(size);
    assertTrue(channel.setOption(size, Integer.MAX_VALUE).getOption(size) >= before);
  }
}
