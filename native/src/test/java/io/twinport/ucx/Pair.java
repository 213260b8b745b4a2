package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.stream.Blocks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;

/** The two ends of a connection over a pipe in memory, each with a driver of its own. */
final class Pair implements AutoCloseable {
  private static final int MILLIS = 30_000;

  final MemoryDriver near;
  final MemoryDriver far;
  final MemoryPipe pipe;
  final UcxConnection client;
  final UcxConnection server;

  private Pair(MemoryDriver near, MemoryDriver far) {
    this.near = near;
    this.far = far;
    pipe = MemoryPipe.between(near, far);
    client = connection(pipe, 1, 2);
    server = connection(pipe.peer(), 2, 1);
  }

  static Pair calm() {
    return new Pair(MemoryDriver.calm(), MemoryDriver.calm());
  }

  static Pair wild(long seed) {
    return new Pair(MemoryDriver.wild(seed), MemoryDriver.wild(seed + 1));
  }

  static Pair of(MemoryDriver near, MemoryDriver far) {
    return new Pair(near, far);
  }

  static UcxConnection connection(MemoryPipe pipe, int port, int peerPort) {
    pipe.driver.lock();
    try {
      return new UcxConnection(pipe.driver, pipe, address(port), address(peerPort));
    } finally {
      pipe.driver.unlock();
    }
  }

  static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  void settle() {
    near.settle(far);
  }

  /** Sends, as the client's end, what no connection sends, and waits until it has arrived. */
  void sendRaw(byte[] bytes) {
    near.run(() -> pipe.sendRaw(bytes));
    settle();
  }

  /** Closes both ends, and finds that nothing is left of them. */
  @Override
  public void close() {
    client.close();
    server.close();
    settle();
    for (MemoryDriver driver : new MemoryDriver[] {near, far}) {
      assertEquals(0, driver.chunks().inUse(), "chunks");
    }
    near.run(() -> assertTrue(pipe.isOver(), "the client's pipe is closed"));
    far.run(() -> assertTrue(pipe.peer().isOver(), "the server's pipe is closed"));
    assertEquals(0, Blocks.inUse(), "blocks");
    near.close();
    far.close();
  }

  // -- blocking

  static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static void write(UcxConnection to, byte[] bytes) throws IOException {
    write(to, ByteBuffer.wrap(bytes), new PipeSeat());
  }

  static void write(UcxConnection to, ByteBuffer src, PipeSeat seat) throws IOException {
    while (src.hasRemaining()) {
      if (to.write(src) == 0) {
        assertNotEquals(0, seat.await(to, NetworkEvent.WRITE, MILLIS), "no room");
      }
    }
  }

  /** Writes what is taken, waiting for chunks but not for credit; returns how much that was. */
  int writeAll(UcxConnection to, byte[] bytes) throws IOException {
    int total = 0;
    while (total < bytes.length) {
      int n = to.write(bytes, total, bytes.length - total);
      total += n;
      if (n == 0) {
        settle();
        if (to.readyEvents(NetworkEvent.WRITE) == 0) {
          break;
        }
      }
    }
    return total;
  }

  /** Reads {@code count} bytes, or fewer if the stream ends. */
  static byte[] read(UcxConnection from, int count) throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(count);
    PipeSeat seat = new PipeSeat();
    while (dst.hasRemaining() && read(from, dst, seat) >= 0) {
      // on
    }
    byte[] bytes = new byte[dst.position()];
    dst.flip().get(bytes);
    return bytes;
  }

  /** Reads at least one byte; -1 at the end of the stream. */
  static int read(UcxConnection from, ByteBuffer dst, PipeSeat seat) throws IOException {
    while (true) {
      int n = from.read(dst);
      if (n != 0) {
        return n;
      }
      assertNotEquals(0, seat.await(from, NetworkEvent.READ, MILLIS), "nothing to read");
    }
  }

  static void assertEnd(UcxConnection from) throws IOException {
    assertEquals(0, read(from, 1).length);
    assertEquals(-1, from.read(ByteBuffer.allocate(1)));
    assertEquals(-1, from.read(new byte[1], 0, 1));
  }
}
