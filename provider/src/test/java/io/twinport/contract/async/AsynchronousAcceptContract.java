package io.twinport.contract.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Addresses;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AcceptPendingException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Accepting asynchronously: what waits, what is queued, and how a listener ends. */
public abstract class AsynchronousAcceptContract extends AsynchronousContract {
  protected AsynchronousAcceptContract(Transport transport) {
    super(transport);
  }

  @Test
  void waitingFutureGetsTheNextConnection() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertFalse(accepting.isDone());
    SocketChannel channel = connectTo(listener.getLocalAddress());
    AsynchronousSocketChannel accepted = closing(get(accepting));
    assertEquals(channel.getLocalAddress(), accepted.getRemoteAddress());
    assertEquals(channel.getRemoteAddress(), accepted.getLocalAddress());
    assertTrue(accepted.isOpen());
  }

  @Test
  void queuedConnectionIsAcceptedAtOnce() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    SocketChannel channel = connectTo(listener.getLocalAddress());
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertTrue(accepting.isDone());
    assertEquals(channel.getLocalAddress(), closing(get(accepting)).getRemoteAddress());
  }

  @Test
  void waitingHandlerRunsOnAThreadOfTheGroup() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously(fixedGroup(2));
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept("attached", accepting);
    connectTo(listener.getLocalAddress());
    closing(accepting.get());
    assertEquals("attached", accepting.attachment());
    assertTrue(isGroupThread(accepting.thread()));
  }

  @Test
  void handlerOfAQueuedConnectionRunsOnAThreadOfTheGroup() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously(fixedGroup(1));
    connectTo(listener.getLocalAddress());
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept(null, accepting);
    closing(accepting.get());
    assertTrue(isGroupThread(accepting.thread()));
    assertNotSame(Thread.currentThread(), accepting.thread());
  }

  @Test
  void handlerThatAcceptsAgainServesEverybody() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(fixedGroup(2));
    listener.bind(transport.bindAddress(), 1000);
    BlockingQueue<AsynchronousSocketChannel> accepted = new LinkedBlockingQueue<>();
    listener.accept(null, acceptingAgain(listener, accepted));
    Set<SocketAddress> clients = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      clients.add(connectTo(listener.getLocalAddress()).getLocalAddress());
    }
    Set<SocketAddress> served = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      AsynchronousSocketChannel next = accepted.poll(20, TimeUnit.SECONDS);
      assertTrue(next != null, "accepted " + i);
      served.add(closing(next).getRemoteAddress());
    }
    assertEquals(clients, served);
  }

  private static CompletionHandler<AsynchronousSocketChannel, Object> acceptingAgain(
      AsynchronousServerSocketChannel listener, BlockingQueue<AsynchronousSocketChannel> accepted) {
    return new CompletionHandler<>() {
      @Override
      public void completed(AsynchronousSocketChannel channel, Object attachment) {
        accepted.add(channel);
        listener.accept(null, this);
      }

      @Override
      public void failed(Throwable cause, Object attachment) {
        // The listener is closed at the end of the test.
      }
    };
  }

  @Test
  void plainTcpClientsAreAcceptedBesideOthers() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(fixedGroup(1));
    listener.bind(transport.bindAddress(), 1000);
    BlockingQueue<AsynchronousSocketChannel> accepted = new LinkedBlockingQueue<>();
    listener.accept(null, acceptingAgain(listener, accepted));
    for (int i = 0; i < 20; i++) {
      SocketChannel client =
          closing(
              i % 2 == 0
                  ? JdkTransport.PROVIDER.openSocketChannel()
                  : provider().openSocketChannel());
      client.connect(listener.getLocalAddress());
      AsynchronousSocketChannel server = accepted.poll(20, TimeUnit.SECONDS);
      assertTrue(server != null, "accepted " + i);
      closing(server);
      writeFully(client, "to the server");
      assertReads("to the server", server);
      writeFully(server, "to the client");
      assertReads("to the client", client);
    }
  }

  @Test
  void bothKindsOfQueuedClientsGetTheirTurn() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    listener.bind(transport.bindAddress(), 1000);
    Set<SocketAddress> clients = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      SocketChannel client =
          closing(
              i < 10 ? JdkTransport.PROVIDER.openSocketChannel() : provider().openSocketChannel());
      client.connect(listener.getLocalAddress());
      clients.add(client.getLocalAddress());
    }
    Set<SocketAddress> served = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      served.add(closing(get(listener.accept())).getRemoteAddress());
    }
    assertEquals(clients, served);
  }

  @Test
  void onlyOneAcceptAtATime() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertThrows(AcceptPendingException.class, listener::accept);
    assertFalse(accepting.isDone());
  }

  @Test
  void unboundListenerDoesNotAccept() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    assertNull(listener.getLocalAddress());
    assertThrows(NotYetBoundException.class, listener::accept);
  }

  @Test
  void handlersMustNotBeNull() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    NullPointerException thrown =
        assertThrows(NullPointerException.class, () -> listener.accept(null, null));
    assertEquals("'handler' is null", thrown.getMessage());
  }

  @Test
  void closedListenerFailsTheFutureAndTheHandler() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    listener.close();
    listener.close();
    failure(ClosedChannelException.class, listener.accept());
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept(null, accepting);
    accepting.failure(ClosedChannelException.class);
    assertThrows(ClosedChannelException.class, listener::getLocalAddress);
  }

  @Test
  void closeEndsAWaitingFuture() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    listener.close();
    failure(AsynchronousCloseException.class, accepting);
  }

  @Test
  void closeEndsAWaitingHandler() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously(fixedGroup(1));
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept(null, accepting);
    listener.close();
    accepting.failure(AsynchronousCloseException.class);
    assertTrue(isGroupThread(accepting.thread()));
  }

  @Test
  void closeResetsWhoeverIsQueued() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    SocketChannel queued = connectTo(listener.getLocalAddress());
    listener.close();
    assertThrows(IOException.class, () -> readFully(queued, 1));
  }

  @Test
  void cancelledAcceptDoesNotComeBack() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertTrue(accepting.cancel(false));
    assertTrue(accepting.isCancelled());
    assertThrows(CancellationException.class, accepting::get);
    assertTrue(listener.isOpen());
    RuntimeException thrown = assertThrows(RuntimeException.class, listener::accept);
    assertEquals("Accept not allowed due cancellation", thrown.getMessage());
  }

  @Test
  void connectionOfACancelledAcceptIsClosed() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertTrue(accepting.cancel(false));
    SocketChannel client = connectTo(listener.getLocalAddress());
    assertEndOfStream(client);
  }

  @Test
  void acceptCancelledByForceClosesTheListener() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    assertTrue(accepting.cancel(true));
    assertThrows(CancellationException.class, accepting::get);
    assertFalse(listener.isOpen());
  }

  @Test
  void bindsOnce() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    assertThrows(AlreadyBoundException.class, () -> listener.bind(null));
    AsynchronousServerSocketChannel other = openAsynchronousListener(null);
    SocketAddress taken = listener.getLocalAddress();
    assertThrows(BindException.class, () -> other.bind(taken));
    assertNull(other.getLocalAddress());
  }

  @Test
  void closedListenerDoesNotBind() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    listener.close();
    assertThrows(ClosedChannelException.class, () -> listener.bind(transport.bindAddress()));
  }

  @Test
  void boundToTheWildcardItTellsItsPort() throws Exception {
    for (SocketAddress any : new SocketAddress[] {null, new InetSocketAddress(0)}) {
      AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
      listener.bind(any, 20);
      InetSocketAddress bound = Addresses.local(listener);
      assertTrue(bound.getAddress().isAnyLocalAddress());
      assertNotEquals(0, bound.getPort());
    }
  }

  @Test
  void toStringIsTheJdks() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    AsynchronousServerSocketChannel jdk =
        closing(JdkTransport.ASYNCHRONOUS.openAsynchronousServerSocketChannel(null));
    assertEquals(jdk.toString(), listener.toString());
    listener.bind(transport.bindAddress());
    assertEquals(
        jdk.toString().replace("unbound", listener.getLocalAddress().toString()),
        listener.toString());
    listener.close();
    assertEquals(jdk.toString().replace("unbound", "closed"), listener.toString());
  }

  @Test
  void acceptOutlivesTheThreadThatHasBegunIt() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Future<AsynchronousSocketChannel> accepting = begunByAThreadThatEnds(listener::accept);
    assertFalse(accepting.isDone());
    SocketChannel client = connectTo(listener.getLocalAddress());
    writeFully(client, "x");
    assertReads("x", closing(get(accepting)));
  }

  @Test
  void portIsFreeOnceTheListenerIsClosed() throws Exception {
    for (int i = 0; i < 20; i++) {
      AsynchronousServerSocketChannel listener = listenAsynchronously();
      InetSocketAddress address = Addresses.local(listener);
      listener.close();
      AsynchronousServerSocketChannel next = openAsynchronousListener(null).bind(address);
      SocketChannel client = connectTo(address);
      closing(get(next.accept()));
      client.close();
      next.close();
    }
  }

  @Test
  void optionsAreThoseOfTheJdk() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    try (AsynchronousServerSocketChannel jdk =
        JdkTransport.ASYNCHRONOUS.openAsynchronousServerSocketChannel(null)) {
      assertEquals(jdk.supportedOptions(), listener.supportedOptions());
      for (SocketOption<?> option : jdk.supportedOptions()) {
        assertEquals(
            Outcome.of(() -> jdk.getOption(option)), Outcome.of(() -> listener.getOption(option)));
      }
    }
    listener.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
    assertTrue(listener.getOption(StandardSocketOptions.SO_RCVBUF) >= 64 * 1024);
    assertThrows(
        UnsupportedOperationException.class,
        () -> listener.getOption(StandardSocketOptions.SO_SNDBUF));
    assertThrows(
        IllegalArgumentException.class,
        () -> listener.setOption(StandardSocketOptions.SO_RCVBUF, null));
    listener.close();
    assertThrows(
        ClosedChannelException.class, () -> listener.getOption(StandardSocketOptions.SO_REUSEADDR));
  }

  @Test
  void acceptedChannelsBelongToTheListenersGroup() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    AsynchronousServerSocketChannel listener = listenAsynchronously(group);
    for (boolean plain : new boolean[] {false, true}) {
      SocketChannel client =
          closing(
              plain ? JdkTransport.PROVIDER.openSocketChannel() : provider().openSocketChannel());
      client.connect(listener.getLocalAddress());
      AsynchronousSocketChannel accepted = closing(get(listener.accept()));
      Completion<Integer> reading = new Completion<>();
      accepted.read(ByteBuffer.allocate(1), null, reading);
      writeFully(client, "x");
      assertEquals(1, reading.get());
      assertTrue(isGroupThread(reading.thread()));
      assertEquals(group.provider(), accepted.provider());
    }
  }

  @Test
  void fullQueueRefusesNobodyWhoIsInIt() throws Exception {
    AsynchronousServerSocketChannel listener = openAsynchronousListener(null);
    listener.bind(transport.bindAddress(), 5);
    for (int i = 0; i < 5; i++) {
      connectTo(listener.getLocalAddress());
    }
    for (int i = 0; i < 5; i++) {
      closing(get(listener.accept()));
    }
  }
}
