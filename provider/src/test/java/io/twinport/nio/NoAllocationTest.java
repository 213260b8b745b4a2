package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.twinport.support.SwitchFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading, writing and selecting on an established connection leave no garbage. */
@Timeout(60)
final class NoAllocationTest extends SwitchFixture {
  private static final int WARM = 20_000;
  private static final int ROUNDS = 20_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void readWriteAndSelectAllocateNothing() throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    Selector selector = selector();
    register(server, selector, SelectionKey.OP_READ);
    ByteBuffer out = ByteBuffer.allocateDirect(64);
    ByteBuffer in = ByteBuffer.allocateDirect(64);
    Consumer<SelectionKey> read =
        key -> {
          try {
            in.clear();
            assertEquals(64, server.read(in));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    rounds(WARM, client, selector, out, read);
    long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    rounds(ROUNDS, client, selector, out, read);
    long bytes = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertTrue(bytes < ROUNDS, bytes + " bytes in " + ROUNDS + " rounds");
  }

  private static void rounds(
      int count,
      SocketChannel client,
      Selector selector,
      ByteBuffer out,
      Consumer<SelectionKey> read)
      throws IOException {
    for (int i = 0; i < count; i++) {
      out.clear();
      client.write(out);
      assertEquals(1, selector.select(read));
    }
  }
}
