package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.faults.Fault;
import io.twinport.faults.Rounds;
import io.twinport.faults.Weaver;
import io.twinport.registry.Registry;
import io.twinport.spi.SanProvider;
import io.twinport.support.SwitchFixture;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/** What the operations of the switch have around them, through which something flies. */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FaultsFixture extends SwitchFixture {
  private final Set<Fault> faults;
  private final String[] packages;
  Rounds rounds;

  ServerSocketChannel listener;
  SocketChannel bystander;
  SocketChannel bystanderPeer;
  Selector selector;

  /** What the operation is about. */
  SocketChannel client;

  SocketChannel server;

  /**
   * @param san what the switch is over
   * @param faults what strikes
   * @param packages where it does
   */
  FaultsFixture(SanProvider san, Set<Fault> faults, String... packages) {
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

  static void exchange(SocketChannel from, SocketChannel to) throws IOException {
    from.configureBlocking(true);
    to.configureBlocking(true);
    assertEquals(1, from.write(bytes(7)));
    ByteBuffer read = ByteBuffer.allocate(1);
    assertEquals(1, to.read(read));
    assertEquals(7, read.get(0));
  }

  final void pair() throws IOException {
    client = provider.openSocketChannel();
    client.connect(listener.getLocalAddress());
    server = listener.accept();
  }

  final void closePair() throws IOException {
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
  final void othersWork() throws IOException {
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

  final void countListed() {
    listedBefore = provider.owner().registry().connections().size();
  }

  /**
   * What an accept that had no memory has begun is not listed beside what the next one made of it.
   */
  final void nothingMoreIsListed(Fault fault) {
    List<Registry.Connection> listed = provider.owner().registry().connections();
    assertTrue(fault != Fault.OUT_OF_MEMORY || listed.size() <= listedBefore, listed::toString);
  }

  /** Whoever has lost its peer is told so. */
  static void ended(SocketChannel channel) throws IOException {
    channel.configureBlocking(true);
    try {
      ByteBuffer rest = ByteBuffer.allocate(16);
      while (channel.read(rest.clear()) >= 0) {}
    } catch (IOException e) {
      assertNotNull(e.getMessage());
    }
  }

  int strikes;

  final void all(String name, Fault fault, Rounds.Operation operation) throws Exception {
    strikes = 1;
    rounds.run(name, fault, 1, operation);
    if (fault == Fault.STACK_OVERFLOW) {
      strikes = 2;
      rounds.run(name, fault, 2, operation);
    }
  }

  // -- What several operations have in common

  /** What listens, and where. */
  record Listening(InetSocketAddress local, Closeable socket) {}

  interface Opening {
    Listening open() throws IOException;
  }

  /**
   * One client waits to be accepted; it is told, and nobody is accepted there any more.
   *
   * @param secondCloses whether a second close goes on where an Error has ended the first: that of
   *     the JDK's channels does not come to us, nor that of a server socket since 19
   */
  final void closeOfListener(String name, Fault fault, boolean secondCloses, Opening opening)
      throws Exception {
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
            if (secondCloses && strikes == 1) {
              InetSocketAddress free = own[0].local();
              new ServerSocket(free.getPort(), 1, free.getAddress()).close();
            }
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
}
