package io.twinport.aio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.support.SwitchFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Outcomes of asynchronous operations while there is no memory to pass a handler to the pool. */
@Timeout(60)
class NoMemoryForHandlersTest extends SwitchFixture {
  private static final class Pool extends ThreadPoolExecutor {
    final Semaphore refusals = new Semaphore(0);
    private volatile boolean full;

    Pool() {
      super(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
    }

    /** From now on there is no memory, for anybody, until {@link #hasMemory}. */
    void hasNone() {
      refusals.drainPermits();
      full = true;
    }

    void hasMemory() {
      full = false;
    }

    @Override
    public void execute(Runnable task) {
      if (full) {
        refusals.release();
        throw new OutOfMemoryError("of a test");
      }
      super.execute(task);
    }
  }

  /** Fails if it is told twice. */
  private static final class Told<V> implements CompletionHandler<V, Void> {
    final CompletableFuture<V> outcome = new CompletableFuture<>();

    @Override
    public void completed(V value, Void attachment) {
      once(outcome.complete(value));
    }

    @Override
    public void failed(Throwable failure, Void attachment) {
      once(outcome.completeExceptionally(failure));
    }

    private static void once(boolean isFirst) {
      if (!isFirst) {
        throw new AssertionError("told twice");
      }
    }

    Throwable failure() {
      return assertThrows(ExecutionException.class, outcome::get).getCause();
    }
  }

  private final Pool pool = new Pool();
  private AsynchronousChannelProvider asynchronous;
  private AsynchronousChannelGroup group;
  private AsynchronousServerSocketChannel listener;

  @BeforeEach
  void openGroup() throws IOException {
    asynchronous = TwinAsynchronousChannelProvider.of(provider.owner());
    group = asynchronous.openAsynchronousChannelGroup(pool, 1);
    listener =
        asynchronous
            .openAsynchronousServerSocketChannel(group)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void endGroup() throws IOException {
    group.shutdownNow();
  }

  /** A pair of channels; the accepted one is the group's. */
  private AsynchronousSocketChannel accepted(SocketChannel client) throws Exception {
    client.connect(listener.getLocalAddress());
    return listener.accept().get();
  }

  @Test
  void connectionThatCanNotBePassedOnIsClosed() throws Exception {
    try (SocketChannel client = provider.openSocketChannel()) {
      client.connect(listener.getLocalAddress());
      pool.hasNone();
      Told<AsynchronousSocketChannel> told = new Told<>();
      assertThrows(OutOfMemoryError.class, () -> listener.accept(null, told));
      pool.hasMemory();
      client.configureBlocking(false);
      assertEquals("ended", readOnce(client));
      assertFalse(told.outcome.isDone());
    }
    group.shutdownNow();
    assertEquals(List.of(), provider.owner().registry().connections());
  }

  @Test
  void acceptThatWaitsIsToldInTheEnd() throws Exception {
    Told<AsynchronousSocketChannel> told = new Told<>();
    listener.accept(null, told);
    pool.hasNone();
    try (SocketChannel client = provider.openSocketChannel()) {
      client.connect(listener.getLocalAddress());
      pool.refusals.acquire(2);
      pool.hasMemory();
      client.write(ByteBuffer.wrap(new byte[] {7}));
      ByteBuffer one = ByteBuffer.allocate(1);
      assertEquals(1, told.outcome.get().read(one).get());
      assertEquals(7, one.get(0));
    }
  }

  @Test
  void readThatWaitsIsToldInTheEnd() throws Exception {
    try (SocketChannel client = provider.openSocketChannel();
        AsynchronousSocketChannel server = accepted(client)) {
      for (int i = 0; i < 10; i++) {
        ByteBuffer one = ByteBuffer.allocate(1);
        Told<Integer> told = new Told<>();
        server.read(one, null, told);
        pool.hasNone();
        client.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        pool.refusals.acquire(2);
        pool.hasMemory();
        assertEquals(1, told.outcome.get());
        assertEquals(i, one.get(0));
      }
    }
  }

  @Test
  void closeTellsReadThatWaitsInTheEnd() throws Exception {
    try (SocketChannel client = provider.openSocketChannel()) {
      AsynchronousSocketChannel server = accepted(client);
      Told<Integer> read = new Told<>();
      server.read(ByteBuffer.allocate(1), null, read);
      pool.hasNone();
      server.close();
      assertFalse(read.outcome.isDone());
      pool.hasMemory();
      assertInstanceOf(AsynchronousCloseException.class, read.failure());
    }
  }

  @Test
  void closeTellsWriteThatWaitsInTheEnd() throws Exception {
    try (SocketChannel client = provider.openSocketChannel()) {
      AsynchronousSocketChannel server = accepted(client);
      Told<Integer> written;
      do {
        written = new Told<>();
        server.write(ByteBuffer.allocate(1 << 20), null, written);
      } while (isToldWithin(written, 200));
      pool.hasNone();
      server.close();
      pool.hasMemory();
      assertInstanceOf(AsynchronousCloseException.class, written.failure());
    }
  }

  private static boolean isToldWithin(Told<?> told, long millis) throws Exception {
    try {
      told.outcome.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Test
  void timeoutIsToldInTheEnd() throws Exception {
    try (SocketChannel client = provider.openSocketChannel();
        AsynchronousSocketChannel server = accepted(client)) {
      Told<Integer> read = new Told<>();
      server.read(ByteBuffer.allocate(1), 100, TimeUnit.MILLISECONDS, null, read);
      pool.hasNone();
      pool.refusals.acquire(2);
      pool.hasMemory();
      assertInstanceOf(InterruptedByTimeoutException.class, read.failure());
    }
  }

  private static String readOnce(SocketChannel channel) {
    try {
      int bytes = channel.read(ByteBuffer.allocate(1));
      return bytes < 0 ? "ended" : "waits";
    } catch (IOException e) {
      return "ended"; // By a reset.
    }
  }
}
