package io.twinport.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Asynchronous connects over TCP that wait in the kernel and are refused then: each of them closes
 * a descriptor, whose number the next connection of the group may have at once.
 */
class RefusedConnectsTest {
  private static final int WAITING = 2000;
  private static final int OTHERS = 8;
  private static final int PATIENCE_SECONDS = 30;

  private final AsynchronousChannelProvider channels =
      TwinAsynchronousChannelProvider.of(Switch.of(Settings.of(Map.of("providers", "none"))));
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T closing(T opened) {
    open.add(opened);
    return opened;
  }

  private ServerSocket listen(int backlog) throws IOException {
    return closing(new ServerSocket(0, backlog, InetAddress.getLoopbackAddress()));
  }

  @Test
  void takeNoDescriptorFromAnother() throws Exception {
    ServerSocket full = listen(1);
    List<Future<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < WAITING; i++) { // Behind the first few, Linux drops what asks.
      waiting.add(
          closing(channels.openAsynchronousSocketChannel(null))
              .connect(full.getLocalSocketAddress()));
    }
    ServerSocket echo = listen(50);
    Thread server = new Thread(() -> echo(echo), "echo");
    server.start();
    full.close(); // Asked again after a second, Linux refuses.
    int refused = 0;
    ExecutorService others = Executors.newFixedThreadPool(OTHERS);
    List<Future<Integer>> exchanges = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      exchanges.add(
          others.submit(
              () -> {
                int count = 0;
                while (waiting.stream().anyMatch(connect -> !connect.isDone())) {
                  exchange((InetSocketAddress) echo.getLocalSocketAddress());
                  count++;
                }
                return count;
              }));
    }
    for (Future<Integer> each : exchanges) {
      assertTrue(each.get() > 0);
    }
    others.shutdown();
    for (Future<Void> connect : waiting) {
      try {
        connect.get();
      } catch (ExecutionException e) {
        refused++;
      }
    }
    assertTrue(refused > WAITING / 2, "refused: " + refused);
    echo.close();
    server.join();
  }

  /** A byte there and back, which the group has to tell of. */
  private void exchange(InetSocketAddress target) throws Exception {
    try (AsynchronousSocketChannel channel = channels.openAsynchronousSocketChannel(null)) {
      channel.connect(target).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      ByteBuffer answer = ByteBuffer.allocate(1);
      Future<Integer> read = channel.read(answer);
      channel.write(ByteBuffer.wrap(new byte[] {7})).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertEquals(1, read.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
      assertEquals(7, answer.get(0));
    }
  }

  private static void echo(ServerSocket listener) {
    while (true) {
      try (Socket socket = listener.accept()) {
        socket.getOutputStream().write(socket.getInputStream().read());
      } catch (IOException e) {
        return; // The test is over.
      }
    }
  }
}
