package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Descriptors;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.JdkTransport;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.ShutdownChannelGroupException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Channel groups: whose threads run handlers, and how groups end. */
public abstract class AsynchronousGroupContract extends AsynchronousContract {
  private static final String ONE_GROUP = "both ends are in one group, and a group is of one JVM";

  protected AsynchronousGroupContract(Transport transport) {
    super(transport);
  }

  /** Keeps a thread of the group until it is released. */
  private static final class Blocking implements CompletionHandler<Integer, Object> {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public void completed(Integer n, Object attachment) {
      entered.countDown();
      try {
        assertTrue(released.await(60, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void failed(Throwable cause, Object attachment) {
      entered.countDown();
    }
  }

  // -- Kinds of groups

  @Test
  void argumentsAreChecked() {
    AsynchronousChannelProvider provider = asynchronous();
    assertEquals(
        "'nThreads' must be > 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> provider.openAsynchronousChannelGroup(0, groupThreads()))
            .getMessage());
    assertThrows(NullPointerException.class, () -> provider.openAsynchronousChannelGroup(1, null));
    assertThrows(NullPointerException.class, () -> provider.openAsynchronousChannelGroup(null, 1));
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "no connection takes part, and a group and its provider are of one JVM")
  void groupNamesItsProvider() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    assertSame(asynchronous(), group.provider());
    assertSame(asynchronous(), openAsynchronous(group).provider());
    assertSame(asynchronous(), openAsynchronousListener(group).provider());
    assertFalse(group.isShutdown());
    assertFalse(group.isTerminated());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = "no connection takes part, and a group and its provider are of one JVM")
  void groupsOfOtherProvidersAreRefused() {
    AsynchronousChannelGroup foreign = new ForeignGroup(asynchronous());
    assertThrows(
        IllegalChannelGroupException.class,
        () -> asynchronous().openAsynchronousSocketChannel(foreign));
    assertThrows(
        IllegalChannelGroupException.class,
        () -> asynchronous().openAsynchronousServerSocketChannel(foreign));
  }

  private static final class ForeignGroup extends AsynchronousChannelGroup {
    ForeignGroup(AsynchronousChannelProvider provider) {
      super(provider);
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public void shutdown() {
      // It has nothing to end.
    }

    @Override
    public void shutdownNow() {
      // As above.
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  @Test
  void defaultGroupNeedsNoCare() throws Exception {
    Ends ends = ends();
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    writeFully(ends.far(), "x");
    assertEquals(1, reading.get());
    assertNotSame(Thread.currentThread(), reading.thread());
    assertTrue(reading.thread().isDaemon());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = ONE_GROUP)
  void cachedPoolRunsTheHandlers() throws Exception {
    ExecutorService pool = Executors.newCachedThreadPool(groupThreads());
    AsynchronousChannelGroup group = ending(asynchronous().openAsynchronousChannelGroup(pool, 2));
    assertHandlersRunOnThePool(group);
    group.shutdownNow();
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
    assertTrue(pool.isTerminated());
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = ONE_GROUP)
  void poolWithoutThreadsToSpareRunsTheHandlers() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor(groupThreads());
    AsynchronousChannelGroup group = ending(asynchronous().openAsynchronousChannelGroup(pool, 0));
    assertHandlersRunOnThePool(group);
  }

  private void assertHandlersRunOnThePool(AsynchronousChannelGroup group) throws Exception {
    Ends ends = ends(group);
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    Completion<Integer> writing = new Completion<>();
    ends.far().write(bytes("x"), null, writing);
    assertEquals(1, reading.get());
    assertEquals(1, writing.get());
    assertTrue(isGroupThread(reading.thread()));
    assertTrue(isGroupThread(writing.thread()));
    Completion<Integer> again = new Completion<>();
    writeFully(ends.far(), "y");
    ends.near().read(ByteBuffer.allocate(1), null, again);
    assertEquals(1, again.get());
    assertTrue(isGroupThread(again.thread()));
  }

  // -- Handlers and threads

  @Test
  void blockedHandlerLeavesTheOtherThreadsAtWork() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    Ends blocked = ends(group);
    Ends free = ends(group);
    Blocking handler = new Blocking();
    blocked.near().read(ByteBuffer.allocate(1), null, handler);
    writeFully(blocked.far(), "x");
    assertTrue(handler.entered.await(20, TimeUnit.SECONDS));
    for (int i = 0; i < 100; i++) {
      Completion<Integer> reading = new Completion<>();
      free.near().read(ByteBuffer.allocate(1), null, reading);
      writeFully(free.far(), "y");
      assertEquals(1, reading.get());
    }
    handler.released.countDown();
  }

  @Test
  void whatHappensWhileAllThreadsAreBlockedIsDoneAfterwards() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    AsynchronousServerSocketChannel listener = listenAsynchronously(group);
    Ends one = ends(group);
    Ends two = ends(group);
    Ends late = ends(group);
    Blocking first = new Blocking();
    Blocking second = new Blocking();
    Completion<Integer> reading = new Completion<>();
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    one.near().read(ByteBuffer.allocate(1), null, first);
    two.near().read(ByteBuffer.allocate(1), null, second);
    late.near().read(ByteBuffer.allocate(1), null, reading);
    listener.accept(null, accepting);
    writeFully(one.far(), "1");
    writeFully(two.far(), "2");
    assertTrue(first.entered.await(20, TimeUnit.SECONDS));
    assertTrue(second.entered.await(20, TimeUnit.SECONDS));
    writeFully(late.far(), "3");
    connectTo(listener.getLocalAddress());
    TimeUnit.MILLISECONDS.sleep(50); // Nobody is there who could do it.
    assertFalse(reading.isDone());
    first.released.countDown();
    assertEquals(1, reading.get());
    closing(accepting.get());
    second.released.countDown();
  }

  @Test
  void otherDirectionIsServedWhileAHandlerBlocks() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    Ends ends = ends(group);
    Future<Integer> writing = fill(ends.near());
    Blocking handler = new Blocking();
    ends.near().read(ByteBuffer.allocate(1), null, handler);
    writeFully(ends.far(), "x");
    assertTrue(handler.entered.await(20, TimeUnit.SECONDS));
    readUntilEnded(ends.far(), writing);
    assertTrue(get(writing) > 0);
    handler.released.countDown();
  }

