package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Memory;
import io.twinport.spi.NetworkEvent;
import io.twinport.spi.Reason;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucx.connection.Handshake;
import io.twinport.ucx.connection.UcxConnection;
import io.twinport.ucx.pipe.Chunk;
import io.twinport.ucx.pipe.PipeReader;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of the handshake: one outcome, and none that the server sees otherwise. */
@Timeout(60)
class ConnectTest {
  private final MemoryDriver near = MemoryDriver.calm();
  private MemoryDriver far = MemoryDriver.calm();
  private final UcxConnection client = new UcxConnection(Pair.address(80));
  private final List<IOException> outcomes = new ArrayList<>();
  private MemoryPipe pipe;
  private Server server;

  /** Answers HELLO, and counts what comes after. */
  private static final class Server implements PipeReader {
    private final MemoryPipe pipe;
    private final Consumer<Chunk> verdict;
    private int hello;
    private int behindHello;
    volatile int confirmed;
    volatile boolean ended;

    Server(MemoryPipe pipe, Consumer<Chunk> verdict) {
      this.pipe = pipe;
      this.verdict = verdict;
    }

    @Override
    public void received(long address, int length) {
      int rest = Math.min(length, Handshake.HELLO_BYTES - hello);
      hello += rest;
      if (rest > 0 && hello == Handshake.HELLO_BYTES && verdict != null) {
        Chunk chunk = pipe.driver.chunks().take();
        verdict.accept(chunk);
        pipe.send(chunk);
      }
      behindHello += length - rest;
      confirmed = behindHello;
    }

    @Override
    public void sent() {}

    @Override
    public void ended(IOException why) {
      ended = true;
    }
  }

  private void dial(Consumer<Chunk> verdict, int millis) {
    pipe = MemoryPipe.between(near, far);
    server = new Server(pipe.peer(), verdict);
    far.run(() -> pipe.peer().reader(server));
    near.run(() -> assertTrue(client.dialled(near, pipe, millis, outcomes::add)));
  }

  private void dial(Consumer<Chunk> verdict) {
    dial(verdict, 20_000);
    assertEquals(NetworkEvent.CONNECT, new PipeSeat().await(client, NetworkEvent.CONNECT, 20_000));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    client.close();
    near.settle(far);
    far.run(() -> pipe.peer().close());
    near.settle(far);
    assertEquals(0, near.chunks().inUse());
    near.run(() -> assertTrue(pipe.isOver()));
    assertEquals(0, near.planned());
    near.close();
    far.close();
  }

  private SanUnavailableException unavailable() {
    return assertThrows(SanUnavailableException.class, client::finishConnect);
  }

  private static void accept(Chunk chunk) {
    Handshake.putAccepted(chunk, Pair.address(4711));
  }

