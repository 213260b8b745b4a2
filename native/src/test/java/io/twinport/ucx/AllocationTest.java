package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Allocation;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.SanEvent;
import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.Chunks;
import io.twinport.ucx.pipe.Pipe;
import io.twinport.ucx.pipe.PipeDriver;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that is up reads, writes and waits without allocating. */
@Timeout(60)
class AllocationTest {
  /** Runs everything in the caller, and hands what is sent back to its sender. */
  private static final class Echo implements PipeDriver, Pipe {
    private final Chunks chunks = new Chunks(1 << 16, 4);
    private PipeReader reader;
    private boolean held;

    /** A sender is not called from within a call of its own. */
    private Chunk echo;

    @Override
    public boolean tryLock() {
      boolean free = !held;
      held = true;
      return free;
    }

    @Override
    public void lock() {
      held = true;
    }

    @Override
    public void unlock() {
      Chunk chunk = echo;
      if (chunk != null) {
        echo = null;
        reader.received(chunk.address(), chunk.limit);
        chunk.giveBack();
        reader.sent();
      }
      held = false;
    }

    @Override
    public void submit(Task task) {
      throw new IllegalStateException("nobody else has the lock");
    }

    @Override
    public void signal(SanEvent event) {
      throw new IllegalStateException("there is no listener");
    }

    @Override
    public void post(Seat seat, SanTarget target) {
      if (seat != null) {
        seat.post(target);
      }
    }

    @Override
    public Timer schedule(long nanos, Runnable task) {
      return () -> {};
    }

    @Override
    public Chunks chunks() {
      return chunks;
    }

    @Override
    public void send(Chunk chunk) {
      echo = chunk;
    }

    @Override
    public int unsent() {
      return echo == null ? 0 : 1;
    }

    @Override
    public void reader(PipeReader to) {
      reader = to;
    }

    @Override
    public void close() {}

    @Override
    public void abort() {}
  }

  @Test
  void readsAndWritesAllocateNothing() {
    Echo echo = new Echo();
    UcxConnection connection = new UcxConnection(echo, echo, Pair.address(1), Pair.address(2));
    PipeSeat seat = new PipeSeat();
    byte[] array = new byte[100];
    ByteBuffer heap = ByteBuffer.allocate(5000);
    ByteBuffer direct = ByteBuffer.allocateDirect(5000);
    double perCall =
        Allocation.perCall(
            () -> {
              try {
                for (int i = 0; i < 2; i++) {
                  ByteBuffer buffer = i == 0 ? heap : direct;
                  assertEquals(0, connection.arm(NetworkEvent.READ, seat));
                  assertEquals(5000, connection.write(buffer.clear()));
                  assertEquals(NetworkEvent.READ, connection.arm(NetworkEvent.READ, seat));
                  assertEquals(5000, connection.read(buffer.clear()));
                }
                assertEquals(100, connection.write(array, 0, 100));
                assertEquals(100, connection.read(array, 0, 100));
                assertEquals(0, connection.read(array, 0, 100));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    // credits, too: 20,000 calls are some windows
    assertTrue(perCall < 1, perCall + " bytes a round");
    assertEquals(0, echo.chunks.inUse());
    connection.close();
  }
}