  @Test
  void handlerThatThrowsDoesNotEndTheGroup() throws Exception {
    AsynchronousChannelGroup group =
        ending(
            asynchronous()
                .openAsynchronousChannelGroup(
                    1,
                    task -> {
                      Thread thread = groupThreads().newThread(task);
                      thread.setUncaughtExceptionHandler((t, e) -> {}); // Expected; not printed.
                      return thread;
                    }));
    Ends ends = ends(group);
    for (int i = 0; i < 5; i++) {
      CountDownLatch entered = new CountDownLatch(1);
      ends.near()
          .read(
              ByteBuffer.allocate(1),
              null,
              new CompletionHandler<Integer, Object>() {
                @Override
                public void completed(Integer n, Object attachment) {
                  entered.countDown();
                  throw new IllegalStateException("thrown by a handler");
                }

                @Override
                public void failed(Throwable cause, Object attachment) {
                  throw new AssertionError(cause);
                }
              });
      writeFully(ends.far(), "x");
      assertTrue(entered.await(20, TimeUnit.SECONDS));
    }
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    writeFully(ends.far(), "y");
    assertEquals(1, reading.get());
  }

  @Test
  void handlerOnAGroupThreadMayRunOnTopOfItsInitiator() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    Ends ends = ends(group);
    writeFully(ends.far(), "xy");
    Completion<Integer> inner = new Completion<>();
    Completion<Boolean> outer = new Completion<>();
    ends.near()
        .read(
            ByteBuffer.allocate(1),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer n, Object attachment) {
                ends.near().read(ByteBuffer.allocate(1), null, inner);
                outer.completed(inner.isDone(), null);
              }