  @Test
  void acceptedClientIsConnectedAndConfirms() throws Exception {
    assertFalse(client.finishConnect());
    assertEquals(0, client.readyEvents(NetworkEvent.CONNECT));
    dial(ConnectTest::accept);
    assertTrue(client.finishConnect());
    assertEquals(Pair.address(4711), client.localAddress());
    assertEquals(Pair.address(80), client.remoteAddress());
    assertFalse(client.cancelConnect());
    near.settle(far);
    assertEquals(Handshake.CONFIRM_BYTES, server.confirmed);
    assertEquals(1, outcomes.size());
    assertNull(outcomes.get(0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void verdictMayComeInPieces(long seed) throws Exception {
    far.close();
    far = MemoryDriver.wild(seed);
    MemoryDriver wild = MemoryDriver.wild(seed);
    UcxConnection other = new UcxConnection(Pair.address(80));
    MemoryPipe pieces = MemoryPipe.between(wild, far);
    far.run(() -> pieces.peer().reader(new Server(pieces.peer(), ConnectTest::accept)));
    wild.run(() -> other.dialled(wild, pieces, 20_000, failure -> {}));
    assertEquals(NetworkEvent.CONNECT, new PipeSeat().await(other, NetworkEvent.CONNECT, 20_000));
    assertTrue(other.finishConnect());
    other.abort();
    wild.settle(far);
    far.run(() -> pieces.peer().close());
    wild.settle(far);
    wild.close();
    dial(ConnectTest::accept);
  }

  @Test
  void fullBacklogRefusesForGood() {
    dial(chunk -> Handshake.putRefused(chunk, null));
    ConnectException e = assertThrows(ConnectException.class, client::finishConnect);
    assertEquals("Connection refused", e.getMessage());
    assertSame(e, outcomes.get(0));
    assertTrue(client.cancelConnect());
  }

  @Test
  void serverSendsTheClientToTcpWithItsReason() {
    dial(chunk -> Handshake.putRefused(chunk, Reason.SWITCHED_OFF));
    assertEquals(Reason.SWITCHED_OFF, unavailable().reason());
    assertEquals(1, outcomes.size());
  }

  @Test
  void otherWireVersionMeansTcp() {
    dial(
        chunk -> {
          Handshake.putAccepted(chunk, Pair.address(1));
          Memory.putInt(chunk.address() + 8, Handshake.VERSION + 1);
        });
    assertEquals(Reason.WIRE_VERSION, unavailable().reason());
  }

  @Test
  void whoeverIsNoTwinMeansTcp() {
    dial(
        chunk -> {
          chunk.limit = 100;
          Memory.fill(chunk.address(), 100, (byte) 'x');
        });
    assertEquals(Reason.NO_TWIN, unavailable().reason());
  }

  @Test
  void clientWithoutAProperAddressIsNotConnected() throws Exception {
    dial(
        chunk -> {
          Handshake.putAccepted(chunk, Pair.address(1));
          Memory.putInt(chunk.address() + 52, 0);
        });
    assertEquals(Reason.PROVIDER_FAILED, unavailable().reason());
    near.settle(far);
    assertEquals(0, server.confirmed);
  }

  @Test
  void silenceIsOverInTime() throws Exception {
    dial(null, 50);
    PipeSeat seat = new PipeSeat();
    assertEquals(NetworkEvent.CONNECT, seat.await(client, NetworkEvent.CONNECT, 20_000));
    assertEquals(Reason.TIMEOUT, unavailable().reason());
    near.settle(far);
    assertTrue(server.ended);
    assertEquals(1, outcomes.size());
  }

  @Test
  void pipeThatEndsMeansTcp() throws Exception {
    dial(null, 20_000);
    pipe.cutNow();
    near.settle(far);
    assertEquals(Reason.PEER_GONE, unavailable().reason());
  }

  @Test
  void cancelledClientNeverConfirms() throws Exception {
    dial(null, 20_000);
    assertTrue(client.cancelConnect());
    near.settle(far);
    assertTrue(server.ended);
    assertEquals(0, server.confirmed);
    assertTrue(outcomes.isEmpty());
  }

  @Test
  void cancelledBeforeThereIsAPipe() throws Exception {
    UcxConnection early = new UcxConnection(Pair.address(1));
    assertTrue(early.cancelConnect());
    pipe = MemoryPipe.between(near, far);
    server = new Server(pipe.peer(), null);
    far.run(() -> pipe.peer().reader(server));
    near.run(
        () -> {
          assertFalse(early.dialled(near, pipe, 1000, outcomes::add));
          pipe.abort();
        });
    assertThrows(SanUnavailableException.class, early::finishConnect);
  }

  @Test
  void failedBeforeThereIsAPipe() throws Exception {
    UcxConnection early = new UcxConnection(Pair.address(1));
    PipeSeat seat = new PipeSeat();
    assertEquals(0, early.arm(NetworkEvent.CONNECT, seat));
    early.fail(new IOException("no library"));
    assertEquals(NetworkEvent.CONNECT, seat.await(early, NetworkEvent.CONNECT, 1000));
    SanUnavailableException e = assertThrows(SanUnavailableException.class, early::finishConnect);
    assertEquals(Reason.PROVIDER_FAILED, e.reason());
    dial(ConnectTest::accept);
  }

  /** A connect is either cancelled, and never confirmed, or up, and the server knows it. */
  @Test
  void cancellingBesideTheVerdictHasOneOutcome() throws Exception {
    dial(ConnectTest::accept);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    int up = 0;
    try {
      for (int i = 0; i < 3000; i++) {
        UcxConnection racing = new UcxConnection(Pair.address(80));
        MemoryPipe wire = MemoryPipe.between(near, far);
        Server other = new Server(wire.peer(), ConnectTest::accept);
        far.run(() -> wire.peer().reader(other));
        CountDownLatch go = new CountDownLatch(1);
        int spins = i % 1000;
        Future<Boolean> cancelled =
            thread.submit(
                () -> {
                  go.await();
                  for (int s = spins; s > 0; s--) {
                    Thread.onSpinWait();
                  }
                  return racing.cancelConnect();
                });
        go.countDown();
        near.run(
            () -> {
              if (!racing.dialled(near, wire, 20_000, failure -> {})) {
                wire.abort();
              }
            });
        boolean gaveUp = cancelled.get();
        near.settle(far);
        assertEquals(gaveUp ? 0 : Handshake.CONFIRM_BYTES, other.confirmed);
        if (!gaveUp) {
          up++;
          assertEquals(1, racing.write(ByteBuffer.wrap(new byte[1])));
        }
        racing.close();
        near.settle(far);
        far.run(() -> wire.peer().close());
        near.settle(far);
      }
    } finally {
      thread.shutdownNow();
    }
    assertTrue(up > 0 && up < 3000, up + " of 3000 were faster than the cancel");
  }
}
