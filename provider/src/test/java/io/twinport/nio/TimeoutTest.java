package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.support.SwitchFixture;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** A waiter that spins as long as it may does not wait for longer than it was told to. */
@Timeout(20)
final class TimeoutTest extends SwitchFixture {
  private static final int MILLIS = 40;

  /** Some of which may come while others have the processors. */
  private static final int TRIES = 10;

  private static void assertTimesOutInTime(Executable call) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long start = System.nanoTime();
      assertThrows(SocketTimeoutException.class, call);
      least = Math.min(least, Duration.ofNanos(System.nanoTime() - start).toMillis());
    }
    assertTrue(least >= MILLIS && least < 2 * MILLIS - 10, least + " ms");
  }

  @Test
  void aReadThatSpins() throws Exception {
    provider = provider(Map.of("wait", "spin"), san);
    ServerSocketChannel listener = listen();
    Socket socket = connect(listener).socket();
    socket.setSoTimeout(MILLIS);
    assertTimesOutInTime(() -> socket.getInputStream().read());
  }

  @Test
  void anAcceptThatSpins() throws Exception {
    provider = provider(Map.of("wait", "spin"), san);
    ServerSocket server = listen().socket();
    server.setSoTimeout(MILLIS);
    assertTimesOutInTime(server::accept);
  }
}
