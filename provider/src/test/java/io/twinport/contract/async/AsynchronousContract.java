package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static io.twinport.contract.support.Eventually.isTrueWithin;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The base of the tests of asynchronous channels. */
public abstract class AsynchronousContract extends ContractTest {
  private static final int PATIENCE_SECONDS = 20;
  private static final String GROUP_THREAD = "contract-group";

  /** Both ends of one connection. */
  public record Ends(AsynchronousSocketChannel near, AsynchronousSocketChannel far) {}

  /** A handler that keeps the outcome, and says where it ran. */
  protected static final class Completion<V> implements CompletionHandler<V, Object> {
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile V result;
    private volatile Throwable failure;
    private volatile Object attachment;
    private volatile Thread thread;
    private volatile boolean again;

    @Override
    public void completed(V value, Object itsAttachment) {
      result = value;
      end(itsAttachment);
    }

    @Override
    public void failed(Throwable cause, Object itsAttachment) {
      failure = cause;
      end(itsAttachment);
    }

    private void end(Object itsAttachment) {
      again = thread != null;
      attachment = itsAttachment;
      thread = Thread.currentThread();
      done.countDown();
    }

    private void await() throws InterruptedException {
      assertTrue(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the operation hangs");
      assertTrue(!again, "a handler runs once");
    }

    V get() throws InterruptedException {
      await();
      if (failure != null) {
        fail("the operation failed: " + failure, failure);
      }
      return result;
    }

    <X extends Throwable> X failure(Class<X> type) throws InterruptedException {
      await();
      assertTrue(failure != null, "expected " + type.getName() + ", not " + result);
      return assertInstanceOf(type, failure);
    }

    /** The result, or null if the operation failed, which has to be with a {@code type}. */
    V outcome(Class<? extends Throwable> type) throws InterruptedException {
      await();
      if (failure != null) {
        assertInstanceOf(type, failure);
      }
      return result;
    }

    boolean hasSucceeded() {
      return isDone() && failure == null;
    }

    boolean isDone() {
      return done.getCount() == 0;
    }

    Thread thread() throws InterruptedException {
      await();
      return thread;
    }

    Object attachment() throws InterruptedException {
      await();
      return attachment;
    }
  }

  protected AsynchronousContract(Transport transport) {
    super(transport);
  }

  protected final AsynchronousChannelProvider asynchronous() {
    return transport.asynchronousProvider();
  }

  // -- Groups

  protected static ThreadFactory groupThreads() {
    return task -> {
      Thread thread = new Thread(task, GROUP_THREAD);
      thread.setDaemon(true);
      return thread;
    };
  }

  protected static boolean isGroupThread(Thread thread) {
    return thread.getName().equals(GROUP_THREAD);
  }

  /** A group with threads of its own, closed after the test. */
  protected final AsynchronousChannelGroup fixedGroup(int threads) throws IOException {
    return ending(asynchronous().openAsynchronousChannelGroup(threads, groupThreads()));
  }

  protected final AsynchronousChannelGroup ending(AsynchronousChannelGroup group) {
    Closeable end = group::shutdownNow;
    closing(end);
    return group;
  }

  // -- Channels

  /** A channel of the default group. */
  protected final AsynchronousSocketChannel openAsynchronous() throws IOException {
    return openAsynchronous(null);
  }

  protected final AsynchronousSocketChannel openAsynchronous(AsynchronousChannelGroup group)
      throws IOException {
    return closing(asynchronous().openAsynchronousSocketChannel(group));
  }

  protected final AsynchronousServerSocketChannel openAsynchronousListener(
      AsynchronousChannelGroup group) throws IOException {
    return closing(asynchronous().openAsynchronousServerSocketChannel(group));
  }

  /** A bound listener of the default group. */
  protected final AsynchronousServerSocketChannel listenAsynchronously() throws IOException {
    return listenAsynchronously(null);
  }

  protected final AsynchronousServerSocketChannel listenAsynchronously(
      AsynchronousChannelGroup group) throws IOException {
    return openAsynchronousListener(group).bind(transport.bindAddress());
  }

