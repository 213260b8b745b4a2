package io.twinport.contract.channel.selector;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Payload;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Many threads, many connections, and everything at once: nothing is lost, doubled or left hanging.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class ConcurrencyContract extends ContractTest {
  protected ConcurrencyContract(Transport transport) {
    super(transport);
  }

  @Test
  void everyConnectOfManyThreadsIsAcceptedExactlyOnce() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 1000);
    int threads = 4;
    int each = 100;
    List<Background<List<SocketAddress>>> connecting = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      connecting.add(
          spawn(
              () -> {
                List<SocketAddress> locals = new ArrayList<>();
                for (int j = 0; j < each; j++) {
                  locals.add(connectTo(listener.getLocalAddress()).getLocalAddress());
                }
                return locals;
              }));
    }
    Set<SocketAddress> accepted = new HashSet<>();
    for (int i = 0; i < threads * each; i++) {
      SocketAddress remote = accept(listener).getRemoteAddress();
      assertTrue(accepted.add(remote), "accepted twice: " + remote);
    }
    Set<SocketAddress> connected = new HashSet<>();
    for (Background<List<SocketAddress>> one : connecting) {
      connected.addAll(one.join());
    }
    assertEquals(connected, accepted);
    listener.configureBlocking(false);
    assertEquals(null, listener.accept());
  }

  @Test
  @Here(Here.End.SOCKET)
  void nonBlockingConnectsThroughOneSelectorAllFinish() throws Exception {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress(), 1000);
    Selector selector = openSelector();
    int count = 200;
    int connected = 0;
    for (int i = 0; i < count; i++) {
      SocketChannel channel = openNonBlockingSocket();
      if (channel.connect(listener.getLocalAddress())) {
        connected++;
      } else {
        channel.register(selector, SelectionKey.OP_CONNECT);
      }
    }
    while (connected < count) {
      assertTrue(selector.select(10_000) > 0, "after " + connected);
      for (SelectionKey key : selector.selectedKeys()) {
        assertTrue(((SocketChannel) key.channel()).finishConnect());
        key.interestOps(0);
        connected++;
      }
      selector.selectedKeys().clear();
    }
    for (int i = 0; i < count; i++) {
      accept(listener);
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void selectorServerEchoesFiftyConnections() throws Exception {
    ServerSocketChannel listener = listenNonBlocking();
    EchoServer server = closing(new EchoServer(provider().openSelector(), listener));
    Background<Void> serving = spawn(server::serve);
    List<Background<Void>> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      SocketChannel channel = connectTo(listener.getLocalAddress());
      int seed = i;
      clients.add(
          spawn(
              () -> {
                for (int round = 0; round < 20; round++) {
                  byte[] data = Payload.random(seed * 100L + round, 1 + round * 700);
                  writeFully(channel, ByteBuffer.wrap(data));
                  assertArrayEquals(data, readFully(channel, data.length));
                }
                channel.close();
                return null;
              }));
    }
    for (Background<Void> client : clients) {
      client.join();
    }
    awaitTrue("all connections are closed", () -> server.ended() == 50);
    server.close();
    serving.join();
  }

  @Test
  void acceptLoopHandsOverToWorkers() throws Exception {
    ServerSocketChannel listener = listen();
    int count = 200;
    BlockingQueue<SocketChannel> queue = new LinkedBlockingQueue<>();
    List<Background<Integer>> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workers.add(spawn(() -> echoOneByOne(queue)));
    }
    Background<Void> accepting =
        spawn(
            () -> {
              for (int i = 0; i < count; i++) {
                queue.add(accept(listener));
              }
              return null;
            });
    for (int i = 0; i < count; i++) {
      try (SocketChannel channel = provider().openSocketChannel()) {
        channel.connect(listener.getLocalAddress());
        byte[] data = Payload.random(i, 500);
        writeFully(channel, ByteBuffer.wrap(data));
        channel.shutdownOutput();
        assertArrayEquals(data, readToEnd(channel));
      }
    }
    accepting.join();
    int served = 0;
    for (Background<Integer> worker : workers) {
      worker.interrupt();
      served += worker.join();
    }
    assertEquals(count, served);
  }

  private static int echoOneByOne(BlockingQueue<SocketChannel> queue) throws IOException {
    int served = 0;
    while (true) {
      try (SocketChannel channel = queue.take()) {
        writeFully(channel, ByteBuffer.wrap(readToEnd(channel)));
        served++;
      } catch (InterruptedException e) {
        return served;
      }
    }
  }

  @Test
  void tenThousandRoundsOfPingPongAcrossTwoSelectors() throws Exception {
    Pair pair = connectedPair();
    int rounds = 10_000;
    Background<Void> far =
        spawn(() -> at(pair.far(), (end, provider) -> bounce(end, provider, rounds, false)));
    bounce(pair.near(), provider(), rounds, true);
    far.join();
  }

  private static Void bounce(
      SocketChannel channel, SelectorProvider provider, int rounds, boolean begins)
      throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = provider.openSelector()) {
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      ByteBuffer ball = ByteBuffer.allocateDirect(64);
      for (int i = 0; i < rounds; i++) {
        if (begins) {
          channel.write(ball.clear().putInt(i).position(0).limit(64));
        }
        ball.clear();
        while (ball.hasRemaining()) {
          awaitReady(key, SelectionKey.OP_READ);
          channel.read(ball);
        }
        assertEquals(i, ball.getInt(0));
        if (!begins) {
          channel.write(ball.flip());
        }
      }
    }
    return null;
  }

  @Test
  void pingPongBetweenBlockedThreads() throws Exception {
    Pair pair = connectedPair();
    int rounds = 5000;
    Background<Void> far =
        spawn(
            () -> {
              for (int i = 0; i < rounds; i++) {
                writeFully(pair.far(), ByteBuffer.wrap(readFully(pair.far(), 64)));
              }
              return null;
            });
    for (int i = 0; i < rounds; i++) {
      ByteBuffer ball = ByteBuffer.allocate(64).putInt(0, i);
      writeFully(pair.near(), ball);
      assertEquals(i, ByteBuffer.wrap(readFully(pair.near(), 64)).getInt());
    }
    far.join();
  }

  @Test
  void pingPongBetweenASelectorAndABlockedThread() throws Exception {
    Pair pair = connectedPair();
    int rounds = 3000;
    Background<Void> far =
        spawn(() -> at(pair.far(), (end, provider) -> bounce(end, provider, rounds, false)));
    for (int i = 0; i < rounds; i++) {
      ByteBuffer ball = ByteBuffer.allocate(64).putInt(0, i);
      writeFully(pair.near(), ball);
      assertEquals(i, ByteBuffer.wrap(readFully(pair.near(), 64)).getInt());
    }
    far.join();
  }

  @Test
  void registerFromOtherThreadsWhileTheSelectorIsBusy() throws Exception {
    ServerSocketChannel listener = listen();
    Selector selector = openSelector();
    AtomicBoolean stop = new AtomicBoolean();
    Background<Integer> selecting =
        spawn(
            () -> {
              Set<SelectionKey> seen = new HashSet<>();
              while (!stop.get()) {
                selector.select(
                    key -> {
                      seen.add(key);
                      key.cancel();
                    });
              }
              return seen.size();
            });
    for (int i = 0; i < 300; i++) {
      Pair pair = connectThrough(listener);
      pair.near().configureBlocking(false);
      SelectionKey key = pair.near().register(selector, SelectionKey.OP_READ);
      selector.wakeup();
      writeFully(pair.far(), "x");
      awaitTrue("the key is seen", () -> !key.isValid());
    }
    stop.set(true);
    selector.wakeup();
    assertEquals(300, selecting.join());
  }

  @Test
  void randomClosesInterruptsAndTimeoutsNeverHang() throws Exception {
    long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(1500L * ROUNDS);
    List<Background<Integer>> stressing = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      SplittableRandom random = new SplittableRandom(i);
      ServerSocketChannel listener = listen();
      stressing.add(spawn(() -> stress(listener, random, end)));
    }
    int rounds = 0;
    for (Background<Integer> one : stressing) {
      rounds += one.join();
    }
    assertTrue(rounds > ROUNDS / 100, "only " + rounds + " rounds");
    Pair pair = connectedPair();
    writeFully(pair.near(), "sane");
    assertReads("sane", pair.far());
  }

  private int stress(ServerSocketChannel listener, SplittableRandom random, long end)
      throws Exception {
    int rounds = 0;
    while (System.nanoTime() - end < 0) {
      try (SocketChannel channel = provider().openSocketChannel()) {
        channel.connect(listener.getLocalAddress());
        try (SocketChannel accepted = listener.accept()) {
          boolean isAccepted = random.nextBoolean();
          disturb(isAccepted ? accepted : channel, isAccepted ? channel : accepted, random);
        }
      }
      rounds++;
    }
    return rounds;
  }

  /** Lets a thread use a connection and cuts in: whatever it throws, it must come to an end. */
  private void disturb(SocketChannel used, SocketChannel peer, SplittableRandom random)
      throws Exception {
    int use = random.nextInt(4);
    Background<Integer> using =
        spawn(() -> at(used, (channel, provider) -> use(channel, provider, use)));
    for (int i = random.nextInt(2000); i > 0; i--) {
      Thread.onSpinWait();
    }
    switch (random.nextInt(5)) {
      case 0 -> used.close();
      case 1 -> using.interrupt();
      case 2 -> peer.close();
      case 3 -> peer.shutdownOutput();
      default -> writeSome(peer);
    }
    if (!using.isDone()) {
      peer.close();
    }
    Throwable end = using.joinAny();
    if (end != null && !(end instanceof IOException)) {
      fail("an IOException was expected", end);
    }
  }

  private static void writeSome(SocketChannel channel) {
    try {
      channel.write(bytes("some"));
    } catch (IOException closedByTheOtherEnd) {
      assertTrue(channel.isOpen());
    }
  }

  private static int use(SocketChannel channel, SelectorProvider provider, int use)
      throws IOException {
    return switch (use) {
      case 0 -> channel.read(ByteBuffer.allocate(100));
      case 1 -> readTwice(channel);
      case 2 -> writeWithoutEnd(channel);
      default -> selectAndRead(channel, provider);
    };
  }

  private static int readTwice(SocketChannel channel) throws IOException {
    channel.socket().setSoTimeout(1);
    try {
      return channel.socket().getInputStream().read();
    } catch (SocketTimeoutException timeout) {
      return channel.read(ByteBuffer.allocate(1));
    }
  }

  private static int writeWithoutEnd(SocketChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
    while (true) {
      channel.write(chunk.clear());
    }
  }

  private static int selectAndRead(SocketChannel channel, SelectorProvider provider)
      throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = provider.openSelector()) {
      channel.register(selector, SelectionKey.OP_READ);
      // Closing a channel does not end a select it is registered for, so this one has a timeout.
      selector.select(50);
      return channel.read(ByteBuffer.allocate(1));
    }
  }
}
