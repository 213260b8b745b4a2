package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanConnection;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Blocking reads and writes on a connection that has none. */
public final class Flow {
  private Flow() {}

  public static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  public static void write(SanConnection to, byte[] bytes) throws IOException {
    ByteBuffer src = ByteBuffer.wrap(bytes);
    try (BellSeat seat = BellSeat.of(Listening.provider())) {
      write(to, src, seat);
    }
  }

  public static void write(SanConnection to, ByteBuffer src, BellSeat seat) throws IOException {
    while (src.hasRemaining()) {
      if (to.write(src) == 0) {
        assertNotEquals(0, seat.await(to, NetworkEvent.WRITE, Listening.MILLIS), "no credit");
      }
    }
  }

  /** Writes what is taken without waiting; returns how much that was. */
  public static int writeNow(SanConnection to, byte[] bytes) throws IOException {
    ByteBuffer src = ByteBuffer.wrap(bytes);
    int total = 0;
    for (int n = to.write(src); n > 0; n = to.write(src)) {
      total += n;
    }
    return total;
  }

  /** Reads {@code count} bytes, or fewer if the stream ends. */
  public static byte[] read(SanConnection from, int count) throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(count);
    try (BellSeat seat = BellSeat.of(Listening.provider())) {
      while (dst.hasRemaining()) {
        int n = read(from, dst, seat);
        if (n < 0) {
          break;
        }
      }
    }
    byte[] bytes = new byte[dst.position()];
    dst.flip().get(bytes);
    return bytes;
  }

  /** Reads at least one byte; -1 at the end of the stream. */
  public static int read(SanConnection from, ByteBuffer dst, BellSeat seat) throws IOException {
    while (true) {
      int n = from.read(dst);
      if (n != 0) {
        return n;
      }
      assertNotEquals(0, seat.await(from, NetworkEvent.READ, Listening.MILLIS), "nothing to read");
    }
  }

  public static void assertEnd(SanConnection from) throws IOException {
    assertEquals(0, read(from, 1).length, "bytes instead of the end of the stream");
  }

  /** The link was ended for what the peer did: what has come need not be all there was. */
  public static void assertReset(SanConnection from) {
    SocketException e = assertThrows(SocketException.class, () -> read(from, 1));
    assertEquals("Connection reset", e.getMessage());
  }

  /** One byte each way. */
  public static void assertEchoes(Listening.Pair pair) throws IOException {
    write(pair.client(), "?".getBytes(StandardCharsets.US_ASCII));
    assertEquals('?', read(pair.server(), 1)[0]);
    write(pair.server(), "!".getBytes(StandardCharsets.US_ASCII));
    assertEquals('!', read(pair.client(), 1)[0]);
  }

  /** KiB of shared memory that the provider's process owns. */
  public static int usedKiB(ShmProvider provider) {
    return Integer.parseInt(provider.describe().replaceAll(".* (\\d+) KiB of .*", "$1"));
  }

  /**
   * Sockets, memory and the like that are open. Bells and their wires are not counted: tests share
   * their seats, and each link has a wire of each that has waited for it.
   */
  public static int descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.filter(fd -> !isOfABell(fd)).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isOfABell(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString().startsWith("anon_inode:[event");
    } catch (IOException e) {
      // Closed meanwhile.
      return true;
    }
  }

  /** Fails for what another thread has failed for. */
  public static void rethrow(Throwable failure) {
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
  }

  /** Waits for what another thread brings about without telling. */
  public static void eventually(int millis, BooleanSupplier condition, String what)
      throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      Thread.sleep(5);
    }
  }
}
