package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.KernelTcp;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Refusals;
import io.twinport.contract.support.Transport;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Connecting asynchronously, and what a channel that is not connected answers. */
public abstract class AsynchronousConnectContract extends AsynchronousContract {
  protected AsynchronousConnectContract(Transport transport) {
    super(transport);
  }

  @Test
  void futureCompletesAndTheChannelHasItsAddresses() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous();
    assertNull(channel.getRemoteAddress());
    assertNull(channel.getLocalAddress());
    assertNull(get(channel.connect(listener.getLocalAddress())));
    assertEquals(listener.getLocalAddress(), channel.getRemoteAddress());
    assertNotNull(channel.getLocalAddress());
    assertTrue(channel.isOpen());
  }

  @Test
  void handlerGetsItsAttachmentOnAThreadOfTheGroup() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous(fixedGroup(1));
    Completion<Void> connecting = new Completion<>();
    channel.connect(listener.getLocalAddress(), "attached", connecting);
    assertNull(connecting.get());
    assertEquals("attached", connecting.attachment());
    assertTrue(isGroupThread(connecting.thread()));
  }

  @Test
  void connectCompletesBeforeAnybodyAccepts() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous();
    get(channel.connect(listener.getLocalAddress()));
    writeFully(channel, "early");
    AsynchronousSocketChannel accepted = closing(get(listener.accept()));
    assertReads("early", accepted);
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
  }

  @Test
  void refusedFutureFailsAndClosesTheChannel() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    ConnectException refused = failure(ConnectException.class, channel.connect(closedPort()));
    Refusals.CONNECTING.assertRefused(refused);
    assertFalse(channel.isOpen());
  }

  @Test
  void refusedHandlerFails() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous(fixedGroup(1));
    Completion<Void> connecting = new Completion<>();
    channel.connect(closedPort(), null, connecting);
    Refusals.CONNECTING.assertRefused(connecting.failure(ConnectException.class));
    assertTrue(isGroupThread(connecting.thread()));
    assertFalse(channel.isOpen());
  }

  @Test
  void secondConnectIsAlreadyConnected() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous();
    SocketAddress address = listener.getLocalAddress();
    get(channel.connect(address));
    assertThrows(AlreadyConnectedException.class, () -> channel.connect(address));
  }

  @Test
  void connectWhileOneIsPending() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = channel.connect(full.address());
    assertFalse(connecting.isDone());
    SocketAddress address = full.address();
    assertThrows(ConnectionPendingException.class, () -> channel.connect(address));
    assertThrows(NotYetConnectedException.class, () -> channel.read(ByteBuffer.allocate(1)));
    assertNull(channel.getRemoteAddress());
  }

  @Test
  void pendingConnectCompletesWhenTheListenerHasRoom() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = channel.connect(full.address());
    full.drain();
    awaitTrue(
        "it is connected",
        () -> {
          full.drain();
          return connecting.isDone();
        });
    assertNull(get(connecting));
    assertEquals(full.address(), channel.getRemoteAddress());
  }

  @Test
  void closeEndsAPendingConnect() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = channel.connect(full.address());
    channel.close();
    failure(AsynchronousCloseException.class, connecting);
  }

  @Test
  void closeEndsAPendingConnectWithAHandler() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous(fixedGroup(1));
    Completion<Void> connecting = new Completion<>();
    channel.connect(full.address(), null, connecting);
    channel.close();
    connecting.failure(AsynchronousCloseException.class);
    assertTrue(isGroupThread(connecting.thread()));
  }

  @Test
  void cancelledConnectLeavesTheChannelOpen() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = channel.connect(full.address());
    assertTrue(connecting.cancel(false));
    assertTrue(connecting.isCancelled());
    assertThrows(CancellationException.class, connecting::get);
    assertTrue(channel.isOpen());
  }

  @Test
  void connectCancelledByForceClosesTheChannel() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = channel.connect(full.address());
    assertTrue(connecting.cancel(true));
    assertThrows(CancellationException.class, connecting::get);
    assertFalse(channel.isOpen());
  }

  @Test
  void closedChannelFailsTheFutureAndTheHandler() throws Exception {
    InetSocketAddress address = closedPort();
    AsynchronousSocketChannel channel = openAsynchronous();
    channel.close();
    channel.close();
    assertFalse(channel.isOpen());
    failure(ClosedChannelException.class, channel.connect(address));
    Completion<Void> connecting = new Completion<>();
    channel.connect(address, null, connecting);
    connecting.failure(ClosedChannelException.class);
  }

  @Test
  void addressesThatCanNotBeUsed() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no.such.host.invalid", 80);
    assertThrows(UnresolvedAddressException.class, () -> channel.connect(unresolved));
    SocketAddress other = new SocketAddress() {};
    assertThrows(UnsupportedAddressTypeException.class, () -> channel.connect(other));
    assertThrows(NullPointerException.class, () -> channel.connect(null));
    assertTrue(channel.isOpen());
  }

  @Test
  void handlersMustNotBeNull() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    SocketAddress address = closedPort();
    NullPointerException thrown =
        assertThrows(NullPointerException.class, () -> channel.connect(address, null, null));
    assertEquals("'handler' is null", thrown.getMessage());
  }

  @Test
  void unconnectedChannelNeitherReadsNorWrites() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    ByteBuffer buffer = ByteBuffer.allocate(1);
    assertThrows(NotYetConnectedException.class, () -> channel.read(buffer));
    assertThrows(NotYetConnectedException.class, () -> channel.write(buffer));
    assertThrows(NotYetConnectedException.class, channel::shutdownInput);
    assertThrows(NotYetConnectedException.class, channel::shutdownOutput);
  }

  @Test
  void boundAddressIsTheOneThePeerSees() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous();
    assertSame(channel, channel.bind(new InetSocketAddress(Addresses.LOOPBACK4, 0)));
    SocketAddress bound = channel.getLocalAddress();
    assertThrows(AlreadyBoundException.class, () -> channel.bind(null));
    get(channel.connect(listener.getLocalAddress()));
    assertEquals(bound, channel.getLocalAddress());
    assertEquals(bound, closing(get(listener.accept())).getRemoteAddress());
  }

  @Test
  void boundToTheWildcardItTellsItsPort() throws Exception {
    for (SocketAddress any : new SocketAddress[] {null, new InetSocketAddress(0)}) {
      AsynchronousSocketChannel channel = openAsynchronous().bind(any);
      InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
      assertTrue(bound.getAddress().isAnyLocalAddress());
      assertNotEquals(0, bound.getPort());
      assertThrows(AlreadyBoundException.class, () -> channel.bind(any));
    }
  }

  @Test
  void connectOutlivesTheThreadThatHasBegunIt() throws Exception {
    FullListener full = fullListener();
    AsynchronousSocketChannel channel = openAsynchronous();
    Future<Void> connecting = begunByAThreadThatEnds(() -> channel.connect(full.address()));
    assertFalse(connecting.isDone());
    awaitTrue(
        "it is connected",
        () -> {
          full.drain();
          return connecting.isDone();
        });
    get(connecting);
    assertEquals(full.address(), channel.getRemoteAddress());
  }

  @Test
  void connectedChannelIsBound() throws Exception {
    Ends ends = ends();
    assertThrows(AlreadyBoundException.class, () -> ends.near().bind(null));
  }

  @Test
  void wildcardIsAnAddressOfThisHost() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    listener.bind(new InetSocketAddress(Addresses.WILDCARD4, 0));
    AsynchronousSocketChannel channel = openAsynchronous();
    InetSocketAddress wildcard =
        new InetSocketAddress(Addresses.WILDCARD4, Addresses.port(listener));
    get(channel.connect(wildcard));
    assertEquals(wildcard, channel.getRemoteAddress());
    writeFully(channel, "w");
    assertReads("w", closing(get(listener.accept())));
  }

  @Test
  void optionsSetBeforeTheConnectStay() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousSocketChannel channel = openAsynchronous();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    get(channel.connect(listener.getLocalAddress()));
    assertTrue(channel.getOption(StandardSocketOptions.TCP_NODELAY));
    assertTrue(channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
  }

  @Test
  void optionsAreThoseOfTheJdk() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    try (AsynchronousSocketChannel jdk =
        JdkTransport.ASYNCHRONOUS.openAsynchronousSocketChannel(null)) {
      assertEquals(jdk.supportedOptions(), channel.supportedOptions());
      for (SocketOption<?> option : jdk.supportedOptions()) {
        assertEquals(
            Outcome.of(() -> jdk.getOption(option)), Outcome.of(() -> channel.getOption(option)));
      }
    }
    assertThrows(
        UnsupportedOperationException.class,
        () -> channel.getOption(StandardSocketOptions.SO_LINGER));
    assertThrows(NullPointerException.class, () -> channel.getOption(null));
    assertThrows(
        IllegalArgumentException.class,
        () -> channel.setOption(StandardSocketOptions.SO_RCVBUF, -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> channel.setOption(StandardSocketOptions.SO_RCVBUF, null));
    channel.close();
    assertThrows(
        ClosedChannelException.class, () -> channel.getOption(StandardSocketOptions.SO_KEEPALIVE));
  }

  @Test
  void closedChannelHasNoAddresses() throws Exception {
    Ends ends = ends();
    ends.near().close();
    assertThrows(ClosedChannelException.class, ends.near()::getLocalAddress);
    assertThrows(ClosedChannelException.class, ends.near()::getRemoteAddress);
    assertThrows(ClosedChannelException.class, () -> ends.near().bind(null));
  }

  @Test
  void connectionTakesTheTransportsPath() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Ends ends = ends(listener, null);
    writeFully(ends.near(), "x");
    assertReads("x", ends.far());
    assertEquals(transport.san() ? 0 : 2, KernelTcp.established(Addresses.port(listener)));
  }

  @Test
  void channelsAndAsynchronousChannelsMeet() throws Exception {
    ServerSocketChannel plain = listen();
    AsynchronousSocketChannel channel = openAsynchronous();
    get(channel.connect(plain.getLocalAddress()));
    SocketChannel accepted = accept(plain);
    Future<Integer> reading = channel.read(ByteBuffer.allocate(1));
    writeFully(accepted, "x");
    assertEquals(1, get(reading));
    writeFully(channel, "y");
    assertReads("y", accepted);
  }

  @Test
  void listenerThatIsOnTcpOnly() throws Exception {
    try (ServerSocketChannel plain = JdkTransport.PROVIDER.openServerSocketChannel()) {
      plain.bind(transport.bindAddress());
      AsynchronousSocketChannel channel = openAsynchronous(fixedGroup(1));
      Completion<Void> connecting = new Completion<>();
      channel.connect(plain.getLocalAddress(), null, connecting);
      connecting.get();
      SocketChannel accepted = accept(plain);
      Completion<Integer> reading = new Completion<>();
      channel.read(ByteBuffer.allocate(8), null, reading);
      Future<Integer> writing = fill(channel);
      writeFully(accepted, "x");
      assertEquals(1, reading.get());
      accepted.configureBlocking(false); // The write's bytes may be here before its outcome.
      ByteBuffer sink = ByteBuffer.allocateDirect(1 << 20);
      awaitTrue("the write ends", () -> accepted.read(sink.clear()) >= 0 && writing.isDone());
      assertTrue(get(writing) > 0);
      writeFully(channel, "unread");
      accepted.close();
      ByteBuffer rest = ByteBuffer.allocate(8);
      assertThrows(ExecutionException.class, () -> get(channel.read(rest)));
      assertEquals(-1, get(channel.read(rest)));
    }
  }

  @Test
  void manyConnectsAtOnce() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    listener.bind(transport.bindAddress(), 1000);
    Completion<?>[] connecting = new Completion<?>[200];
    for (int i = 0; i < connecting.length; i++) {
      Completion<Void> one = new Completion<>();
      openAsynchronous().connect(listener.getLocalAddress(), null, one);
      connecting[i] = one;
    }
    for (Completion<?> one : connecting) {
      one.get();
      closing(get(listener.accept()));
    }
  }
}
