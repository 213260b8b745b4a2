package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A connection that was accepted, and of which the group then can't tell. */
class UntoldAcceptTest extends SwitchFixture {
  private static final class Pool extends ThreadPoolExecutor {
    final AtomicBoolean full = new AtomicBoolean();

    Pool() {
      super(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
    }

    @Override
    public void execute(Runnable task) {
      if (full.get()) {
        throw new OutOfMemoryError("of a test");
      }
      super.execute(task);
    }
  }

  private static final class Untold implements CompletionHandler<AsynchronousSocketChannel, Void> {
    @Override
    public void completed(AsynchronousSocketChannel accepted, Void attachment) {
      throw new AssertionError("told of " + accepted);
    }

    @Override
    public void failed(Throwable failure, Void attachment) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void isClosed() throws Exception {
    AsynchronousChannelProvider asynchronous = TwinAsynchronousChannelProvider.of(provider);
    Pool pool = new Pool();
    AsynchronousChannelGroup group = asynchronous.openAsynchronousChannelGroup(pool, 1);
    try (AsynchronousServerSocketChannel listener =
            asynchronous
                .openAsynchronousServerSocketChannel(group)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel client = provider.openSocketChannel()) {
      client.connect(listener.getLocalAddress());
      pool.full.set(true);
      assertThrows(OutOfMemoryError.class, () -> listener.accept(null, new Untold()));
      pool.full.set(false);
      client.configureBlocking(false);
      assertEquals("ended", readOnce(client));
    } finally {
      group.shutdownNow();
    }
    assertEquals(List.of(), provider.registry().connections());
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
