package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.twinport.contract.support.Background;
import io.twinport.contract.support.SwitchTransport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A round trip leaves no garbage at either end, from the application's calls down to memory. */
@Timeout(60)
class RoundTripAllocationTest {
  private static final int WARM = 30_000;
  private static final int ROUNDS = 20_000;

  /** What the compilers have not come to yet allocates for a while; what is compiled, never. */
  private static final int WINDOWS = 5;

  private static final int BYTES = 64;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final ShmProvider shm = new ShmProvider();
  private final SwitchTransport transport = SwitchTransport.over(shm);

  /** One end's part of a round trip. */
  private interface Round {
    void run() throws IOException;
  }

  @Test
  void channelsAllocateNothing() throws Exception {
    try (ServerSocketChannel listener = transport.provider().openServerSocketChannel();
        SocketChannel client = transport.provider().openSocketChannel()) {
      listener.bind(anyPort());
      client.connect(listener.getLocalAddress());
      try (SocketChannel server = listener.accept()) {
        assertOnSan();
        ByteBuffer atServer = ByteBuffer.allocateDirect(BYTES);
        ByteBuffer atClient = ByteBuffer.allocateDirect(BYTES);
        assertNothingAllocated(
            () -> {
              write(client, atClient.clear());
              readAll(client, atClient.clear());
            },
            () -> {
              readAll(server, atServer.clear());
              write(server, atServer.flip());
            });
      }
    }
  }

  @Test
  void selectorsAllocateNothing() throws Exception {
    try (ServerSocketChannel listener = transport.provider().openServerSocketChannel();
        SocketChannel client = transport.provider().openSocketChannel();
        Selector ofClient = transport.provider().openSelector();
        Selector ofServer = transport.provider().openSelector()) {
      listener.bind(anyPort());
      client.connect(listener.getLocalAddress());
      try (SocketChannel server = listener.accept()) {
        assertOnSan();
        Round reply = selecting(ofServer, server);
        Round take = selecting(ofClient, client);
        ByteBuffer message = ByteBuffer.allocateDirect(BYTES);
        ByteBuffer answer = ByteBuffer.allocateDirect(BYTES);
        assertNothingAllocated(
            () -> {
              write(client, message.clear());
              take.run();
              readAll(client, message.clear());
            },
            () -> {
              reply.run();
              readAll(server, answer.clear());
              write(server, answer.flip());
            });
      }
    }
  }

  @Test
  void socketsAllocateNothing() throws Exception {
    try (ServerSocket listener = transport.newServerSocket();
        Socket client = transport.newSocket()) {
      listener.bind(anyPort());
      client.connect(listener.getLocalSocketAddress());
      try (Socket server = listener.accept()) {
        assertOnSan();
        InputStream clientIn = client.getInputStream();
        OutputStream clientOut = client.getOutputStream();
        InputStream serverIn = server.getInputStream();
        OutputStream serverOut = server.getOutputStream();
        byte[] atClient = new byte[BYTES];
        byte[] atServer = new byte[BYTES];
        assertNothingAllocated(
            () -> {
              clientOut.write(atClient, 0, BYTES);
              readAll(clientIn, atClient);
            },
            () -> {
              readAll(serverIn, atServer);
              serverOut.write(atServer, 0, BYTES);
            });
      }
    }
  }

  /** Waits until a channel can be read. */
  private static Round selecting(Selector selector, SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    Consumer<SelectionKey> readable = key -> assertTrue(key.isReadable());
    return () -> {
      while (selector.select(readable) == 0) {
        // A wakeup without news is allowed.
      }
    };
  }

  private static void write(SocketChannel channel, ByteBuffer message) throws IOException {
    assertEquals(BYTES, channel.write(message));
  }

  private static void readAll(SocketChannel channel, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      assertTrue(channel.read(message) >= 0);
    }
  }

  private static void readAll(InputStream in, byte[] message) throws IOException {
    for (int at = 0; at < BYTES; ) {
      int n = in.read(message, at, BYTES - at);
      assertTrue(n > 0);
      at += n;
    }
  }

  private static void assertNothingAllocated(Round client, Round server) throws Exception {
    Background<Long> atServer = Background.start(() -> allocatedBy(server));
    long atClient = allocatedBy(client);
    assertTrue(atClient < ROUNDS, atClient + " bytes at the client in " + ROUNDS + " rounds");
    long bytes = atServer.join();
    assertTrue(bytes < ROUNDS, bytes + " bytes at the server in " + ROUNDS + " rounds");
  }

  private static long allocatedBy(Round round) throws IOException {
    THREADS.getCurrentThreadAllocatedBytes(); // What the first call allocates is its own.
    run(WARM, round);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < WINDOWS; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      run(ROUNDS, round);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  private static void run(int rounds, Round round) throws IOException {
    for (int i = 0; i < rounds; i++) {
      round.run();
    }
  }

  /** Two ends of a connection that takes shared memory, and none of TCP's. */
  private void assertOnSan() {
    assertTrue(Flow.usedKiB(shm) > 0, shm::describe);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
