package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.contract.support.PlatformSockets;
import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.faults.Weaver;
import io.twinport.net.SocketImpls;
import io.twinport.registry.Registry;
import io.twinport.spi.SanProvider;
import io.twinport.support.SwitchFixture;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever flies through an operation of the switch, at whatever step: nothing else is lost. */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FaultsContract extends SwitchFixture {
  private final Set<Fault> faults;
  private final String[] packages;
  private Rounds rounds;

  private ServerSocketChannel listener;
  private SocketChannel bystander;
  private SocketChannel bystanderPeer;
  private Selector selector;

  /** What the operation is about. */
  private SocketChannel client;

  private SocketChannel server;

  /**
   * @param san what the switch is over
   * @param faults what strikes
   * @param packages where it does
   */
  protected FaultsContract(SanProvider san, Set<Fault> faults, String... packages) {
    this.provider = provider(Map.of("providers", san.name()), san);
    this.faults = faults;
    this.packages = packages;
  }

  final Set<Fault> faults() {
    return faults;
  }

  @BeforeAll
  final void weave() throws Exception {
    rounds = new Rounds(Weaver.weave(packages));
  }

  @AfterAll
  final void report() {
    System.out.println(String.join(", ", packages) + ": " + rounds.report());
    rounds.close();
  }

  @BeforeEach
  void surroundings() throws IOException {
    listener = listen();
    bystander = connect(listener);
    bystanderPeer = closing(listener.accept());
    closeSelector();
    selector = provider.openSelector();
    register(bystanderPeer, selector, SelectionKey.OP_READ);
  }

  /**
   * Up to JDK 24 or so, a registration that an Error has ended leaves the selector a key that the
   * channel knows nothing of, and closing it fails at that; with the JDK's own selectors, too.
   */
  @AfterEach
  void closeSelector() throws IOException {
    if (selector != null) {
      try {
        selector.close();
      } catch (NullPointerException e) {
        assertTrue(Runtime.version().feature() < 25, () -> "a key without a channel: " + e);
      }
      selector = null;
    }
  }

  // -- What every round asks for

  private static void exchange(SocketChannel from, SocketChannel to) throws IOException {
    from.configureBlocking(true);
    to.configureBlocking(true);
    assertEquals(1, from.write(bytes(7)));
    ByteBuffer read = ByteBuffer.allocate(1);
    assertEquals(1, to.read(read));
    assertEquals(7, read.get(0));
  }

  private void pair() throws IOException {
    client = provider.openSocketChannel();
    client.connect(listener.getLocalAddress());
    server = listener.accept();
  }

  private void closePair() throws IOException {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
    client = null;
    server = null;
  }

  /** The bystander is heard, the listener listens, and the registry knows of nothing else. */
  private void othersWork() throws IOException {
    listener.configureBlocking(false);
    for (SocketChannel left; (left = listener.accept()) != null; ) {
      ended(left);
      left.close();
    }
    listener.configureBlocking(true);
    selector.selectNow();
    selector.selectedKeys().clear();
    assertEquals(1, bystander.write(bytes(5)));
    assertEquals(1, selector.select(5_000), "the bystander's event");
    selector.selectedKeys().clear();
    ByteBuffer read = ByteBuffer.allocate(1);
    assertEquals(1, bystanderPeer.read(read));
    pair();
    assertFalse(isOnTcp(client), "a new connection is on TCP");
    exchange(client, server);
    exchange(server, client);
    closePair();
  }

  /** How many connections were listed before a round. */
  private int listedBefore;

  private void countListed() {
    listedBefore = provider.owner().registry().connections().size();
  }

  /**
   * What an accept that had no memory has begun is not listed beside what the next one made of it.
   */
  private void nothingMoreIsListed(Fault fault) {
    List<Registry.Connection> listed = provider.owner().registry().connections();
    assertTrue(fault != Fault.OUT_OF_MEMORY || listed.size() <= listedBefore, listed::toString);
  }

  /** Whoever has lost its peer is told so. */
  private static void ended(SocketChannel channel) throws IOException {
    channel.configureBlocking(true);
    try {
      ByteBuffer rest = ByteBuffer.allocate(16);
      while (channel.read(rest.clear()) >= 0) {}
    } catch (IOException e) {
      assertNotNull(e.getMessage());
    }
  }

  private int strikes;

  private void all(String name, Fault fault, Rounds.Operation operation) throws Exception {
    strikes = 1;
    rounds.run(name, fault, 1, operation);
    if (fault == Fault.STACK_OVERFLOW) {
      strikes = 2;
      rounds.run(name, fault, 2, operation);
    }
  }

  // -- Operations

  @ParameterizedTest
  @MethodSource("faults")
  void blockingConnect(Fault fault) throws Exception {
    all(
        "connect",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
          }

          @Override
          public void run() throws IOException {
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (fault == Fault.PROVIDER || fault == Fault.PROVIDER_IO) {
              assertTrue(
                  thrown == null || thrown instanceof IOException, thrown + " of a provider");
            }
            if (thrown == null) {
              server = listener.accept();
              exchange(client, server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void selectedConnect(Fault fault) throws Exception {
    all(
        "connect, select, finishConnect",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
            client.configureBlocking(false);
          }

          @Override
          public void run() throws IOException {
            if (!client.connect(listener.getLocalAddress())) {
              client.register(selector, SelectionKey.OP_CONNECT);
              selector.select(2_000);
              selector.selectedKeys().clear();
              client.finishConnect();
            }
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (thrown == null && client.isConnected()) {
              server = listener.accept();
              if (client.keyFor(selector) != null) {
                client.keyFor(selector).cancel();
                selector.selectNow();
              }
              exchange(client, server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void accept(Fault fault) throws Exception {
    all(
        "accept",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            client = provider.openSocketChannel();
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void run() throws IOException {
            server = listener.accept();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (!listener.isOpen()) {
              assertEquals(Fault.INTERRUPT, fault, "the listener is closed");
              ended(client);
              closePair();
              surroundings();
              return;
            }
            if (server == null) {
              listener.configureBlocking(false);
              server = listener.accept();
              listener.configureBlocking(true);
            }
            if (server == null) {
              ended(client);
            } else {
              exchange(client, server);
            }
            closePair();
            othersWork();
            nothingMoreIsListed(fault);
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void transfer(Fault fault) throws Exception {
    all(
        "write, read",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
          }

          @Override
          public void run() throws IOException {
            client.write(bytes(1, 2, 3));
            server.read(ByteBuffer.allocate(3));
            server.write(new ByteBuffer[] {bytes(1), bytes(2)});
            client.read(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)});
            client.shutdownOutput();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            if (thrown != null && client.isOpen() && server.isOpen()) {
              client.shutdownOutput();
              ended(server);
            }
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void select(Fault fault) throws Exception {
    all(
        "register, select, cancel",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
            server.configureBlocking(false);
            client.write(bytes(1));
            bystander.write(bytes(1));
          }

          @Override
          public void run() throws IOException {
            SelectionKey key = server.register(selector, SelectionKey.OP_READ);
            selector.select(100);
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            selector.selectNow();
            selector.selectedKeys().clear();
            key.interestOps(0);
            selector.wakeup();
            selector.select(100);
            selector.select(1);
            key.cancel();
            selector.selectNow();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            selector.selectedKeys().clear();
            assertTrue(selector.select(5_000) >= 1, "events that nobody has taken");
            selector.selectedKeys().clear();
            assertEquals(1, bystanderPeer.read(ByteBuffer.allocate(1)));
            SelectionKey key = server.keyFor(selector);
            if (key != null) {
              key.cancel();
              selector.selectNow();
            }
            exchange(server, client);
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void close(Fault fault) throws Exception {
    all(
        "close",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            pair();
          }

          @Override
          public void run() throws IOException {
            client.close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            client.close();
            ended(server);
            closePair();
            othersWork();
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfPendingConnect(Fault fault) throws Exception {
    all(
        "close of a connect that is pending",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            client = provider.openSocketChannel();
            client.configureBlocking(false);
            client.connect(listener.getLocalAddress());
          }

          @Override
          public void run() throws IOException {
            client.close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            client.close();
            othersWork(); // What was not withdrawn is accepted here, and has to end.
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfListener(Fault fault) throws Exception {
    closeOfListener(
        "close of a listener",
        fault,
        () -> {
          ServerSocketChannel opened = provider.openServerSocketChannel();
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalAddress(), opened);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfServerSocket(Fault fault) throws Exception {
    PlatformSockets sockets =
        new PlatformSockets(server -> SocketImpls.make(provider.owner(), server));
    closeOfListener(
        "close of a server socket",
        fault,
        () -> {
          ServerSocket opened = sockets.newServerSocket();
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalSocketAddress(), opened);
        });
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closeOfAsynchronousListener(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    closeOfListener(
        "close of an asynchronous listener",
        fault,
        () -> {
          AsynchronousServerSocketChannel opened =
              asynchronous.openAsynchronousServerSocketChannel(null);
          opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          return new Listening((InetSocketAddress) opened.getLocalAddress(), opened);
        });
  }

  /** What listens, and where. */
  private record Listening(InetSocketAddress local, Closeable socket) {}

  private interface Opening {
    Listening open() throws IOException;
  }

  /** One client waits to be accepted; it is told, and nobody is accepted there any more. */
  private void closeOfListener(String name, Fault fault, Opening opening) throws Exception {
    Listening[] own = {null};
    SocketChannel[] queued = {null};
    all(
        name,
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            own[0] = opening.open();
            queued[0] = provider.openSocketChannel();
            queued[0].connect(own[0].local());
          }

          @Override
          public void run() throws IOException {
            own[0].socket().close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            own[0].socket().close();
            othersWork();
            ended(queued[0]);
            queued[0].close();
            try (SocketChannel late = provider.openSocketChannel()) {
              assertThrows(ConnectException.class, () -> late.connect(own[0].local()));
            }
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void bind(Fault fault) throws Exception {
    ServerSocketChannel[] bound = {null};
    all(
        "bind",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            bound[0] = provider.openServerSocketChannel();
          }

          @Override
          public void run() throws IOException {
            bound[0].bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            ServerSocketChannel own = bound[0];
            if (own.getLocalAddress() != null && strikes == 1) {
              assertNull(thrown, "a bind that TCP has made");
            }
            // Where what an Error leaves can't be put in order for a second one, that is thrown.
            if (own.getLocalAddress() != null && thrown == null) {
              try (SocketChannel one = provider.openSocketChannel()) {
                one.connect(own.getLocalAddress());
                try (SocketChannel other = own.accept()) {
                  exchange(one, other);
                }
              }
            }
            own.close();
            othersWork();
          }
        });
    rounds.verify();
  }

  // -- As the above, by the other ways to have a socket

  /** One byte each way, between two that have just been connected. */
  private static void exchange(Socket one, Socket other) throws IOException {
    one.setSoTimeout(5_000);
    other.setSoTimeout(5_000);
    one.getOutputStream().write(3);
    assertEquals(3, other.getInputStream().read());
    other.getOutputStream().write(4);
    assertEquals(4, one.getInputStream().read());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void sockets(Fault fault) throws Exception {
    PlatformSockets sockets =
        new PlatformSockets(server -> SocketImpls.make(provider.owner(), server));
    ServerSocket socketServer = closing(sockets.newServerSocket());
    socketServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Socket[] ends = {null, null};
    all(
        "connect, accept, write, read and close of sockets",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            ends[0] = sockets.newSocket();
            ends[1] = null;
          }

          @Override
          public void run() throws IOException {
            ends[0].connect(socketServer.getLocalSocketAddress());
            ends[1] = socketServer.accept();
            ends[0].getOutputStream().write(1);
            ends[1].getInputStream().read();
            ends[1].close();
            ends[0].close();
          }

          @Override
          public void after(Throwable thrown) throws IOException {
            ends[0].close();
            if (ends[1] != null) {
              ends[1].close();
            }
            takeTheRest();
            try (Socket one = sockets.newSocket()) {
              one.connect(socketServer.getLocalSocketAddress());
              socketServer.setSoTimeout(5_000);
              try (Socket other = socketServer.accept()) {
                exchange(one, other);
              }
            }
            socketServer.setSoTimeout(0);
            othersWork();
            nothingMoreIsListed(fault);
          }

          /** What was connected and not accepted: its peer is closed by now. */
          private void takeTheRest() throws IOException {
            socketServer.setSoTimeout(1);
            while (true) {
              try (Socket left = socketServer.accept()) {
                left.setSoTimeout(5_000);
                left.getInputStream().readAllBytes();
              } catch (SocketTimeoutException e) {
                return; // None is left, or one has no end.
              } catch (SocketException e) {
                assertNotNull(e.getMessage()); // Its peer was reset.
              }
            }
          }
        });
    rounds.verify();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void asynchronously(Fault fault) throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    AsynchronousServerSocketChannel[] listening = {null};
    AsynchronousSocketChannel[] ends = {null, null};
    List<Future<AsynchronousSocketChannel>> accepts = new ArrayList<>();
    all(
        "asynchronous connect, accept, write, read and close",
        fault,
        new Rounds.Operation() {
          @Override
          public void before() throws IOException {
            countListed();
            listening[0] = open();
            ends[0] = asynchronous.openAsynchronousSocketChannel(null);
            ends[1] = null;
          }

          private AsynchronousServerSocketChannel open() throws IOException {
            return asynchronous
                .openAsynchronousServerSocketChannel(null)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          }

          /** What was accepted, too, where the connect has failed. */
          private void closeAccepted() throws Exception {
            for (Future<AsynchronousSocketChannel> accept : accepts) {
              try {
                accept.get(5, TimeUnit.SECONDS).close();
              } catch (ExecutionException e) {
                assertNotNull(e.getCause()); // It has failed, or its listener was closed.
              }
            }
            accepts.clear();
          }

          @Override
          public void run() throws Exception {
            Future<Void> connected = ends[0].connect(listening[0].getLocalAddress());
            Future<AsynchronousSocketChannel> accepted = listening[0].accept();
            accepts.add(accepted);
            connected.get(2, TimeUnit.SECONDS);
            ends[1] = accepted.get(2, TimeUnit.SECONDS);
            ends[1].write(bytes(1)).get(2, TimeUnit.SECONDS);
            ends[0].read(ByteBuffer.allocate(1)).get(2, TimeUnit.SECONDS);
            ends[0].close();
            ends[1].close();
          }

          @Override
          public void after(Throwable thrown) throws Exception {
            assertFalse(thrown instanceof TimeoutException, "an operation without an end");
            ends[0].close();
            if (ends[1] != null) {
              ends[1].close();
            }
            listening[0].close();
            closeAccepted();
            try (AsynchronousServerSocketChannel fresh = open();
                AsynchronousSocketChannel one = asynchronous.openAsynchronousSocketChannel(null)) {
              Future<AsynchronousSocketChannel> accepted = fresh.accept();
              one.connect(fresh.getLocalAddress()).get(5, TimeUnit.SECONDS);
              try (AsynchronousSocketChannel other = accepted.get(5, TimeUnit.SECONDS)) {
                one.write(bytes(6)).get(5, TimeUnit.SECONDS);
                ByteBuffer read = ByteBuffer.allocate(1);
                assertEquals(1, other.read(read).get(5, TimeUnit.SECONDS));
                assertEquals(6, read.get(0));
              }
            }
            othersWork();
            nothingMoreIsListed(fault);
          }
        });
    rounds.verify();
  }
}
