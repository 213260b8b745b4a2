package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Here;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Groups of every kind: whose threads do the work, what becomes of them, and how groups end. */
public abstract class AsynchronousPoolContract extends AsynchronousContract {
  private static final String EACH = "{displayName}[{0}]";
  private static final int PATIENCE_SECONDS = 20;

  protected AsynchronousPoolContract(Transport transport) {
    super(transport);
  }

  /** The kinds of groups that programs can make. */
  protected enum Kind {
    FIXED_OF_ONE,
    FIXED,
    CACHED,
    CACHED_FROM_NOTHING,
    POOL
  }

  /** A group and the program's pool; null where the threads are the group's own. */
  private record Opened(AsynchronousChannelGroup group, ExecutorService pool) {
    void assertEnds() throws InterruptedException {
      assertTrue(group.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
      assertTrue(group.isTerminated());
      assertTrue(pool == null || pool.isTerminated());
    }
  }

  private Opened open(Kind kind, ThreadFactory threads) throws IOException {
    return switch (kind) {
      case FIXED_OF_ONE -> fixed(1, threads);
      case FIXED -> fixed(3, threads);
      case CACHED -> over(Executors.newCachedThreadPool(threads), 2);
      case CACHED_FROM_NOTHING -> over(Executors.newCachedThreadPool(threads), 0);
      case POOL -> over(Executors.newFixedThreadPool(3, threads), 0);
    };
  }

  private Opened fixed(int count, ThreadFactory threads) throws IOException {
    return new Opened(ending(asynchronous().openAsynchronousChannelGroup(count, threads)), null);
  }

  private Opened over(ExecutorService pool, int initialSize) throws IOException {
    return new Opened(ending(asynchronous().openAsynchronousChannelGroup(pool, initialSize)), pool);
  }

  // -- Threads that end

  private static ThreadFactory tellingOf(Queue<Throwable> uncaught) {
    return task -> {
      Thread thread = groupThreads().newThread(task);
      thread.setUncaughtExceptionHandler((which, thrown) -> uncaught.add(thrown));
      return thread;
    };
  }

  /** Throws what it is made with, and so ends its thread. */
  private static final class Throwing<V> implements CompletionHandler<V, Object> {
    private final CompletableFuture<V> result = new CompletableFuture<>();
    private final Throwable toThrow;
    private volatile Thread thread;

    Throwing(Throwable toThrow) {
      this.toThrow = toThrow;
    }

    @Override
    public void completed(V value, Object attachment) {
      thread = Thread.currentThread();
      result.complete(value);
      if (toThrow instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) toThrow;
    }

    @Override
    public void failed(Throwable cause, Object attachment) {
      result.completeExceptionally(cause);
    }

    /** Returns the operation's result once the thread is gone. */
    V endOfThread() throws Exception {
      V value = AsynchronousContract.get(result);
      assertTrue(isGroupThread(thread));
      awaitTrue("the thread ends", () -> !thread.isAlive());
      return value;
    }
  }

