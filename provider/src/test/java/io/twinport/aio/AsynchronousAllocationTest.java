package io.twinport.aio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.twinport.support.SwitchFixture;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sun.nio.ch.DefaultAsynchronousChannelProvider;
import sun.nio.ch.DefaultSelectorProvider;

/** Asynchronous channels leave no more garbage than the JDK's. */
@Timeout(60)
final class AsynchronousAllocationTest extends SwitchFixture {
  private static final int WARM = 20_000;
  private static final int ROUNDS = 20_000;

  /** How many events come one by one, and so cost an object each, differs from run to run. */
  private static final int ONE_OBJECT = 24;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Sends back what it reads, on one thread. */
  private static final class Echo implements CompletionHandler<Integer, Object> {
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    private boolean writing;

    Echo(AsynchronousSocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void completed(Integer n, Object attachment) {
      if (n < 0) {
        return;
      }
      writing = !writing;
      if (writing) {
        channel.write(buffer.flip(), null, this);
      } else {
        channel.read(buffer.clear(), null, this);
      }
    }

    @Override
    public void failed(Throwable cause, Object attachment) {
      // The test is over.
    }
  }

  @Test
  void readsAndWritesAllocateNoMoreThanTheJdks() throws Exception {
    long jdk =
        bytesPerRound(DefaultAsynchronousChannelProvider.create(), DefaultSelectorProvider.get());
    long ours = bytesPerRound(TwinAsynchronousChannelProvider.of(provider.owner()), provider);
    assertTrue(ours <= jdk + ONE_OBJECT, "the JDK's: " + jdk + " bytes a round, ours: " + ours);
  }

  private static long bytesPerRound(AsynchronousChannelProvider provider, SelectorProvider clients)
      throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    AsynchronousChannelGroup group =
        provider.openAsynchronousChannelGroup(
            1,
            task -> {
              Thread made = new Thread(task, "echo");
              made.setDaemon(true);
              thread.set(made);
              return made;
            });
    try (AsynchronousServerSocketChannel listener =
            provider.openAsynchronousServerSocketChannel(group);
        SocketChannel client = clients.openSocketChannel()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      client.connect(listener.getLocalAddress());
      AsynchronousSocketChannel server = listener.accept().get();
      Echo echo = new Echo(server);
      server.read(echo.buffer, null, echo);
      ByteBuffer buffer = ByteBuffer.allocateDirect(64);
      rounds(WARM, client, buffer);
      long before = THREADS.getThreadAllocatedBytes(thread.get().getId());
      rounds(ROUNDS, client, buffer);
      long bytes = THREADS.getThreadAllocatedBytes(thread.get().getId()) - before;
      return bytes / ROUNDS;
    } finally {
      group.shutdownNow();
    }
  }

  private static void rounds(int count, SocketChannel client, ByteBuffer buffer) throws Exception {
    for (int i = 0; i < count; i++) {
      buffer.clear();
      client.write(buffer);
      buffer.clear();
      while (buffer.hasRemaining()) {
        assertTrue(client.read(buffer) > 0);
      }
      assertEquals(64, buffer.position());
    }
  }
}