              @Override
              public void failed(Throwable cause, Object attachment) {
                outer.failed(cause, null);
              }
            });
    assertTrue(outer.get());
    assertEquals(1, inner.get());
    assertSame(outer.thread(), inner.thread());
  }

  @Test
  void channelClosedByItsOwnHandler() throws Exception {
    Ends ends = ends(fixedGroup(1));
    Completion<Boolean> closed = new Completion<>();
    ends.near()
        .read(
            ByteBuffer.allocate(1),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer n, Object attachment) {
                try {
                  ends.near().close();
                  closed.completed(true, null);
                } catch (IOException e) {
                  closed.failed(e, null);
                }
              }

              @Override
              public void failed(Throwable cause, Object attachment) {
                closed.failed(cause, null);
              }
            });
    writeFully(ends.far(), "x");
    assertTrue(closed.get());
    assertEndOfStream(ends.far());
  }

  @Test
  void oneThreadServesManyConnections() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    List<Ends> all = new ArrayList<>();
    AsynchronousServerSocketChannel listener = openAsynchronousListener(group);
    listener.bind(transport.bindAddress(), 1000);
    for (int i = 0; i < 100; i++) {
      Ends ends = ends(listener, group);
      all.add(ends);
      echo(ends.far(), ByteBuffer.allocate(64));
    }
    for (int round = 0; round < 20; round++) {
      for (Ends ends : all) {
        writeFully(ends.near(), "round " + round);
      }
      for (Ends ends : all) {
        assertReads("round " + round, ends.near());
      }
    }
  }

  private static void echo(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    channel.read(
        buffer,
        null,
        new CompletionHandler<Integer, Object>() {
          private boolean writing;

          @Override
          public void completed(Integer n, Object attachment) {
            if (n < 0) {
              return;
            }
            if (!writing) {
              writing = true;
              buffer.flip();
            }
            if (buffer.hasRemaining()) {
              channel.write(buffer, null, this);
            } else {
              writing = false;
              channel.read(buffer.clear(), null, this);
            }
          }

          @Override
          public void failed(Throwable cause, Object attachment) {
            // The channels are closed at the end of the test.
          }
        });
  }

  @Test
  void groupWakesUpAfterALongSleep() throws Exception {
    Ends ends = ends(fixedGroup(1));
    for (int i = 0; i < 5; i++) {
      Completion<Integer> reading = new Completion<>();
      ends.near().read(ByteBuffer.allocate(1), null, reading);
      TimeUnit.MILLISECONDS.sleep(200);
      assertFalse(reading.isDone());
      writeFully(ends.far(), "x");
      assertEquals(1, reading.get());
    }
  }

  // -- The end of a group

  @Test
  void groupWithoutChannelsEndsAtOnce() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    group.shutdown();
    assertTrue(group.isShutdown());
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
    assertTrue(group.isTerminated());
    group.shutdown();
    group.shutdownNow();
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = ONE_GROUP)
  void groupEndsWhenItsLastChannelIsClosed() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    Ends ends = ends(group);
    group.shutdown();
    assertTrue(group.isShutdown());
    assertFalse(group.awaitTermination(50, TimeUnit.MILLISECONDS));
    assertThrows(ShutdownChannelGroupException.class, () -> openAsynchronous(group));
    assertThrows(ShutdownChannelGroupException.class, () -> openAsynchronousListener(group));
    writeFully(ends.far(), "still works");
    assertReads("still works", ends.near());
    ends.near().close();
    assertFalse(group.isTerminated());
    ends.far().close();
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
  }

  @Test
  void channelOfAGroupThatIsShutDownStillConnects() throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    AsynchronousChannelGroup group = fixedGroup(1);
    AsynchronousSocketChannel channel = openAsynchronous(group);
    AsynchronousSocketChannel toTcp = openAsynchronous(group);
    group.shutdown();
    get(channel.connect(listener.getLocalAddress()));
    writeFully(channel, "x");
    assertReads("x", closing(get(listener.accept())));
    try (ServerSocketChannel plain = JdkTransport.PROVIDER.openServerSocketChannel()) {
      plain.bind(transport.bindAddress());
      get(toTcp.connect(plain.getLocalAddress()));
      Future<Integer> reading = toTcp.read(ByteBuffer.allocate(1));
      SocketChannel accepted = accept(plain);
      writeFully(accepted, "y");
      assertEquals(1, get(reading));
    }
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenerOfAGroupThatIsShutDownAcceptsNobody() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    AsynchronousServerSocketChannel listener = listenAsynchronously(group);
    Future<AsynchronousSocketChannel> first = listener.accept();
    group.shutdown();
    assertRefusesAConnection(listener, first);
    Future<AsynchronousSocketChannel> second = listener.accept();
    assertFalse(second.isDone());
    assertRefusesAConnection(listener, second);
    assertFalse(group.awaitTermination(50, TimeUnit.MILLISECONDS));
  }

  private void assertRefusesAConnection(
      AsynchronousServerSocketChannel listener, Future<AsynchronousSocketChannel> accepting)
      throws Exception {
    SocketChannel client = connectTo(listener.getLocalAddress());
    IOException failed = failure(IOException.class, accepting);
    assertInstanceOf(ShutdownChannelGroupException.class, failed.getCause());
    assertEndOfStream(client);
  }

  @Test
  @Here(Here.End.LISTENER)
  void listenerOfAGroupThatIsShutDownAcceptsNobodyWhoIsQueued() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(1);
    AsynchronousServerSocketChannel listener = listenAsynchronously(group);
    group.shutdown();
    SocketChannel client = connectTo(listener.getLocalAddress());
    IOException failed = failure(IOException.class, listener.accept());
    assertInstanceOf(ShutdownChannelGroupException.class, failed.getCause());
    assertEndOfStream(client);
    SocketChannel other = connectTo(listener.getLocalAddress());
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept(null, accepting);
    assertInstanceOf(
        ShutdownChannelGroupException.class, accepting.failure(IOException.class).getCause());
    assertEndOfStream(other);
  }

  @Test
  @Here(
      value = {Here.End.LISTENER, Here.End.SOCKET},
      why = ONE_GROUP)
  void shutdownNowClosesAllChannels() throws Exception {
    AsynchronousChannelGroup group = fixedGroup(2);
    AsynchronousServerSocketChannel listener = listenAsynchronously(group);
    Ends ends = ends(group);
    Completion<AsynchronousSocketChannel> accepting = new Completion<>();
    listener.accept(null, accepting);
    Completion<Integer> reading = new Completion<>();
    ends.near().read(ByteBuffer.allocate(1), null, reading);
    Future<Integer> waiting = ends.far().read(ByteBuffer.allocate(1));
    group.shutdownNow();
    accepting.failure(AsynchronousCloseException.class);
    // Either end may be closed first; the other one may then see the end of the stream.
    Integer read = reading.outcome(AsynchronousCloseException.class);
    assertTrue(read == null || read == -1, () -> "read " + read);
    awaitTrue("the other end's read ends", waiting::isDone);
    assertFalse(ends.near().isOpen());
    assertFalse(ends.far().isOpen());
    assertFalse(listener.isOpen());
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
  }

  @Test
  void groupsGiveTheirDescriptorsBack() throws Exception {
    for (int i = 0; i < 5; i++) {
      openAndEnd();
    }
    int before = Descriptors.count();
    for (int i = 0; i < 50; i++) {
      openAndEnd();
    }
    awaitTrue("descriptors are given back", () -> Descriptors.count() <= before + 20);
  }

  private void openAndEnd() throws Exception {
    AsynchronousChannelGroup group = asynchronous().openAsynchronousChannelGroup(1, groupThreads());
    AsynchronousServerSocketChannel listener =
        asynchronous().openAsynchronousServerSocketChannel(group).bind(transport.bindAddress());
    Future<AsynchronousSocketChannel> accepting = listener.accept();
    AsynchronousSocketChannel channel = asynchronous().openAsynchronousSocketChannel(group);
    get(channel.connect(listener.getLocalAddress()));
    get(accepting);
    group.shutdownNow();
    assertTrue(group.awaitTermination(20, TimeUnit.SECONDS));
  }
}
