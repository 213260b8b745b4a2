package io.twinport.contract.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.contract.peer.OtherJvm;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * The base of all contract tests: opens channels over the transport under test, and closes after
 * each test whatever it left open, so that no test sees another's.
 *
 * <p>The test runs on a thread of its own, so that a call that hangs and ignores interrupts fails
 * its test only.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class ContractTest {
  /** How long random tests go on: rounds that are played, {@code contract.rounds}. */
  protected static final int ROUNDS = Integer.getInteger("contract.rounds", 2000);

  protected final Transport transport;
  private final BlockingDeque<Closeable> open = new LinkedBlockingDeque<>();

  protected ContractTest(Transport transport) {
    this.transport = transport;
  }

  /** Both ends of one connection, in blocking mode. */
  public record Pair(SocketChannel near, SocketChannel far) {}

  /** Leaves a test out where the ends it needs in one JVM are in two. */
  @BeforeEach
  final void needsItsEndsHere(TestInfo test) {
    OneHost oneHost =
        test.getTestMethod().map(method -> method.getAnnotation(OneHost.class)).orElse(null);
    assumeTrue(
        oneHost == null || !transport.twoHosts(), () -> "needs one host: " + oneHost.value());
    Here here = test.getTestMethod().map(method -> method.getAnnotation(Here.class)).orElse(null);
    if (here == null || !transport.twoJvms()) {
      return;
    }
    Here.End end = transport.nearEndIsAccepted() ? Here.End.LISTENER : Here.End.SOCKET;
    Set<Here.End> needed = Set.of(here.value());
    if (needed.size() == 2 && here.why().isBlank()) {
      fail("a test that can't run over two JVMs has to say why");
    }
    assumeTrue(Set.of(end).equals(needed), () -> "needs " + needed + " here: " + here.why());
  }

  @AfterEach
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  final void closeWhatIsOpen() throws IOException {
    for (Closeable last = open.pollLast(); last != null; last = open.pollLast()) {
      last.close();
    }
  }

  protected final <C extends Closeable> C closing(C closeable) {
    open.add(closeable);
    return closeable;
  }

  protected final SelectorProvider provider() {
    return transport.provider();
  }

  protected final SocketChannel openSocket() throws IOException {
    return closing(provider().openSocketChannel());
  }

  protected final SocketChannel openNonBlockingSocket() throws IOException {
    SocketChannel channel = openSocket();
    channel.configureBlocking(false);
    return channel;
  }

  protected final ServerSocketChannel openListener() throws IOException {
    return closing(provider().openServerSocketChannel());
  }

  protected final Selector openSelector() throws IOException {
    return closing(provider().openSelector());
  }

  /** A blocking listener on the transport's own address. */
  protected final ServerSocketChannel listen() throws IOException {
    ServerSocketChannel listener = openListener();
    listener.bind(transport.bindAddress());
    return listener;
  }

  protected final ServerSocketChannel listenAt(InetAddress address) throws IOException {
    ServerSocketChannel listener = openListener();
    listener.bind(new InetSocketAddress(address, 0));
    return listener;
  }

  protected final ServerSocketChannel listenNonBlocking() throws IOException {
    ServerSocketChannel listener = listen();
    listener.configureBlocking(false);
    return listener;
  }

  /** A blocking socket, connected to {@code remote}. */
  protected final SocketChannel connectTo(SocketAddress remote) throws IOException {
    SocketChannel channel = openSocket();
    assertTrue(channel.connect(remote), "a blocking connect returns true");
    return channel;
  }

  /**
   * Accepts a request that has been made. From another host, a client may know of its connection a
   * moment before the listener does, so one in non-blocking mode is asked again there.
   */
  protected final SocketChannel accept(ServerSocketChannel listener) throws IOException {
    long deadline = System.nanoTime() + Eventually.PATIENCE_NANOS;
    SocketChannel accepted = listener.accept();
    while (accepted == null && transport.twoHosts() && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      accepted = listener.accept();
    }
    return closing(accepted);
  }

  /**
   * Connects a blocking socket to {@code listener}, which must be in blocking mode, and accepts it
   * there.
   */
  protected final Pair connectThrough(ServerSocketChannel listener) throws IOException {
    SocketChannel connected = connectTo(listener.getLocalAddress());
    SocketChannel accepted = accept(listener);
    return transport.nearEndIsAccepted()
        ? new Pair(accepted, connected)
        : new Pair(connected, accepted);
  }

  protected final Pair connectedPair() throws IOException {
    ServerSocketChannel listener = listen();
    Pair pair = connectThrough(listener);
    listener.close();
    return pair;
  }

  /**
   * A port of the transport's own address that nobody listens on, though somebody did a moment ago.
   * It is bound until the test ends, so that no other process gets it; nobody else is on two hosts.
   */
  protected final InetSocketAddress closedPort() throws IOException {
    return transport.twoHosts() ? freePort() : kept(freePort());
  }

  /** Binds the port that nobody listens on any more. */
  protected final InetSocketAddress kept(InetSocketAddress free) throws IOException {
    closing(JdkTransport.PROVIDER.openSocketChannel()).bind(free);
    return free;
  }

  /** A port of the transport's own address that was bound a moment ago, and can be bound again. */
  protected final InetSocketAddress freePort() throws IOException {
    try (ServerSocketChannel listener = provider().openServerSocketChannel()) {
      listener.bind(transport.bindAddress());
      return Addresses.local(listener);
    }
  }

  /**
   * An address where a connect stays pending until {@link FullListener#drain}: that of a listener
   * whose queue is full. It is a plain TCP listener, unless the transport's own send clients on to
   * TCP. Every transport ends up there.
   */
  protected final FullListener fullListener() throws Exception {
    return closing(
        transport.fullTwinsSendToTcp() ? new FullListener(provider(), 1) : new FullListener());
  }

  /** Runs {@code task} in the JVM that {@code channel} is in. */
  protected final <R> R at(SocketChannel channel, Task<R> task) throws Exception {
    return OtherJvm.isThere(channel) ? OtherJvm.at(channel, task) : task.on(channel, provider());
  }

  protected static <T> Background<T> spawn(Callable<T> call) {
    return Background.start(call);
  }

  protected static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  /**
   * Writes all of {@code source}, however many writes that takes. For channels in blocking mode.
   */
  protected static void writeFully(WritableByteChannel channel, ByteBuffer source)
      throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  protected static void writeFully(WritableByteChannel channel, String text) throws IOException {
    writeFully(channel, bytes(text));
  }

  /** Reads exactly {@code length} bytes. For channels in blocking mode. */
  protected static byte[] readFully(ReadableByteChannel channel, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException("end of stream after " + target.position() + " of " + length);
      }
    }
    return target.array();
  }

  protected static void assertReads(String expected, ReadableByteChannel channel)
      throws IOException {
    assertEquals(expected, new String(readFully(channel, bytes(expected).remaining()), UTF_8));
  }

  protected static byte[] readToEnd(ReadableByteChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer target = ByteBuffer.allocate(64 * 1024);
    while (channel.read(target) >= 0) {
      all.write(target.array(), 0, target.position());
      target.clear();
    }
    return all.toByteArray();
  }

  protected static void assertEndOfStream(ReadableByteChannel channel) throws IOException {
    assertEquals(-1, channel.read(ByteBuffer.allocate(16)), "end of stream");
  }

  /**
   * Writes in non-blocking mode until nothing has been taken for a while: kernels move bytes on in
   * the background.
   *
   * @return the number of bytes taken
   */
  protected static int fill(SocketChannel channel, ByteBuffer source) throws IOException {
    channel.configureBlocking(false);
    long idleSince = System.nanoTime();
    while (System.nanoTime() - idleSince < TimeUnit.MILLISECONDS.toNanos(200)) {
      if (channel.write(source) > 0) {
        idleSince = System.nanoTime();
      } else {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // Whoever moves them needs a core.
      }
    }
    return source.position();
  }

  /**
   * Waits until {@code key} is selected with any of {@code ops}; takes it out of the selected keys.
   */
  protected static void awaitReady(SelectionKey key, int ops) throws IOException {
    Selector selector = key.selector();
    long deadline = System.nanoTime() + Eventually.PATIENCE_NANOS;
    while (true) {
      selector.select(1000);
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey selected = keys.next();
        keys.remove();
        if (selected == key && (key.readyOps() & ops) != 0) {
          return;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        fail("never ready for " + ops + ": " + key);
      }
    }
  }

  /** Finishes a connect of a channel in non-blocking mode that may have begun already. */
  protected final void finishConnecting(SocketChannel channel) throws IOException {
    if (channel.isConnected()) {
      return;
    }
    try (Selector selector = provider().openSelector()) {
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
      do {
        awaitReady(key, SelectionKey.OP_CONNECT);
      } while (!channel.finishConnect());
    }
  }
}
