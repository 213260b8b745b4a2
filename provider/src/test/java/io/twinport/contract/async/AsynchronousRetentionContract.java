package io.twinport.contract.async;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.FullListener;
import io.twinport.contract.support.Here;
import io.twinport.contract.support.Transport;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What an operation uses is let go of once it is over, though its channel lives on. */
public abstract class AsynchronousRetentionContract extends AsynchronousContract {
  private static final long MEGABYTE = 1 << 20;

  protected AsynchronousRetentionContract(Transport transport) {
    super(transport);
  }

  /** A handler, and what its operation is given beside it. */
  private static final class Use<V> implements CompletionHandler<V, Object> {
    private final CompletableFuture<V> done = new CompletableFuture<>();
    private final Object attachment = new Object();
    private final ByteBuffer buffer;

    Use(int room) {
      buffer = ByteBuffer.allocate(room);
    }

    @Override
    public void completed(V result, Object itsAttachment) {
      done.complete(result);
    }

    @Override
    public void failed(Throwable cause, Object itsAttachment) {
      done.completeExceptionally(cause);
    }

    List<WeakReference<Object>> traces() {
      return List.of(
          new WeakReference<>(this), new WeakReference<>(attachment), new WeakReference<>(buffer));
    }
  }

  private static void assertCollected(List<WeakReference<Object>> traces) throws Exception {
    awaitTrue(
        "all is collected",
        () -> {
          System.gc();
          return traces.stream().allMatch(trace -> trace.get() == null);
        });
  }

  // A method each: nothing is on the test's stack when it returns.

  private static List<WeakReference<Object>> readAfterWaiting(Ends ends) throws Exception {
    Use<Integer> use = new Use<>(8);
    ends.near().read(use.buffer, use.attachment, use);
    writeFully(ends.far(), "late");
    assertTrue(get(use.done) > 0);
    return use.traces();
  }

  private static List<WeakReference<Object>> readWhatIsThere(Ends ends) throws Exception {
    writeFully(ends.far(), "early");
    Use<Integer> use = new Use<>(8);
    ends.near().read(use.buffer, use.attachment, use);
    assertTrue(get(use.done) > 0);
    return use.traces();
  }

  private static List<WeakReference<Object>> scatterAfterWaiting(Ends ends) throws Exception {
    Use<Long> use = new Use<>(8);
    ByteBuffer[] targets = {use.buffer};
    ends.near().read(targets, 0, 1, 20, TimeUnit.SECONDS, use.attachment, use);
    writeFully(ends.far(), "late");
    assertTrue(get(use.done) > 0);
    return use.traces();
  }

  private static List<WeakReference<Object>> write(Ends ends) throws Exception {
    Use<Integer> use = new Use<>(1);
    ends.near().write(use.buffer, use.attachment, use);
    assertEquals(1, get(use.done));
    return use.traces();
  }

  private static List<WeakReference<Object>> writeAfterWaiting(Ends ends) throws Exception {
    while (true) {
      Use<Integer> use = new Use<>((int) MEGABYTE);
      ends.near().write(use.buffer, use.attachment, use);
      if (!isCompletedSoon(use.done::isDone)) {
        readUntilEnded(ends.far(), use.done);
        assertTrue(get(use.done) > 0);
        return use.traces();
      }
    }
  }

  @Test
  void whatReadsUsedIsCollected() throws Exception {
    Ends ends = ends();
    assertCollected(readAfterWaiting(ends));
    assertCollected(scatterAfterWaiting(ends));
    // The channel may know the last read that waited until the next one does.
    assertCollected(readWhatIsThere(ends));
  }

  @Test
  void whatWritesUsedIsCollected() throws Exception {
    Ends ends = ends();
    assertCollected(write(ends));
    assertCollected(writeAfterWaiting(ends));
  }

  private List<WeakReference<Object>> connect(AsynchronousSocketChannel channel) throws Exception {
    AsynchronousServerSocketChannel listener = listenAsynchronously();
    Use<Void> use = new Use<>(0);
    channel.connect(listener.getLocalAddress(), null, use);
    get(use.done);
    return List.of(new WeakReference<>(use));
  }

  @Test
  @Here(Here.End.SOCKET)
  void handlerOfAConnectIsCollected() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    assertCollected(connect(channel));
    assertTrue(channel.isOpen());
  }

  private List<WeakReference<Object>> connectAfterWaiting(AsynchronousSocketChannel channel)
      throws Exception {
    FullListener full = fullListener();
    Use<Void> use = new Use<>(0);
    channel.connect(full.address(), null, use);
    awaitTrue(
        "it is connected",
        () -> {
          full.drain();
          return use.done.isDone();
        });
    get(use.done);
    return List.of(new WeakReference<>(use));
  }

  @Test
  @Here(Here.End.SOCKET)
  void handlerOfAConnectThatWaitedIsCollected() throws Exception {
    AsynchronousSocketChannel channel = openAsynchronous();
    assertCollected(connectAfterWaiting(channel));
    assertTrue(channel.isOpen());
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /**
   * Bytes go by way of direct memory, which a thread may keep; an operation that waits has none.
   */
  @Test
  void readsIntoHeapBuffersTakeNoDirectMemoryWhileTheyWait() throws Exception {
    int count = 20;
    AsynchronousChannelGroup group = fixedGroup(2);
    List<Ends> all = new ArrayList<>();
    List<ByteBuffer> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(ends(group));
      targets.add(ByteBuffer.allocate((int) MEGABYTE));
    }
    long before = directMemory();
    for (int round = 0; round < 30; round++) {
      List<Future<Integer>> reading = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        reading.add(all.get(i).near().read(targets.get(i).clear()));
      }
      long taken = directMemory() - before;
      assertTrue(taken < count * MEGABYTE / 2, () -> taken + " bytes");
      for (Ends ends : all) {
        writeFully(ends.far(), "X");
      }
      for (Future<Integer> one : reading) {
        assertEquals(1, get(one));
      }
    }
  }
}