  private static Throwable unexpected(int round) {
    return round % 2 == 0 ? new Error("of a handler") : new IllegalStateException("of a handler");
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  void threadsThatHandlersOfTransfersEndAreReplaced(Kind kind) throws Exception {
    Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    Opened opened = open(kind, tellingOf(uncaught));
    Ends ends = ends(opened.group());
    List<Throwable> thrown = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Throwable next = unexpected(i);
      Throwing<Integer> handler = new Throwing<>(next);
      thrown.add(next);
      switch (i % 3) {
        case 0 -> ends.near().write(bytes("x"), null, handler);
        case 1 -> {
          ends.near().read(ByteBuffer.allocate(1), null, handler);
          writeFully(ends.far(), "y");
        }
        default -> {
          writeFully(ends.far(), "z");
          ends.near().read(ByteBuffer.allocate(1), null, handler);
        }
      }
      assertEquals(1, handler.endOfThread());
    }
    assertEquals(thrown, List.copyOf(uncaught), "each is told of once");
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    writeFully(ends.far(), "!");
    assertEquals(1, reading.get());
    opened.group().shutdownNow();
    opened.assertEnds();
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.LISTENER)
  void threadsThatHandlersOfAcceptsEndAreReplaced(Kind kind) throws Exception {
    Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    Opened opened = open(kind, tellingOf(uncaught));
    AsynchronousServerSocketChannel listener = listenAsynchronously(opened.group());
    List<Throwable> thrown = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Throwable next = unexpected(i);
      Throwing<AsynchronousSocketChannel> handler = new Throwing<>(next);
      thrown.add(next);
      boolean waits = i % 3 != 0;
      if (waits) {
        listener.accept(null, handler);
      }
      connectTo(listener.getLocalAddress());
      if (!waits) {
        listener.accept(null, handler);
      }
      closing(handler.endOfThread());
    }
    assertEquals(thrown, List.copyOf(uncaught), "each is told of once");
    connectTo(listener.getLocalAddress());
    closing(get(listener.accept()));
    opened.group().shutdownNow();
    opened.assertEnds();
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.SOCKET)
  void threadsThatHandlersOfConnectsEndAreReplaced(Kind kind) throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    Opened opened = open(kind, tellingOf(uncaught));
    List<Throwable> thrown = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Throwable next = unexpected(i);
      Throwing<Void> handler = new Throwing<>(next);
      thrown.add(next);
      AsynchronousSocketChannel channel = openAsynchronous(opened.group());
      channel.connect(listener.getLocalAddress(), null, handler);
      handler.endOfThread();
      writeFully(channel, "x");
      assertReads("x", closing(get(listener.accept())));
    }
    assertEquals(thrown, List.copyOf(uncaught), "each is told of once");
    opened.group().shutdownNow();
    opened.assertEnds();
  }

  @Test
  void interruptThatAHandlerLeavesDoesNotReachTheNext() throws Exception {
    Ends ends = ends(fixedGroup(1));
    for (int i = 0; i < 5; i++) {
      Completion<Boolean> wasInterrupted = new Completion<>();
      ends.near()
          .read(
              ByteBuffer.allocate(1),
              null,
              new CompletionHandler<Integer, Object>() {
                @Override
                public void completed(Integer n, Object attachment) {
                  boolean before = Thread.currentThread().isInterrupted();
                  Thread.currentThread().interrupt();
                  wasInterrupted.completed(before, null);
                }

                @Override
                public void failed(Throwable cause, Object attachment) {
                  wasInterrupted.failed(cause, null);
                }
              });
      writeFully(ends.far(), "x");
      assertFalse(wasInterrupted.get());
    }
    assertTrue(ends.near().isOpen());
  }

  // -- Whose threads

  /** Begins one operation after another, each on a channel of some group. */
  private static final class Hopping implements CompletionHandler<Integer, Integer> {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ThreadLocal<Integer> group;
    private final List<AsynchronousSocketChannel> channels;
    private final SplittableRandom random = new SplittableRandom();
    private int left = 500;

    Hopping(ThreadLocal<Integer> group, List<AsynchronousSocketChannel> channels) {
      this.group = group;
      this.channels = channels;
    }

    void hop() {
      int next = random.nextInt(channels.size());
      ByteBuffer one = random.nextBoolean() ? ByteBuffer.allocate(1) : ByteBuffer.allocateDirect(1);
      if (random.nextBoolean()) {
        channels.get(next).write(one, next, this);
      } else {
        channels.get(next).read(one, next, this);
      }
    }

    @Override
    public void completed(Integer n, Integer expected) {
      if (n != 1 || !expected.equals(group.get())) {
        failed(new AssertionError(n + " moved in " + group.get() + ", not " + expected), expected);
      } else if (--left == 0) {
        done.complete(null);
      } else {
        hop();
      }
    }

    @Override
    public void failed(Throwable cause, Integer expected) {
      done.completeExceptionally(cause);
    }
  }

  @Test
  void handlersRunInTheGroupOfTheirChannelWhoeverBegins() throws Exception {
    ThreadLocal<Integer> own = new ThreadLocal<>();
    List<AsynchronousSocketChannel> channels = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      int id = channels.size();
      ThreadFactory threads =
          task ->
              groupThreads()
                  .newThread(
                      () -> {
                        own.set(id);
                        task.run();
                      });
      Ends ends = ends(open(kind, threads).group());
      writeFully(ends.far(), ByteBuffer.allocate(500));
      channels.add(ends.near());
    }
    Hopping hopping = new Hopping(own, channels);
    hopping.hop();
    get(hopping.done);
  }

  @Test
  void allHandlersOfTheDefaultGroupMayBlockAtOnce() throws Exception {
    assertAllMayBlock(null);
  }

  @Test
  void allHandlersOfACachedPoolMayBlockAtOnce() throws Exception {
    assertAllMayBlock(open(Kind.CACHED_FROM_NOTHING, groupThreads()).group());
  }

  private void assertAllMayBlock(AsynchronousChannelGroup group) throws Exception {
    int count = 128;
    CyclicBarrier barrier = new CyclicBarrier(count + 1);
    Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    List<Ends> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Ends ends = ends(group);
      all.add(ends);
      ends.near()
          .read(
              ByteBuffer.allocateDirect(16),
              null,
              new CompletionHandler<Integer, Object>() {
                @Override
                public void completed(Integer n, Object attachment) {
                  try {
                    ends.near().close();
                    barrier.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                  } catch (IOException
                      | InterruptedException
                      | BrokenBarrierException
                      | TimeoutException e) {
                    failed.add(e);
                  }
                }

                @Override
                public void failed(Throwable cause, Object attachment) {
                  failed.add(cause);
                }
              });
    }
    for (Ends ends : all) {
      writeFully(ends.far(), "welcome");
      ends.far().close();
    }
    barrier.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertEquals(List.of(), List.copyOf(failed));
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  void groupIsAnExecutorOfItsThreads(Kind kind) throws Exception {
    Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    Opened opened = open(kind, tellingOf(uncaught));
    Executor executor = (Executor) opened.group();
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Thread> outer = new CompletableFuture<>();
      CompletableFuture<Thread> inner = new CompletableFuture<>();
      executor.execute(
          () -> {
            executor.execute(() -> inner.complete(Thread.currentThread()));
            outer.complete(Thread.currentThread());
          });
      assertTrue(isGroupThread(get(outer)));
      assertTrue(isGroupThread(get(inner)));
      IllegalStateException thrown = new IllegalStateException("of a task");
      executor.execute(
          () -> {
            throw thrown;
          });
      awaitTrue("it is told of", () -> uncaught.contains(thrown));
    }
    opened.group().shutdown();
    opened.assertEnds();
    assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
  }

  // -- The only thread

  /** How a handler ends what it has begun. */
  protected enum Ending {
    CLOSE,
    SHUTDOWN,
    CLOSE_AND_SHUTDOWN;

    void of(AsynchronousSocketChannel channel, AsynchronousChannelGroup group) throws IOException {
      if (this != SHUTDOWN) {
        channel.close();
      }
      if (this != CLOSE) {
        group.shutdownNow();
      }
    }
  }

  /** Begins a read that never ends, and ends it, all on the thread that it is called on. */
  private static final class Beginning<V> implements CompletionHandler<V, Object> {
    private final AsynchronousSocketChannel channel;
    private final AsynchronousChannelGroup group;
    private final Ending how;
    private final Completion<Integer> reading = new Completion<>();
    private final CompletableFuture<V> ended = new CompletableFuture<>();

    Beginning(AsynchronousSocketChannel channel, AsynchronousChannelGroup group, Ending how) {
      this.channel = channel;
      this.group = group;
      this.how = how;
    }

    @Override
    public void completed(V value, Object attachment) {
      try {
        channel.read(ByteBuffer.allocate(100), null, reading);
        how.of(channel, group);
        ended.complete(value);
      } catch (IOException | RuntimeException e) {
        ended.completeExceptionally(e);
      }
    }

    @Override
    public void failed(Throwable cause, Object attachment) {
      ended.completeExceptionally(cause);
    }

    void assertEnds() throws Exception {
      AsynchronousContract.get(ended);
      reading.failure(AsynchronousCloseException.class);
      assertTrue(isGroupThread(reading.thread()));
      assertFalse(channel.isOpen());
      group.shutdown();
    }
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.SOCKET)
  void onlyThreadEndsTheReadThatItsConnectHasBegun(Ending how) throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Opened opened = open(Kind.FIXED_OF_ONE, groupThreads());
    AsynchronousSocketChannel channel = openAsynchronous(opened.group());
    Beginning<Void> beginning = new Beginning<>(channel, opened.group(), how);
    channel.connect(listener.getLocalAddress(), null, beginning);
    beginning.assertEnds();
    opened.assertEnds();
    assertEndOfStream(closing(get(listener.accept())));
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  void onlyThreadEndsWhatWaitsInBothDirections(Ending how) throws Exception {
    Opened opened = open(Kind.FIXED_OF_ONE, groupThreads());
    Ends ends = ends(opened.group());
    Future<Integer> writing = fill(ends.near());
    Beginning<Integer> beginning = new Beginning<>(ends.near(), opened.group(), how);
    ends.near().read(ByteBuffer.allocate(1), null, beginning);
    writeFully(ends.far(), "x");
    beginning.assertEnds();
    failure(AsynchronousCloseException.class, writing);
    ends.far().close();
    opened.assertEnds();
  }

  // -- The end of a group

  @ParameterizedTest(name = EACH)
  @EnumSource
  void groupWithoutChannelsEndsWithItsPool(Kind kind) throws Exception {
    for (int i = 0; i < 20; i++) {
      Opened opened = open(kind, groupThreads());
      opened.group().shutdown();
      assertTrue(opened.group().isShutdown());
      opened.assertEnds();
    }
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.SOCKET)
  void groupEndsWhenItsUnconnectedSocketIsClosed(Kind kind) throws Exception {
    for (int i = 0; i < 10; i++) {
      Opened opened = open(kind, groupThreads());
      AsynchronousSocketChannel channel = openAsynchronous(opened.group());
      opened.group().shutdown();
      assertFalse(opened.group().isTerminated());
      channel.close();
      opened.assertEnds();
    }
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.LISTENER)
  void groupEndsWhenItsUnboundListenerIsClosed(Kind kind) throws Exception {
    for (int i = 0; i < 10; i++) {
      Opened opened = open(kind, groupThreads());
      AsynchronousServerSocketChannel listener = openAsynchronousListener(opened.group());
      opened.group().shutdown();
      assertFalse(opened.group().isTerminated());
      listener.close();
      opened.assertEnds();
    }
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  @Here(Here.End.LISTENER)
  void shutdownNowEndsAnAcceptThatWaits(Kind kind) throws Exception {
    for (int i = 0; i < 10; i++) {
      Opened opened = open(kind, groupThreads());
      AsynchronousServerSocketChannel listener = listenAsynchronously(opened.group());
      Completion<AsynchronousSocketChannel> accepting = new Completion<>();
      listener.accept(null, accepting);
      opened.group().shutdownNow();
      assertFalse(listener.isOpen());
      accepting.failure(AsynchronousCloseException.class);
      assertTrue(isGroupThread(accepting.thread()));
      opened.assertEnds();
    }
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  void shutdownNowWaitsForAHandlerThatRuns(Kind kind) throws Exception {
    Opened opened = open(kind, groupThreads());
    Ends ends = ends(opened.group());
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Completion<Boolean> left = new Completion<>();
    ends.near()
        .read(
            ByteBuffer.allocate(1),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer n, Object attachment) {
                entered.countDown();
                try {
                  left.completed(released.await(PATIENCE_SECONDS, TimeUnit.SECONDS), null);
                } catch (InterruptedException e) {
                  left.failed(e, null); // Handlers are not interrupted.
                }
              }

              @Override
              public void failed(Throwable cause, Object attachment) {
                left.failed(cause, null);
              }
            });
    writeFully(ends.far(), "x");
    assertTrue(entered.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    opened.group().shutdownNow();
    assertFalse(ends.near().isOpen());
    assertFalse(opened.group().awaitTermination(50, TimeUnit.MILLISECONDS));
    released.countDown();
    assertTrue(left.get());
    opened.assertEnds();
  }

  @ParameterizedTest(name = EACH)
  @EnumSource
  void groupThatHasEndedRunsNoHandler(Kind kind) throws Exception {
    Opened opened = open(kind, groupThreads());
    AsynchronousSocketChannel near = ends(opened.group()).near();
    opened.group().shutdownNow();
    opened.assertEnds();
    ByteBuffer buffer = ByteBuffer.allocate(1);
    failure(ClosedChannelException.class, near.read(buffer));
    failure(ClosedChannelException.class, near.write(buffer));
    Completion<Integer> never = new Completion<>();
    assertThrows(ShutdownChannelGroupException.class, () -> near.read(buffer, null, never));
    assertThrows(ShutdownChannelGroupException.class, () -> near.write(buffer, null, never));
    assertFalse(never.isDone());
  }

  @Test
  void poolsMustNotBeNull() {
    assertThrows(
        NullPointerException.class, () -> asynchronous().openAsynchronousChannelGroup(null, 0));
  }
}
