package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.SanConnection;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.pipe.PipeReader;
import io.twinport.ucx.stream.Blocks;
import io.twinport.ucx.stream.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What another host can send, as a fuzzer makes it up: frames, and either side's part of the
 * handshake. An input's first byte says how long the pieces are in which the rest arrives. Without
 * {@code JAZZER_FUZZ} the kept inputs are run. A fuzzer runs one test in a JVM, so each has a
 * class.
 */
abstract class PipeFuzz {
  static MemoryDriver near;
  static MemoryDriver far;

  /** A connection between others. */
  private static UcxConnection client;

  private static UcxConnection server;

  /** What the forger hears. */
  private static final class Deaf implements PipeReader {
    @Override
    public void received(long address, int length) {
      assertTrue(length > 0, "nothing is received");
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {}
  }

  @BeforeAll
  static void begin() {
    near = MemoryDriver.calm();
    far = MemoryDriver.calm();
    MemoryPipe pipe = MemoryPipe.between(near, far);
    client = Pair.connection(pipe, 1, 2);
    server = Pair.connection(pipe.peer(), 2, 1);
  }

  @AfterAll
  static void end() {
    client.close();
    server.close();
    near.settle(far);
    near.close();
    far.close();
  }

  static MemoryPipe forged() {
    MemoryPipe pipe = MemoryPipe.between(near, far);
    near.run(() -> pipe.reader(new Deaf()));
    return pipe;
  }

  @FunctionalInterface
  interface Use {
    void run() throws IOException;
  }

  /** Sends piece by piece; between two the victim is used, which may fail. */
  static void send(MemoryPipe pipe, byte[] input, Use use) {
    int length = input.length < 1 || input[0] == 0 ? input.length : input[0] & 0xff;
    for (int at = 1; at < input.length; at += length) {
      byte[] piece = Arrays.copyOfRange(input, at, Math.min(input.length, at + length));
      near.run(() -> pipe.sendRaw(piece));
      near.settle(far);
      try {
        use.run();
      } catch (IOException e) {
        assertTrue(e.getMessage() != null, "a failure without a word");
      }
    }
  }

  /** Reads what there is, and closes. */
  static void close(SanConnection victim) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
    try {
      for (int i = 0; victim.read(buffer.clear()) > 0; i++) {
        assertTrue(i < Frames.WINDOW, "bytes without end");
      }
    } catch (IOException e) {
      assertTrue(e.getMessage() != null, "a failure without a word");
    }
    victim.readyEvents(-1);
    victim.close();
  }

  /** Once the pipe is cut nothing is left of it, and others' bytes are right. */
  static void over(MemoryPipe pipe) throws IOException {
    near.run(pipe::abort);
    near.settle(far);
    near.checkNothingFailed();
    far.checkNothingFailed();
    assertEquals(0, near.chunks().inUse(), "chunks");
    assertEquals(0, far.chunks().inUse(), "chunks");
    byte[] bytes = Pair.bytes(1, 100);
    Pair.write(client, bytes);
    assertArrayEquals(bytes, Pair.read(server, bytes.length));
    int now = Blocks.inUse();
    assertTrue(now <= 2, () -> "blocks: " + now);
  }
}