  protected final Ends ends() throws Exception {
    return ends(null);
  }

  protected final Ends ends(AsynchronousChannelGroup group) throws Exception {
    try (AsynchronousServerSocketChannel listener =
        asynchronous().openAsynchronousServerSocketChannel(group)) {
      return ends(listener.bind(transport.bindAddress()), group);
    }
  }

  protected final Ends ends(
      AsynchronousServerSocketChannel listener, AsynchronousChannelGroup group) throws Exception {
    AsynchronousSocketChannel connected = openAsynchronous(group);
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    get(connected.connect(listener.getLocalAddress()));
    AsynchronousSocketChannel accepted = closing(get(accepting));
    return transport.nearEndIsAccepted()
        ? new Ends(accepted, connected)
        : new Ends(connected, accepted);
  }

  // -- Outcomes

  protected static <V> V get(Future<V> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  protected static <X extends Throwable> X failure(Class<X> type, Future<?> future) {
    ExecutionException thrown = assertThrows(ExecutionException.class, () -> get(future));
    return assertInstanceOf(type, thrown.getCause());
  }

  /** The channel was closed before the operation began, not while it was under way. */
  protected static void assertClosedBefore(IOException failure) {
    assertSame(ClosedChannelException.class, failure.getClass());
  }

  /** Whether an operation ends without its peer's help. */
  protected static boolean isCompletedSoon(Callable<Boolean> isDone) throws Exception {
    // Kernels move bytes on in the background; what waits for long waits for the peer.
    return isTrueWithin(300, TimeUnit.MILLISECONDS, isDone);
  }

  /** Has a thread begin an operation, and end before this returns. */
  protected static <V> Future<V> begunByAThreadThatEnds(Callable<Future<V>> begin)
      throws Exception {
    FutureTask<Future<V>> task = new FutureTask<>(begin);
    Thread thread = new Thread(task, "contract-beginner");
    thread.start();
    thread.join();
    return get(task);
  }

  // -- Data

  protected static void writeFully(AsynchronousSocketChannel channel, ByteBuffer source)
      throws Exception {
    while (source.hasRemaining()) {
      get(channel.write(source));
    }
  }

  protected static void writeFully(AsynchronousSocketChannel channel, String text)
      throws Exception {
    writeFully(channel, bytes(text));
  }

  protected static void assertReads(String expected, AsynchronousSocketChannel channel)
      throws Exception {
    ByteBuffer target = ByteBuffer.allocate(bytes(expected).remaining());
    while (target.hasRemaining()) {
      assertTrue(get(channel.read(target)) > 0, "end of stream in " + expected);
    }
    assertEquals(expected, new String(target.array(), UTF_8));
  }

  protected static void assertEndOfStream(AsynchronousSocketChannel channel) throws Exception {
    assertEquals(-1, get(channel.read(ByteBuffer.allocate(16))));
  }

  /**
   * Reads until the peer's write has ended. The last read may wait for ever: the write's bytes can
   * be read before its outcome is seen.
   */
  protected static void readUntilEnded(AsynchronousSocketChannel channel, Future<?> writing)
      throws Exception {
    readUntilEnded(channel, writing::isDone);
  }

  protected static void readUntilEnded(AsynchronousSocketChannel channel, BooleanSupplier ended)
      throws Exception {
    ByteBuffer sink = ByteBuffer.allocateDirect(1 << 20);
    while (!ended.getAsBoolean()) {
      Future<Integer> reading = channel.read(sink.clear());
      awaitTrue("the read or the write ends", () -> reading.isDone() || ended.getAsBoolean());
    }
  }

  /**
   * Writes until a write waits.
   *
   * @return that write, which has taken nothing
   */
  protected static Future<Integer> fill(AsynchronousSocketChannel channel) throws Exception {
    ByteBuffer source = ByteBuffer.allocateDirect(256 * 1024);
    while (true) {
      source.clear();
      Future<Integer> writing = channel.write(source);
      if (!isCompletedSoon(writing::isDone)) {
        return writing;
      }
      get(writing);
    }
  }
}
